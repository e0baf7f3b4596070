#include "formulas.h"

// A kernel for one operator and one dtype: S is the stored type, C the computation type, R the type of the result. The
// three common layouts (both dense, or either a single value) each have their own loop, which vectorises.
#define BINARY_KERNEL(NAME, T, S, C, R, LOAD, STORE, EXPR)                                              \
    CR_CLONES static void NAME##_##T(long n, char *const *p, const long *s, double da, double db) {     \
        C a = (C)da, b = (C)db;                                                                         \
        (void)a, (void)b;                                                                               \
        R *o = (R *)p[0];                                                                               \
        const S *px = (const S *)p[1], *py = (const S *)p[2];                                           \
        if (s[0] == sizeof(R) && s[1] == sizeof(S) && s[2] == sizeof(S)) {                              \
            CR_VECTOR for (long i = 0; i < n; i++) { C x = LOAD(px[i]), y = LOAD(py[i]); o[i] = STORE(EXPR); } \
        } else if (s[0] == sizeof(R) && s[1] == sizeof(S) && s[2] == 0) {                               \
            C y = LOAD(*py);                                                                            \
            CR_VECTOR for (long i = 0; i < n; i++) { C x = LOAD(px[i]); o[i] = STORE(EXPR); }           \
        } else if (s[0] == sizeof(R) && s[1] == 0 && s[2] == sizeof(S)) {                               \
            C x = LOAD(*px);                                                                            \
            CR_VECTOR for (long i = 0; i < n; i++) { C y = LOAD(py[i]); o[i] = STORE(EXPR); }           \
        } else {                                                                                        \
            for (long i = 0; i < n; i++) {                                                              \
                C x = LOAD(*(const S *)(p[1] + i * s[1])), y = LOAD(*(const S *)(p[2] + i * s[2]));     \
                *(R *)(p[0] + i * s[0]) = STORE(EXPR);                                                  \
            }                                                                                           \
        }                                                                                               \
    }
#define F32(NAME, EXPR) BINARY_KERNEL(NAME, f32, float, float, float, SAME, SAME, EXPR) \
    BINARY_KERNEL(NAME, bf16, bf16, float, bf16, cr_bf16_to_float, cr_float_to_bf16, EXPR)
#define F64(NAME, EXPR) BINARY_KERNEL(NAME, f64, double, double, double, SAME, SAME, EXPR)
#define INT1(NAME, T, EXPR) BINARY_KERNEL(NAME, T, T, T, T, SAME, (T), EXPR)
#define CR_INT(NAME, EXPR) INT1(NAME, i64, EXPR) INT1(NAME, i32, EXPR) INT1(NAME, i16, EXPR) INT1(NAME, i8, EXPR) \
    INT1(NAME, u8, EXPR)
#define CR_BOTH(NAME, E32, E64) F32(NAME, E32) F64(NAME, E64)
#define CR_EVERY(NAME, E) CR_BOTH(NAME, E, E) CR_INT(NAME, E)
#define CR_COMPARE(NAME, EXPR)                                                                  \
    BINARY_KERNEL(NAME, f32, float, float, u8, SAME, SAME, EXPR)                             \
    BINARY_KERNEL(NAME, bf16, bf16, float, u8, cr_bf16_to_float, SAME, EXPR)                 \
    BINARY_KERNEL(NAME, f64, double, double, u8, SAME, SAME, EXPR)                           \
    BINARY_KERNEL(NAME, i64, i64, i64, u8, SAME, SAME, EXPR)                                 \
    BINARY_KERNEL(NAME, i32, i32, i32, u8, SAME, SAME, EXPR)                                 \
    BINARY_KERNEL(NAME, i16, i16, i16, u8, SAME, SAME, EXPR)                                 \
    BINARY_KERNEL(NAME, i8, i8, i8, u8, SAME, SAME, EXPR)                                    \
    BINARY_KERNEL(NAME, u8, u8, u8, u8, SAME, SAME, EXPR)

#include "Templates/binary_formulas.h"

#define CR_OPERATOR(CASE, ...) [CR_BINARY_##CASE] = TABLE_ROW(__VA_ARGS__),
static const cr_inner table[CR_BINARY_COUNT][CR_DTYPE_COUNT] = {
#include "Templates/binary_formulas.h"
};
#define CR_OPERATOR(...) +1
_Static_assert(0
#include "Templates/binary_formulas.h"
    == CR_BINARY_COUNT, "there must be a row for each case");

cr_inner cr_binary_kernel(int32_t op, int32_t dtype) { return op < 0 ? NULL : table[op][dtype]; }

bool cresset_binary(int32_t op, int32_t dtype, int32_t result, int32_t rank, const long *shape, cresset_operand x,
                    cresset_operand y, cresset_operand out, double a, double b) {
    cr_inner inner = table[op][dtype];
    if (!inner) return false;
    const cresset_operand *ops[3] = {&out, &x, &y};
    int size[3] = {sizes[result], sizes[dtype], sizes[dtype]};
    cr_loop loop;
    cr_loop_init(&loop, 3, rank, shape, ops, size);
    cr_loop_run(&loop, inner, a, b);
    return true;
}

bool cresset_binary_in_order(int32_t op, int32_t dtype, int32_t result, long count, const void *x, const void *y,
                             void *out, double a, double b) {
    cr_inner inner = table[op][dtype];
    if (!inner) return false;
    cr_loop loop;
    loop.rank = 1, loop.operands = 3;
    loop.shape[0] = loop.total = count;
    loop.data[0] = out, loop.data[1] = (char *)x, loop.data[2] = (char *)y;
    loop.strides[0][0] = sizes[result], loop.strides[1][0] = loop.strides[2][0] = sizes[dtype];
    cr_loop_run(&loop, inner, a, b);
    return true;
}
