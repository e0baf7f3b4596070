// The CPU macros with which the formulas of pointwise operators are expanded.
#pragma once
#include "loops.h"

typedef uint64_t u64;
#define CR_FUNCTION static
#define CR_INFINITY INFINITY
#define CR_NAN NAN
#define CR_REAL double
#define cr_sqrtf __builtin_elementwise_sqrt
#define cr_sqrt __builtin_elementwise_sqrt
#define cr_gelu_tanh_slopef(y) ((float)cr_gelu_tanh_slope(y))
#define cr_mish_slopef(y) ((float)cr_mish_slope(y))
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function"
#include "formula_functions.h"
#pragma clang diagnostic pop

#define SAME(v) (v)
// The rows of a table: an operator's kernels by DType.
#define TABLE_ROW(F, I, B)                                                                                       \
    {[CR_F32] = F##_f32, [CR_F64] = F##_f64, [CR_BF16] = F##_bf16, [CR_I64] = I##_i64, [CR_I32] = I##_i32,       \
     [CR_I16] = I##_i16, [CR_I8] = I##_i8,   [CR_U8] = I##_u8,     [CR_BOOL] = B##_u8}
#define none_i64 0
#define none_i32 0
#define none_i16 0
#define none_i8 0
#define none_u8 0
