// Scans and sorting along one axis.
#include "lines.h"
#include <stdlib.h>

enum {
    SUM = CR_REDUCE_sum, PRODUCT = CR_REDUCE_product, MAXIMUM = CR_REDUCE_maximum, MINIMUM = CR_REDUCE_minimum
};
// A is the computation type: unsigned for integers, which wrap around; C is the type compared.
#define SCAN_LINE(T, S, A, C, LOAD, STORE)                                                    \
    static void scan_##T(int op, long n, const S *x, long sx, S *o, long so) {             \
        A acc = op == PRODUCT ? 1 : 0;                                                     \
        for (long i = 0; i < n; i++) {                                                     \
            A v = LOAD(x[i * sx]);                                                         \
            if (op == SUM) acc += v;                                                       \
            else if (op == PRODUCT) acc *= v;                                              \
            else if (i == 0) acc = v;                                                      \
            else if (acc == acc && (v != v || (op == MAXIMUM ? (C)v > (C)acc : (C)v < (C)acc))) acc = v; \
            o[i * so] = STORE(acc);                                                        \
        }                                                                                  \
    }
#define SAME(v) (v)
SCAN_LINE(f32, float, double, double, SAME, (float))
SCAN_LINE(f64, double, double, double, SAME, SAME)
SCAN_LINE(bf16, bf16, float, float, cr_bf16_to_float, cr_float_to_bf16)
SCAN_LINE(i64, i64, uint64_t, i64, (uint64_t), (i64))
SCAN_LINE(i32, i32, uint32_t, i32, (uint32_t), (i32))
static void scan_lines(void *context, int64_t begin, int64_t end) {
    const cr_lines *l = context;
    long n = l->shape[l->axis], sx = l->x.strides[l->axis], so = l->out.strides[l->axis];
    for (; begin < end; begin++) {
        long ox = line_offset(l->rank, l->shape, l->axis, l->x.strides, begin);
        long oo = line_offset(l->rank, l->shape, l->axis, l->out.strides, begin);
#define RUN(T, S) scan_##T(l->op, n, (const S *)l->x.data + ox, sx, (S *)l->out.data + oo, so)
        switch (l->dtype) {
        case CR_F32: RUN(f32, float); break;
        case CR_F64: RUN(f64, double); break;
        case CR_BF16: RUN(bf16, bf16); break;
        case CR_I64: RUN(i64, i64); break;
        default: RUN(i32, i32); break;
        }
    }
}
bool cresset_scan(int32_t op, int32_t dtype, int32_t rank, const long *shape, int32_t axis, cresset_operand x,
                  cresset_operand out) {
    if (dtype != CR_F32 && dtype != CR_F64 && dtype != CR_BF16 && dtype != CR_I64 && dtype != CR_I32) return false;
    cr_lines l = {op, dtype, rank, axis, shape, x, out, out, false};
    cresset_parallel_for(line_count(rank, shape, axis), CR_GRAIN / (shape[axis] + 1) + 1, scan_lines, &l);
    return true;
}

// Elements become keys that compare as integers: floats by their bits (NaN last), integers unchanged.
typedef struct {
    i64 key;
    i64 index;
} cr_sorted;
static i64 key_of(int dtype, const void *x, long i) {
    double v;
    switch (dtype) {
    case CR_I64: return ((const i64 *)x)[i];
    case CR_I32: return ((const i32 *)x)[i];
    case CR_I16: return ((const i16 *)x)[i];
    case CR_I8: return ((const i8 *)x)[i];
    case CR_U8: case CR_BOOL: return ((const u8 *)x)[i];
    case CR_F32: v = ((const float *)x)[i]; break;
    case CR_BF16: v = cr_bf16_to_float(((const bf16 *)x)[i]); break;
    default: v = ((const double *)x)[i]; break;
    }
    if (v != v) return INT64_MAX;
    v += 0.0;  // one zero
    i64 bits;
    memcpy(&bits, &v, 8);
    return bits < 0 ? bits ^ INT64_MAX : bits;
}
static void merge_sort(cr_sorted *a, cr_sorted *spare, long n, bool descending) {
    for (long width = 1; width < n; width *= 2) {
        for (long low = 0; low < n; low += 2 * width) {
            long middle = low + width < n ? low + width : n, high = low + 2 * width < n ? low + 2 * width : n;
            long i = low, j = middle;
            for (long k = low; k < high; k++) {
                bool left = j >= high || (i < middle && (descending ? a[i].key >= a[j].key : a[i].key <= a[j].key));
                spare[k] = left ? a[i++] : a[j++];
            }
        }
        memcpy(a, spare, (size_t)n * sizeof *a);
    }
}
static void sort_lines(void *context, int64_t begin, int64_t end) {
    const cr_lines *l = context;
    long n = l->shape[l->axis];
    int size = sizes[l->dtype];
    cr_sorted *a = malloc((size_t)n * 2 * sizeof *a + 1);
    if (!a) abort();
    for (; begin < end; begin++) {
        const char *x = (const char *)l->x.data + size * line_offset(l->rank, l->shape, l->axis, l->x.strides, begin);
        char *o = (char *)l->out.data + size * line_offset(l->rank, l->shape, l->axis, l->out.strides, begin);
        i64 *indices = (i64 *)l->third.data + line_offset(l->rank, l->shape, l->axis, l->third.strides, begin);
        for (long i = 0; i < n; i++) a[i] = (cr_sorted){key_of(l->dtype, x, i * l->x.strides[l->axis]), i};
        merge_sort(a, a + n, n, l->flag);
        for (long i = 0; i < n; i++) {
            memcpy(o + i * l->out.strides[l->axis] * size, x + a[i].index * l->x.strides[l->axis] * size, (size_t)size);
            indices[i * l->third.strides[l->axis]] = a[i].index;
        }
    }
    free(a);
}
bool cresset_sort(int32_t dtype, int32_t rank, const long *shape, int32_t axis, bool descending, cresset_operand x,
                  cresset_operand values, cresset_operand indices) {
    if (dtype == CR_F16) return false;
    cr_lines l = {0, dtype, rank, axis, shape, x, values, indices, descending};
    cresset_parallel_for(line_count(rank, shape, axis), CR_GRAIN / (shape[axis] + 1) + 1, sort_lines, &l);
    return true;
}
