#include "formulas.h"

// A kernel `NAME_T` for one operator and one dtype: S is the stored type, C the computation type.
#define UNARY_KERNEL(NAME, T, S, C, LOAD, STORE, EXPR)                                      \
    CR_CLONES static void NAME##_##T(long n, char *const *p, const long *s, double da, double db) { \
        C a = (C)da, b = (C)db;                                                             \
        (void)a, (void)b;                                                                   \
        if (s[0] == sizeof(S) && s[1] == sizeof(S)) {                                       \
            S *o = (S *)p[0];                                                               \
            const S *x = (const S *)p[1];                                                   \
            CR_VECTOR for (long i = 0; i < n; i++) { C v = LOAD(x[i]); o[i] = STORE(EXPR); } \
        } else {                                                                            \
            for (long i = 0; i < n; i++) {                                                  \
                C v = LOAD(*(const S *)(p[1] + i * s[1]));                                  \
                *(S *)(p[0] + i * s[0]) = STORE(EXPR);                                      \
            }                                                                               \
        }                                                                                   \
    }
#define F32(NAME, EXPR) UNARY_KERNEL(NAME, f32, float, float, SAME, SAME, EXPR) \
    UNARY_KERNEL(NAME, bf16, bf16, float, cr_bf16_to_float, cr_float_to_bf16, EXPR)
#define F64(NAME, EXPR) UNARY_KERNEL(NAME, f64, double, double, SAME, SAME, EXPR)
#define CR_INT(NAME, EXPR)                                \
    UNARY_KERNEL(NAME, i64, i64, i64, SAME, (i64), EXPR)  \
    UNARY_KERNEL(NAME, i32, i32, i32, SAME, (i32), EXPR)  \
    UNARY_KERNEL(NAME, i16, i16, i16, SAME, (i16), EXPR)  \
    UNARY_KERNEL(NAME, i8, i8, i8, SAME, (i8), EXPR)      \
    UNARY_KERNEL(NAME, u8, u8, u8, SAME, (u8), EXPR)
#define CR_BOTH(NAME, E32, E64) F32(NAME, E32) F64(NAME, E64)
#define CR_EVERY(NAME, E) CR_BOTH(NAME, E, E) CR_INT(NAME, E)

#define QUESTION(NAME, T, S, C, LOAD, EXPR)                                                  \
    CR_CLONES static void NAME##_##T(long n, char *const *p, const long *s, double da, double db) { \
        (void)da, (void)db;                                                                  \
        for (long i = 0; i < n; i++) {                                                       \
            C v = LOAD(*(const S *)(p[1] + i * s[1]));                                       \
            (void)v;                                                                         \
            *(u8 *)(p[0] + i * s[0]) = (EXPR);                                               \
        }                                                                                    \
    }
#define CR_QUESTION(NAME, FLOAT, INTEGER)                               \
    QUESTION(NAME, f32, float, float, SAME, FLOAT)                    \
    QUESTION(NAME, bf16, bf16, float, cr_bf16_to_float, FLOAT)        \
    QUESTION(NAME, f64, double, double, SAME, FLOAT)                  \
    QUESTION(NAME, i64, i64, i64, SAME, INTEGER)                      \
    QUESTION(NAME, i32, i32, i32, SAME, INTEGER)                      \
    QUESTION(NAME, i16, i16, i16, SAME, INTEGER)                      \
    QUESTION(NAME, i8, i8, i8, SAME, INTEGER)                         \
    QUESTION(NAME, u8, u8, u8, SAME, INTEGER)

#include "Templates/unary_formulas.h"

#define CR_OPERATOR(CASE, ...) [CR_UNARY_##CASE] = TABLE_ROW(__VA_ARGS__),
static const cr_inner table[CR_UNARY_COUNT][CR_DTYPE_COUNT] = {
#include "Templates/unary_formulas.h"
};
#define CR_OPERATOR(...) +1
_Static_assert(0
#include "Templates/unary_formulas.h"
    == CR_UNARY_COUNT, "there must be a row for each case");

cr_inner cr_unary_kernel(int32_t op, int32_t dtype) { return op < 0 ? NULL : table[op][dtype]; }

bool cresset_unary(int32_t op, int32_t dtype, int32_t result, int32_t rank, const long *shape, cresset_operand x,
                   cresset_operand out, double a, double b) {
    cr_inner inner = table[op][dtype];
    if (!inner) return false;
    const cresset_operand *ops[2] = {&out, &x};
    int size[2] = {sizes[result], sizes[dtype]};
    cr_loop loop;
    cr_loop_init(&loop, 2, rank, shape, ops, size);
    cr_loop_run(&loop, inner, a, b);
    return true;
}
