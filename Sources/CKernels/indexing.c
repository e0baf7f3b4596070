// Gathering and scattering along one axis.
#include "lines.h"

// If the axes after the one worked along are dense, their elements (columns) are processed side by side; they may all
// share the same index.
typedef struct {
    const cr_lines *l;
    long columns;
    bool shares_index;
} cr_columns;

// Whether the axes after `axis` form one dense axis (or, if `step` is 0, one repeated index).
static bool merges(const cr_lines *l, const long *strides, long step) {
    for (int i = l->rank - 1; i > l->axis; i--) {
        if (l->shape[i] != 1 && strides[i] != step) return false;
        step *= l->shape[i];
    }
    return true;
}
// The columns of a walk; 1 if it has to proceed line by line. `x`, `out` and `third` (the index) are considered.
static cr_columns columns_of(const cr_lines *l) {
    cr_columns c = {l, 1, merges(l, l->third.strides, 0)};
    if (!merges(l, l->x.strides, 1) || !merges(l, l->out.strides, 1)) return c;
    if (!c.shares_index && !merges(l, l->third.strides, 1)) return c;
    for (int i = l->axis + 1; i < l->rank; i++) c.columns *= l->shape[i];
    return c;
}
// Where the columns numbered `outer` of a tensor begin.
static long columns_offset(const cr_lines *l, const long *strides, long outer) {
    long offset = 0;
    for (int i = l->axis - 1; i >= 0; i--) {
        offset += outer % l->shape[i] * strides[i];
        outer /= l->shape[i];
    }
    return offset;
}

static void gather_lines(void *context, int64_t begin, int64_t end) {
    const cr_lines *l = context;
    long n = l->shape[l->axis], sx = l->x.strides[l->axis], so = l->out.strides[l->axis];
    long si = l->third.strides[l->axis];
    int size = l->dtype;
    for (; begin < end; begin++) {
        const char *x = (const char *)l->x.data + size * line_offset(l->rank, l->shape, l->axis, l->x.strides, begin);
        char *o = (char *)l->out.data + size * line_offset(l->rank, l->shape, l->axis, l->out.strides, begin);
        const i64 *index = l->third.data;
        index += line_offset(l->rank, l->shape, l->axis, l->third.strides, begin);
        switch (size) {
        case 4: for (long i = 0; i < n; i++) ((uint32_t *)o)[i * so] = ((const uint32_t *)x)[index[i * si] * sx]; break;
        case 8: for (long i = 0; i < n; i++) ((uint64_t *)o)[i * so] = ((const uint64_t *)x)[index[i * si] * sx]; break;
        case 2: for (long i = 0; i < n; i++) ((uint16_t *)o)[i * so] = ((const uint16_t *)x)[index[i * si] * sx]; break;
        default: for (long i = 0; i < n; i++) o[i * so] = x[index[i * si] * sx]; break;
        }
    }
}
// Rows of columns that share their index, numbered over all positions before the axis.
static void gather_rows(void *context, int64_t begin, int64_t end) {
    const cr_columns *c = context;
    const cr_lines *l = c->l;
    long n = l->shape[l->axis];
    size_t size = (size_t)l->dtype;
    for (; begin < end; begin++) {
        long outer = begin / n, i = begin % n;
        long at = columns_offset(l, l->third.strides, outer) + i * l->third.strides[l->axis];
        i64 place = ((const i64 *)l->third.data)[at];
        long from = columns_offset(l, l->x.strides, outer) + place * l->x.strides[l->axis];
        long to = columns_offset(l, l->out.strides, outer) + i * l->out.strides[l->axis];
        memcpy((char *)l->out.data + (size_t)to * size, (const char *)l->x.data + (size_t)from * size,
               (size_t)c->columns * size);
    }
}
// Columns with an index each, side by side as in scattering.
static void gather_columns(void *context, int64_t begin, int64_t end) {
    const cr_columns *c = context;
    const cr_lines *l = c->l;
    long n = l->shape[l->axis], size = l->dtype, sx = l->x.strides[l->axis];
    while (begin < end) {
        long outer = begin / c->columns, first = begin % c->columns;
        long count = c->columns - first < end - begin ? c->columns - first : end - begin;
        const char *x = (const char *)l->x.data + size * (columns_offset(l, l->x.strides, outer) + first);
        char *out = (char *)l->out.data + size * (columns_offset(l, l->out.strides, outer) + first);
        const i64 *index = (const i64 *)l->third.data + columns_offset(l, l->third.strides, outer) + first;
        for (long i = 0; i < n; i++) {
            const i64 *place = index + i * l->third.strides[l->axis];
            char *o = out + size * i * l->out.strides[l->axis];
#define GATHER(T) for (long k = 0; k < count; k++) ((T *)o)[k] = ((const T *)x)[place[k] * sx + k]
            switch (size) {
            case 4: GATHER(uint32_t); break;
            case 8: GATHER(uint64_t); break;
            case 2: GATHER(uint16_t); break;
            default: GATHER(uint8_t); break;
            }
        }
        begin += count;
    }
}
void cresset_gather(int32_t size, int32_t rank, const long *shape, int32_t axis, cresset_operand x,
                    cresset_operand index, cresset_operand out) {
    cr_lines l = {0, size, rank, axis, shape, x, out, index, false};
    long lines = line_count(rank, shape, axis), n = shape[axis];
    cr_columns c = columns_of(&l);
    if (c.columns > 1 && c.shares_index)
        cresset_parallel_for(lines / c.columns * n, CR_GRAIN / c.columns + 1, gather_rows, &c);
    else if (c.columns > 1)
        cresset_parallel_for(lines, (CR_GRAIN / (n + 1) / 16 + 1) * 16, gather_columns, &c);
    else
        cresset_parallel_for(lines, CR_GRAIN / (n + 1) + 1, gather_lines, &l);
}

