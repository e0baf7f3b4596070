// Definitions shared by the kernels' sources; internal, not imported by Swift.
#pragma once
#include <stdint.h>
#include <string.h>

#include "clones.h"
#include "include/cresset_enumerations.h"

// Loops over arrays of vectors, whose counts are constants: only unrolled do the vectors stay in registers.
#define CRESSET_UNROLLED _Pragma("clang loop unroll(full)")

static inline int64_t minimum(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t maximum(int64_t a, int64_t b) { return a > b ? a : b; }
/// a / b rounded up, for b > 0; 0 if a is negative.
static inline int64_t divide_up(int64_t a, int64_t b) { return a <= 0 ? 0 : (a + b - 1) / b; }

enum cresset_dtype { cresset_f32 = CR_F32, cresset_f64 = CR_F64, cresset_bf16 = CR_BF16 };

// Sixteen numbers. The compiler splits vectors wider than the machine's registers. Vectors are neither passed to
// functions nor returned, since that would depend on the level compiled for: the operations below are macros.
typedef float f32x16 __attribute__((vector_size(64)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef double f64x16 __attribute__((vector_size(128)));
typedef int64_t i64x16 __attribute__((vector_size(128)));
// The same in memory, at any address.
typedef float f32x16_any __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t u16x16_any __attribute__((vector_size(32), aligned(2), may_alias));
typedef double f64x16_any __attribute__((vector_size(128), aligned(8), may_alias));

static inline float cresset_widen_bf16(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, 4);
    return value;
}

/// Rounds to nearest, ties to even; NaN stays NaN.
static inline uint16_t cresset_narrow_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (value != value) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

// Loads and stores of sixteen elements, and of one, by type name. bfloat16 is computed in float32.
#define CRESSET_LOAD_f32(p) (*(const f32x16_any *)(p))
#define CRESSET_LOAD_f64(p) (*(const f64x16_any *)(p))
#define CRESSET_LOAD_bf16(p) ((f32x16)(__builtin_convertvector(*(const u16x16_any *)(p), u32x16) << 16))
#define CRESSET_STORE_f32(p, v) (*(f32x16_any *)(p) = (v))
#define CRESSET_STORE_f64(p, v) (*(f64x16_any *)(p) = (v))
#define CRESSET_STORE_bf16(p, v)                                                                                      \
    do {                                                                                                              \
        f32x16 cresset_value = (v);                                                                                   \
        u32x16 cresset_bits = (u32x16)cresset_value;                                                                  \
        u32x16 cresset_nan = (u32x16)(cresset_value != cresset_value);                                                \
        u32x16 cresset_rounded = cresset_bits + 0x7FFF + (cresset_bits >> 16 & 1);                                    \
        cresset_rounded = (cresset_rounded & ~cresset_nan) | ((cresset_bits | 0x400000) & cresset_nan);               \
        *(u16x16_any *)(p) = __builtin_convertvector(cresset_rounded >> 16, u16x16);                                  \
    } while (0)
// Sixteen numbers rounded as if they were stored and loaded.
#define CRESSET_ROUND_f32(v) (v)
#define CRESSET_ROUND_f64(v) (v)
#define CRESSET_ROUND_bf16(v)                                                                                         \
    ({                                                                                                                \
        uint16_t cresset_stored[16];                                                                                  \
        CRESSET_STORE_bf16(cresset_stored, v);                                                                        \
        CRESSET_LOAD_bf16(cresset_stored);                                                                            \
    })
#define CRESSET_GET_f32(x) (x)
#define CRESSET_GET_f64(x) (x)
#define CRESSET_GET_bf16(x) cresset_widen_bf16(x)
#define CRESSET_PUT_f32(x) (x)
#define CRESSET_PUT_f64(x) (x)
#define CRESSET_PUT_bf16(x) cresset_narrow_bf16(x)

#define CRESSET_JOIN_(a, b) a##b
#define CRESSET_JOIN(a, b) CRESSET_JOIN_(a, b)
