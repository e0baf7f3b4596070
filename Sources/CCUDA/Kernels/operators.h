// The pointwise operators as functions of stored elements, expanded from the tables that the CPU has too: real_NAME for
// floating point, whole_NAME for integers and bool. S is the type of the operands; each function computes in
// compute<S> and rounds its result to the type that is stored, so that a kernel that applies several of them to an
// element gets the bits of one kernel for each. That also needs --fmad=false: otherwise the compiler would fuse a
// product with the sum of the next operator.
#pragma once
#include "formulas.h"

#define CR_FUNCTION_OF(NAME, E) \
    template <class S> DEVICE S NAME(CR_ARGUMENTS, compute<S> a, compute<S> b, double da, double db) { \
        return store<S>((compute<S>)(E)); \
    }
#define CR_QUESTION_OF(NAME, E) \
    template <class S> DEVICE bool8 NAME(CR_ARGUMENTS, compute<S> a, compute<S> b, double da, double db) { \
        return store<bool8>((u8)(E)); \
    }
#define CR_REAL_OF(NAME, E32, E64) \
    template <class S> DEVICE S NAME(CR_ARGUMENTS, compute<S> a, compute<S> b, double da, double db) { \
        if constexpr (sizeof(compute<S>) == 8) return store<S>((compute<S>)(E64)); \
        else return store<S>((compute<S>)(E32)); \
    }

#define CR_ARGUMENTS compute<S> v
#define CR_BOTH(NAME, E32, E64) CR_REAL_OF(real_##NAME, E32, E64)
#define CR_EVERY(NAME, E) CR_FUNCTION_OF(real_##NAME, E) CR_FUNCTION_OF(whole_##NAME, E)
#define CR_INT(NAME, E) CR_FUNCTION_OF(whole_##NAME, E)
#define CR_QUESTION(NAME, FLOAT, INTEGER) CR_QUESTION_OF(real_##NAME, FLOAT) CR_QUESTION_OF(whole_##NAME, INTEGER)
#include "unary_formulas.h"
#undef CR_ARGUMENTS

#define CR_ARGUMENTS compute<S> x, compute<S> y
#define CR_BOTH(NAME, E32, E64) CR_REAL_OF(real_##NAME, E32, E64)
#define CR_EVERY(NAME, E) CR_FUNCTION_OF(real_##NAME, E) CR_FUNCTION_OF(whole_##NAME, E)
#define CR_INT(NAME, E) CR_FUNCTION_OF(whole_##NAME, E)
#define CR_COMPARE(NAME, E) CR_QUESTION_OF(real_##NAME, E) CR_QUESTION_OF(whole_##NAME, E)
#include "binary_formulas.h"
#undef CR_ARGUMENTS