// Adds one more element at each of `count` positions: o[k * so + i[k * si] * sp] = op(that, x[k * sx]).
typedef void (*cr_scatter)(int op, long count, char *o, long so, long sp, const char *x, long sx, const i64 *i,
                           long si);
#define PLACE(S) ((S *)o)[k * so + i[k * si] * sp]
#define EACH(S, VALUE)                                                                              \
    if (sp == 0 && so == 1 && sx == 1) {                                                            \
        CR_VECTOR for (long k = 0; k < count; k++) {                                                \
            S v = ((const S *)x)[k], old = ((S *)o)[k];                                             \
            ((S *)o)[k] = (S)(VALUE);                                                               \
        }                                                                                           \
        return;                                                                                     \
    }                                                                                               \
    for (long k = 0; k < count; k++) {                                                              \
        S v = ((const S *)x)[k * sx], old = PLACE(S);                                               \
        PLACE(S) = (S)(VALUE);                                                                      \
    }                                                                                               \
    return
#define SCATTER(T, S, LOAD, STORE, A, ADD, MULTIPLY)                                                \
    CR_CLONES static void scatter_##T(int op, long count, char *o, long so, long sp, const char *x, long sx, \
                                      const i64 *i, long si) {                                      \
        switch (op) {                                                                               \
        case ASSIGN: for (long k = 0; k < count; k++) PLACE(S) = ((const S *)x)[k * sx]; return;    \
        case ADDITION: EACH(S, STORE((A)LOAD(old) ADD (A)LOAD(v)));                                 \
        case MULTIPLICATION: EACH(S, STORE((A)LOAD(old) MULTIPLY (A)LOAD(v)));                      \
        /* NaN is more extreme than anything. */                                                    \
        case LARGEST: EACH(S, LOAD(v) > LOAD(old) || LOAD(v) != LOAD(v) ? v : old);                 \
        default: EACH(S, LOAD(v) < LOAD(old) || LOAD(v) != LOAD(v) ? v : old);                      \
        }                                                                                           \
    }
