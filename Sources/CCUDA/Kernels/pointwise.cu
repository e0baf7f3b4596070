// Pointwise operators. A unit is one operator on one type in one layout:
//   OPERATOR   its function in operators.h
//   INPUTS     1 or 2 operands; 3: condition ? x : y, where STORED is an integer of the elements' size
//   STORED     the type of the operands
//   RESULT     that of the result
//   LAYOUT     as in elementwise.h
#include "device.h"
#include "pointwise.h"

#if INPUTS == 3

struct Op {
    static constexpr int inputs = 3;
    typedef u8 In0;
    typedef STORED In1, In2, Out;
    DEVICE Out operator()(u8 condition, STORED x, STORED y) const { return condition ? x : y; }
};

#else

#include "operators.h"

// Whether OPERATOR has no result for a divisor of zero.
#define DIVIDES_whole_floor_divide 1
#define DIVIDES_whole_truncate_divide 1
#define DIVIDES_whole_remainder 1
#define DIVIDES_whole_fmod 1
#define JOINED(a, b) a##b
#define DIVIDES(name) JOINED(DIVIDES_, name)

struct Op {
    static constexpr int inputs = INPUTS;
    typedef STORED In0, In1;
    typedef u8 In2;
    typedef RESULT Out;
    typedef compute<STORED> C;
    double a, b;
    cresset_fault_report report;
#if INPUTS == 1
    DEVICE Out operator()(STORED v, STORED, u8) const { return OPERATOR<STORED>(load(v), (C)a, (C)b, a, b); }
#else
    DEVICE Out operator()(STORED x, STORED y, u8) const {
#if DIVIDES(OPERATOR)
        if (load(y) == 0) record_fault(report, 0);
#endif
        return OPERATOR<STORED>(load(x), load(y), (C)a, (C)b, a, b);
    }
#endif
};

#endif

KERNEL_WITH_ROOM(pointwise, elementwise_threads, sizeof(STORED) == 8 ? 4 : 0)(cresset_elementwise p) {
#if INPUTS == 3
    Op op;
#else
    Op op = {p.a, p.b, p.report};
#endif
    walk_elements<LAYOUT>(p, op);
}
EXPORT(pointwise)
