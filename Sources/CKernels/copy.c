#include "loops.h"

// Conversions. f16 goes through float.
CR_INLINE float cr_f16_to_float(f16 v) {
    _Float16 h;
    memcpy(&h, &v, 2);
    return (float)h;
}
CR_INLINE f16 cr_float_to_f16(float f) {
    _Float16 h = (_Float16)f;
    f16 v;
    memcpy(&v, &h, 2);
    return v;
}
#define SAME(v) (v)
// Values beyond int64 are clamped and NaN becomes 0, so that no input is undefined behaviour; narrower integers take
// the low bits of that, as they do from a wider integer.
CR_INLINE i64 i64_from_double(double v) {
    return v != v ? 0 : v >= 0x1p63 ? INT64_MAX : v < -0x1p63 ? INT64_MIN : (i64)v;
}

#define CONVERT(FROM, TO, S, D, LOAD, STORE)                                              \
    CR_CLONES static void FROM##_to_##TO(long n, char *const *p, const long *s, double a, double b) { \
        (void)a, (void)b;                                                                 \
        if (s[0] == sizeof(D) && s[1] == sizeof(S)) {                                     \
            D *o = (D *)p[0];                                                             \
            const S *x = (const S *)p[1];                                                 \
            CR_VECTOR for (long i = 0; i < n; i++) o[i] = STORE(LOAD(x[i]));              \
        } else {                                                                          \
            for (long i = 0; i < n; i++)                                                  \
                *(D *)(p[0] + i * s[0]) = STORE(LOAD(*(const S *)(p[1] + i * s[1])));     \
        }                                                                                 \
    }
#define TO_BOOL(v) ((v) != 0)
#define WRAP_I32(v) ((i32)(v))
#define WRAP_I16(v) ((i16)(v))
#define WRAP_I8(v) ((i8)(v))
#define WRAP_U8(v) ((u8)(v))
#define DOUBLE_TO_I32(v) ((i32)i64_from_double(v))
#define DOUBLE_TO_I16(v) ((i16)i64_from_double(v))
#define DOUBLE_TO_I8(v) ((i8)i64_from_double(v))
#define DOUBLE_TO_U8(v) ((u8)i64_from_double(v))
#define TO_BF16(v) cr_float_to_bf16((float)(v))
#define TO_F16(v) cr_float_to_f16((float)(v))
#define FROM_FLOATING(FROM, S, LOAD)                   \
    CONVERT(FROM, f32, S, float, LOAD, (float))        \
    CONVERT(FROM, f64, S, double, LOAD, (double))      \
    CONVERT(FROM, bf16, S, bf16, LOAD, TO_BF16)        \
    CONVERT(FROM, f16, S, f16, LOAD, TO_F16)           \
    CONVERT(FROM, i64, S, i64, LOAD, i64_from_double)  \
    CONVERT(FROM, i32, S, i32, LOAD, DOUBLE_TO_I32)    \
    CONVERT(FROM, i16, S, i16, LOAD, DOUBLE_TO_I16)    \
    CONVERT(FROM, i8, S, i8, LOAD, DOUBLE_TO_I8)       \
    CONVERT(FROM, u8, S, u8, LOAD, DOUBLE_TO_U8)       \
    CONVERT(FROM, bool, S, u8, LOAD, TO_BOOL)
#define FROM_INTEGER(FROM, S)                          \
    CONVERT(FROM, f32, S, float, SAME, (float))        \
    CONVERT(FROM, f64, S, double, SAME, (double))      \
    CONVERT(FROM, bf16, S, bf16, SAME, TO_BF16)        \
    CONVERT(FROM, f16, S, f16, SAME, TO_F16)           \
    CONVERT(FROM, i64, S, i64, SAME, (i64))            \
    CONVERT(FROM, i32, S, i32, SAME, WRAP_I32)         \
    CONVERT(FROM, i16, S, i16, SAME, WRAP_I16)         \
    CONVERT(FROM, i8, S, i8, SAME, WRAP_I8)            \
    CONVERT(FROM, u8, S, u8, SAME, WRAP_U8)            \
    CONVERT(FROM, bool, S, u8, SAME, TO_BOOL)
