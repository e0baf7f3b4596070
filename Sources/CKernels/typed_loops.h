// Names that sources included once for each type share; not for Swift. NAME (f32, f64 or bf16) and REAL are those of the
// moment at which a macro is used.
#pragma once
#include "kernel.h"

/// A function's name for the type.
#define FN(name) CRESSET_JOIN(name, CRESSET_JOIN(_, NAME))
/// Sixteen elements from memory and to it; one element.
#define LOAD(p) CRESSET_JOIN(CRESSET_LOAD_, NAME)(p)
#define STORE(p, v) CRESSET_JOIN(CRESSET_STORE_, NAME)(p, v)
#define GET(x) CRESSET_JOIN(CRESSET_GET_, NAME)(x)
#define PUT(x) CRESSET_JOIN(CRESSET_PUT_, NAME)(x)
/// Sixteen numbers as float64, in which sums are kept.
#define WIDE(v) __builtin_convertvector(v, f64x16)
/// Sixteen numbers of the type computed with, anywhere in memory.
#define ANY(p) (*(const FN(vector_any) *)(p))