enum {
    ASSIGN = CR_SCATTER_assign, ADDITION = CR_SCATTER_add, MULTIPLICATION = CR_SCATTER_multiply,
    LARGEST = CR_SCATTER_maximum, SMALLEST = CR_SCATTER_minimum
};
#define SAME(v) (v)
// Integers wrap around.
SCATTER(f32, float, SAME, SAME, float, +, *)
SCATTER(f64, double, SAME, SAME, double, +, *)
SCATTER(bf16, bf16, cr_bf16_to_float, cr_float_to_bf16, float, +, *)
SCATTER(i64, i64, SAME, SAME, uint64_t, +, *)
SCATTER(i32, i32, SAME, SAME, uint32_t, +, *)
SCATTER(i16, i16, SAME, SAME, uint32_t, +, *)
SCATTER(i8, i8, SAME, SAME, uint32_t, +, *)
SCATTER(u8, u8, SAME, SAME, uint32_t, +, *)
SCATTER(bool, u8, SAME, SAME, uint32_t, |, &)
// float16 is only moved.
static const cr_scatter scatters[CR_DTYPE_COUNT] = {
    [CR_F32] = scatter_f32, [CR_F64] = scatter_f64, [CR_BF16] = scatter_bf16, [CR_F16] = scatter_i16,
    [CR_I64] = scatter_i64, [CR_I32] = scatter_i32, [CR_I16] = scatter_i16,   [CR_I8] = scatter_i8,
    [CR_U8] = scatter_u8,   [CR_BOOL] = scatter_bool};

// Lines of the result are disjoint, so threads may divide them and repeated indices are still applied in order.
static void scatter_lines(void *context, int64_t begin, int64_t end) {
    const cr_lines *l = context;
    long n = l->shape[l->axis], size = sizes[l->dtype];
    for (; begin < end; begin++) {
        const char *x = (const char *)l->x.data + size * line_offset(l->rank, l->shape, l->axis, l->x.strides, begin);
        char *o = (char *)l->out.data + size * line_offset(l->rank, l->shape, l->axis, l->out.strides, begin);
        const i64 *index = l->third.data;
        index += line_offset(l->rank, l->shape, l->axis, l->third.strides, begin);
        scatters[l->dtype](l->op, n, o, 0, l->out.strides[l->axis], x, l->x.strides[l->axis], index,
                           l->third.strides[l->axis]);
    }
}
// The same for adjacent lines, numbered over all positions before the axis: element by element along the axis, so that
// memory is read in order.
static void scatter_columns(void *context, int64_t begin, int64_t end) {
    const cr_columns *c = context;
    const cr_lines *l = c->l;
    long n = l->shape[l->axis], size = sizes[l->dtype];
    while (begin < end) {
        long outer = begin / c->columns, first = begin % c->columns;
        long count = c->columns - first < end - begin ? c->columns - first : end - begin;
        const char *x = (const char *)l->x.data + size * (columns_offset(l, l->x.strides, outer) + first);
        char *o = (char *)l->out.data + size * (columns_offset(l, l->out.strides, outer) + first);
        const i64 *index = (const i64 *)l->third.data + columns_offset(l, l->third.strides, outer);
        if (!c->shares_index) index += first;
        for (long i = 0; i < n; i++) {
            const i64 *place = index + i * l->third.strides[l->axis];
            const char *from = x + size * i * l->x.strides[l->axis];
            if (c->shares_index)
                scatters[l->dtype](l->op, count, o + size * *place * l->out.strides[l->axis], 1, 0, from, 1, place, 0);
            else
                scatters[l->dtype](l->op, count, o, 1, l->out.strides[l->axis], from, 1, place, 1);
        }
        begin += count;
    }
}
bool cresset_scatter(int32_t op, int32_t dtype, int32_t rank, const long *shape, int32_t axis, cresset_operand x,
                     cresset_operand index, cresset_operand out) {
    if (dtype == CR_F16 && op != ASSIGN) return false;
    cr_lines l = {op, dtype, rank, axis, shape, x, out, index, false};
    long lines = line_count(rank, shape, axis), n = shape[axis];
    cr_columns c = columns_of(&l);
    // Threads that share a cache line would wait for each other.
    if (c.columns > 1)
        cresset_parallel_for(lines, (CR_GRAIN / (n + 1) / 16 + 1) * 16, scatter_columns, &c);
    else
        cresset_parallel_for(lines, CR_GRAIN / (n + 1) + 1, scatter_lines, &l);
    return true;
}
