// Switches from one stack to another: the registers that a called function must preserve are saved on the stack left.
#pragma once

extern "C" void fake_switch(void **saved, void *next);

namespace fake {

/// Prepares a stack whose first switch enters `entry`, which must not return. `top` is a multiple of 64.
inline void *freshStack(char *top, void (*entry)()) {
    void **stack = reinterpret_cast<void **>(top);
#if defined(__x86_64__)
    *--stack = nullptr;
    *--stack = reinterpret_cast<void *>(entry);
    for (int i = 0; i < 6; i++) *--stack = nullptr;
#elif defined(__aarch64__)
    for (int i = 0; i < 20; i++) *--stack = nullptr;
    stack[1] = reinterpret_cast<void *>(entry);
#else
#error "the fake driver supports x86-64 and AArch64"
#endif
    return stack;
}

}  // namespace fake
