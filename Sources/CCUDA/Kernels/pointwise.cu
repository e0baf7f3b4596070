// Pointwise operators. A unit is one operator on one type in one layout:
//   OPERATOR   the name of its formula
//   INPUTS     1 or 2 operands; 3: condition ? x : y, where STORED is an integer of the elements' size
//   STORED     the type of the operands
//   RESULT     that of the result
//   COMPUTED   the type computed in: 0 float32, 1 float64, 2 integers
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

#include "formulas.h"

typedef compute<STORED> C;
#if INPUTS == 1
#define ARGUMENTS C v
#else
#define ARGUMENTS C x, C y
#endif
#define FORMULA(NAME, E) DEVICE STORED op_##NAME(ARGUMENTS, C a, C b, double da, double db) { return store<STORED>((C)(E)); }
#define TRUTH(NAME, E) DEVICE bool8 op_##NAME(ARGUMENTS, C a, C b, double da, double db) { return store<bool8>((u8)(E)); }
#if COMPUTED == 0
#define CR_BOTH(NAME, E32, E64) FORMULA(NAME, E32)
#define CR_EVERY(NAME, E) FORMULA(NAME, E)
#define CR_INT(NAME, E)
#define CR_QUESTION(NAME, FLOAT, INTEGER) TRUTH(NAME, FLOAT)
#elif COMPUTED == 1
#define CR_BOTH(NAME, E32, E64) FORMULA(NAME, E64)
#define CR_EVERY(NAME, E) FORMULA(NAME, E)
#define CR_INT(NAME, E)
#define CR_QUESTION(NAME, FLOAT, INTEGER) TRUTH(NAME, FLOAT)
#else
#define CR_BOTH(NAME, E32, E64)
#define CR_EVERY(NAME, E) FORMULA(NAME, E)
#define CR_INT(NAME, E) FORMULA(NAME, E)
#define CR_QUESTION(NAME, FLOAT, INTEGER) TRUTH(NAME, INTEGER)
#endif
#define CR_COMPARE(NAME, E) TRUTH(NAME, E)
#if INPUTS == 1
#include "unary_formulas.h"
#else
#include "binary_formulas.h"
#endif

#define JOINED(a, b) a##b
#define NAMED(name) JOINED(op_, name)

struct Op {
    static constexpr int inputs = INPUTS;
    typedef STORED In0, In1;
    typedef u8 In2;
    typedef RESULT Out;
    double da, db;
#if INPUTS == 1
    DEVICE Out operator()(STORED v, STORED, u8) const { return NAMED(OPERATOR)(load(v), (C)da, (C)db, da, db); }
#else
    DEVICE Out operator()(STORED x, STORED y, u8) const { return NAMED(OPERATOR)(load(x), load(y), (C)da, (C)db, da, db); }
#endif
};

#endif

KERNEL(pointwise, elementwise_threads)(cresset_elementwise p) {
#if INPUTS == 3
    Op op;
#else
    Op op = {p.a, p.b};
#endif
    walk_elements<LAYOUT>(p, op);
}
EXPORT(pointwise)