FROM_FLOATING(f32, float, SAME)
FROM_FLOATING(f64, double, SAME)
FROM_FLOATING(bf16, bf16, cr_bf16_to_float)
FROM_FLOATING(f16, f16, cr_f16_to_float)
FROM_INTEGER(i64, i64)
FROM_INTEGER(i32, i32)
FROM_INTEGER(i16, i16)
FROM_INTEGER(i8, i8)
FROM_INTEGER(u8, u8)

#define ROW(F)                                                                                                       \
    {[CR_F32] = F##_to_f32, [CR_F64] = F##_to_f64, [CR_BF16] = F##_to_bf16, [CR_F16] = F##_to_f16,                   \
     [CR_I64] = F##_to_i64, [CR_I32] = F##_to_i32, [CR_I16] = F##_to_i16,   [CR_I8] = F##_to_i8,                     \
     [CR_U8] = F##_to_u8,   [CR_BOOL] = F##_to_bool}
static const cr_inner conversions[CR_DTYPE_COUNT][CR_DTYPE_COUNT] = {
    [CR_F32] = ROW(f32), [CR_F64] = ROW(f64), [CR_BF16] = ROW(bf16), [CR_F16] = ROW(f16), [CR_I64] = ROW(i64),
    [CR_I32] = ROW(i32), [CR_I16] = ROW(i16), [CR_I8] = ROW(i8),     [CR_U8] = ROW(u8),   [CR_BOOL] = ROW(u8)};

#define MOVE(SIZE, T)                                                                \
    CR_CLONES static void move_##SIZE(long n, char *const *p, const long *s, double a, double b) { \
        (void)a, (void)b;                                                            \
        if (s[0] == SIZE && s[1] == SIZE) {                                          \
            memcpy(p[0], p[1], (size_t)n * SIZE);                                    \
        } else if (s[0] == SIZE && s[1] == 0) {                                      \
            T v = *(const T *)p[1], *o = (T *)p[0];                                  \
            for (long i = 0; i < n; i++) o[i] = v;                                   \
        } else {                                                                     \
            for (long i = 0; i < n; i++) *(T *)(p[0] + i * s[0]) = *(const T *)(p[1] + i * s[1]); \
        }                                                                            \
    }
MOVE(1, uint8_t)
MOVE(2, uint16_t)
MOVE(4, uint32_t)
MOVE(8, uint64_t)

// A transposed copy proceeds tile by tile, so that both sides use whole cache lines. `row` is the axis along which x is
// dense, `column` the one along which the result is.
enum { TILE = 16 };
typedef struct {
    cr_loop loop;
    int row, column, size;
    long rows, columns;  // in tiles
} cr_transpose;
#define TRANSPOSE_TILE(SIZE, T)                                                                   \
    CR_INLINE void tile_##SIZE(char *o, long os, const char *x, long xs, long rows, long columns) { \
        for (long r = 0; r < rows; r++)                                                           \
            for (long c = 0; c < columns; c++) ((T *)(o + r * os))[c] = *(const T *)(x + c * xs + r * SIZE); \
    }
