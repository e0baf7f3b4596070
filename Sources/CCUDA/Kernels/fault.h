// What a kernel finds wrong in its operands: the program looks for it after every wait for the device.
#pragma once

typedef struct {
    // The number of the rule that was broken.
    long long rule;
    // Where the first fault is recorded: {rule, value}, in host memory.
    volatile long long *words;
} cresset_fault_report;

#ifdef DEVICE
// Several threads may get here: they write the same rule, and one of their values remains.
DEVICE void record_fault(const cresset_fault_report &report, i64 value) {
    if (report.words[0] != 0) return;
    report.words[1] = value;
    report.words[0] = report.rule;
}
#endif
