// Names shared by sources that are included once for each type; internal, not imported by Swift. NAME (f32, f64 or
// bf16) and REAL have the values current when a macro is used.
#pragma once
#include "kernel.h"

/// A part of a loop, compiled for the same instructions as the loop.
#define INLINE static inline __attribute__((always_inline))
/// A function's name for the type.
#define FN(name) CRESSET_JOIN(name, CRESSET_JOIN(_, NAME))
/// Loads, stores and rounds sixteen elements, or one.
#define LOAD(p) CRESSET_JOIN(CRESSET_LOAD_, NAME)(p)
#define STORE(p, v) CRESSET_JOIN(CRESSET_STORE_, NAME)(p, v)
#define ROUND(v) CRESSET_JOIN(CRESSET_ROUND_, NAME)(v)
#define GET(x) CRESSET_JOIN(CRESSET_GET_, NAME)(x)
#define PUT(x) CRESSET_JOIN(CRESSET_PUT_, NAME)(x)
/// Sixteen numbers as float64, the type of sums.
#define WIDE(v) __builtin_convertvector(v, f64x16)
/// Sixteen numbers of the computation type, at any address.
#define ANY(p) (*(const FN(vector_any) *)(p))