TRANSPOSE_TILE(1, uint8_t)
TRANSPOSE_TILE(2, uint16_t)
TRANSPOSE_TILE(4, uint32_t)
TRANSPOSE_TILE(8, uint64_t)
static void transpose_range(void *context, int64_t begin, int64_t end) {
    const cr_transpose *t = context;
    const cr_loop *l = &t->loop;
    for (; begin < end; begin++) {
        long rest = begin;
        long c = rest % t->columns * TILE;
        rest /= t->columns;
        long r = rest % t->rows * TILE;
        rest /= t->rows;
        char *o = l->data[0], *x = l->data[1];
        for (int i = l->rank - 1; i >= 0; i--) {
            if (i == t->row || i == t->column) continue;
            long index = rest % l->shape[i];
            rest /= l->shape[i];
            o += index * l->strides[0][i], x += index * l->strides[1][i];
        }
        long os = l->strides[0][t->row], xs = l->strides[1][t->column];
        long rows = l->shape[t->row] - r, columns = l->shape[t->column] - c;
        if (rows > TILE) rows = TILE;
        if (columns > TILE) columns = TILE;
        o += r * os + c * t->size, x += c * xs + r * t->size;
        switch (t->size) {
        case 1: tile_1(o, os, x, xs, rows, columns); break;
        case 2: tile_2(o, os, x, xs, rows, columns); break;
        case 4: tile_4(o, os, x, xs, rows, columns); break;
        default: tile_8(o, os, x, xs, rows, columns); break;
        }
    }
}
static bool copy_transposed(const cr_loop *l, int size) {
    int column = l->rank - 1, row = -1;
    if (l->total < 1024 || l->strides[0][column] != size || l->strides[1][column] <= size) return false;
    for (int i = 0; i < column; i++)
        if (l->strides[1][i] == size) row = i;
    if (row < 0 || l->shape[row] < 4 || l->shape[column] < 2) return false;
    cr_transpose t = {*l, row, column, size, (l->shape[row] + TILE - 1) / TILE, (l->shape[column] + TILE - 1) / TILE};
    long tiles = t.rows * t.columns * (l->total / (l->shape[row] * l->shape[column]));
    cresset_parallel_for(tiles, 128, transpose_range, &t);
    return true;
}

void cresset_copy(int32_t from, int32_t to, int32_t rank, const long *shape, cresset_operand x, cresset_operand out) {
    const cresset_operand *ops[2] = {&out, &x};
    int size[2] = {sizes[to], sizes[from]};
    cr_loop loop;
    cr_loop_init(&loop, 2, rank, shape, ops, size);
    if (from != to) {
        cr_loop_run(&loop, conversions[from][to], 0, 0);
    } else if (!copy_transposed(&loop, size[0])) {
        static const cr_inner moves[9] = {[1] = move_1, [2] = move_2, [4] = move_4, [8] = move_8};
        cr_loop_run(&loop, moves[size[0]], 0, 0);
    }
}

void cresset_fill(int32_t dtype, int32_t rank, const long *shape, cresset_operand out, double value, int64_t integer) {
    char element[8];
    static const long none[8] = {0};
    if (dtype <= CR_F16) {
        cresset_operand x = {&value, none}, o = {element, none};
        cresset_copy(CR_F64, dtype, 0, none, x, o);
    } else {
        cresset_operand x = {&integer, none}, o = {element, none};
        cresset_copy(CR_I64, dtype, 0, none, x, o);
    }
    cresset_copy(dtype, dtype, rank, shape, (cresset_operand){element, none}, out);
}

#define SELECT(SIZE, T)                                                              \
    CR_CLONES static void select_##SIZE(long n, char *const *p, const long *s, double a, double b) { \
        (void)a, (void)b;                                                            \
        for (long i = 0; i < n; i++)                                                 \
            *(T *)(p[0] + i * s[0]) = *(const u8 *)(p[1] + i * s[1]) ? *(const T *)(p[2] + i * s[2]) \
                                                                     : *(const T *)(p[3] + i * s[3]); \
    }
SELECT(1, uint8_t)
SELECT(2, uint16_t)
SELECT(4, uint32_t)
SELECT(8, uint64_t)
void cresset_select(int32_t size, int32_t rank, const long *shape, cresset_operand condition, cresset_operand x,
                    cresset_operand y, cresset_operand out) {
    const cresset_operand *ops[4] = {&out, &condition, &x, &y};
    int bytes[4] = {size, 1, size, size};
    static const cr_inner kernels[9] = {[1] = select_1, [2] = select_2, [4] = select_4, [8] = select_8};
    cr_loop loop;
    cr_loop_init(&loop, 4, rank, shape, ops, bytes);
    cr_loop_run(&loop, kernels[size], 0, 0);
}
