// Reductions: the outer loop walks the kept axes, the inner loop the reduced ones. Sums of float32 run in float lanes
// over short blocks and in double between blocks; the order depends only on the shape, never on the number of threads.
#include "loops.h"

typedef struct {
    int kept, reduced;                       // axes of each kind, neighbours merged
    long kept_shape[8], reduced_shape[8];    // slowest first
    long kept_x[8], kept_out[8], reduced_x[8];  // byte strides
    long outputs, inputs;                    // elements of the result; inputs per element
    const char *x;
    char *out;
    int op, dtype;
} cr_reduction;

// One accumulator per result, for every operator: which fields are used depends on the op.
typedef struct {
    double sum;      // sum, product, extremes of floating point
    i64 integer;     // the same for integers and bool
    long index;      // argmax, argmin
    long seen;
} cr_accumulator;

enum {
    SUM = CR_REDUCE_sum, PRODUCT = CR_REDUCE_product, MAXIMUM = CR_REDUCE_maximum, MINIMUM = CR_REDUCE_minimum,
    ANY = CR_REDUCE_any, ALL = CR_REDUCE_all, ARGMAX = CR_REDUCE_argmax, ARGMIN = CR_REDUCE_argmin
};

// Walks n elements of stride `step` into one accumulator.
#define ACCUMULATE(T, S, C, LOAD, FLOATING)                                                              \
    CR_CLONES static void accumulate_##T(int op, cr_accumulator *acc, long n, const char *p, long step) {    \
        switch (op) {                                                                                    \
        case SUM:                                                                                        \
            if (FLOATING) {                                                                              \
                if (step == sizeof(S)) {                                                                 \
                    const S *x = (const S *)p;                                                           \
                    long i = 0;                                                                          \
                    for (; i + 16 <= n;) {                                                               \
                        C lanes[16] = {0};                                                               \
                        long end = i + 512 < n ? i + 512 : n;                                            \
                        for (; i + 16 <= end; i += 16)                                                   \
                            for (int k = 0; k < 16; k++) lanes[k] += LOAD(x[i + k]);                     \
                        for (int k = 0; k < 16; k++) acc->sum += (double)lanes[k];                       \
                    }                                                                                    \
                    for (; i < n; i++) acc->sum += (double)LOAD(x[i]);                                   \
                } else {                                                                                 \
                    for (long i = 0; i < n; i++) acc->sum += (double)LOAD(*(const S *)(p + i * step));   \
                }                                                                                        \
            } else {                                                                                     \
                for (long i = 0; i < n; i++) acc->integer = (i64)((uint64_t)acc->integer + (uint64_t)(i64)LOAD(*(const S *)(p + i * step)));      \
            }                                                                                            \
            break;                                                                                       \
        case PRODUCT:                                                                                    \
            for (long i = 0; i < n; i++)                                                                 \
                if (FLOATING) acc->sum *= (double)LOAD(*(const S *)(p + i * step));                      \
                else acc->integer = (i64)((uint64_t)acc->integer * (uint64_t)LOAD(*(const S *)(p + i * step))); \
            break;                                                                                       \
        case ANY:                                                                                        \
            for (long i = 0; i < n; i++) acc->integer |= LOAD(*(const S *)(p + i * step)) != 0;          \
            break;                                                                                       \
        case ALL:                                                                                        \
            for (long i = 0; i < n; i++) acc->integer &= LOAD(*(const S *)(p + i * step)) != 0;          \
            break;                                                                                       \
        default: {                                                                                       \
            bool largest = op == MAXIMUM || op == ARGMAX;                                                \
            for (long i = 0; i < n; i++) {                                                               \
                C v = LOAD(*(const S *)(p + i * step));                                                  \
                C best = FLOATING ? (C)acc->sum : (C)acc->integer;                                       \
                /* NaN is more extreme than anything, the first of equals wins. */                       \
                bool better = acc->seen == 0 || (best == best && (v != v || (largest ? v > best : v < best))); \
                if (better) {                                                                            \
                    if (FLOATING) acc->sum = (double)v;                                                  \
                    else acc->integer = (i64)v;                                                          \
                    acc->index = acc->seen;                                                              \
                }                                                                                        \
                acc->seen++;                                                                             \
            }                                                                                            \
        }                                                                                                \
        }                                                                                                \
    }
#define SAME(v) (v)
ACCUMULATE(f32, float, float, SAME, 1)
ACCUMULATE(f64, double, double, SAME, 1)
ACCUMULATE(bf16, bf16, float, cr_bf16_to_float, 1)
ACCUMULATE(i64, i64, i64, SAME, 0)
ACCUMULATE(i32, i32, i32, SAME, 0)
ACCUMULATE(i16, i16, i16, SAME, 0)
ACCUMULATE(i8, i8, i8, SAME, 0)
ACCUMULATE(u8, u8, u8, SAME, 0)
typedef void (*cr_accumulate)(int, cr_accumulator *, long, const char *, long);
static const cr_accumulate accumulators[CR_DTYPE_COUNT] = {
    [CR_F32] = accumulate_f32, [CR_F64] = accumulate_f64, [CR_BF16] = accumulate_bf16, [CR_I64] = accumulate_i64,
    [CR_I32] = accumulate_i32, [CR_I16] = accumulate_i16, [CR_I8] = accumulate_i8,     [CR_U8] = accumulate_u8,
    [CR_BOOL] = accumulate_u8};

static void store(int op, int dtype, const cr_accumulator *acc, char *out) {
    if (op == ARGMAX || op == ARGMIN) { *(i64 *)out = acc->index; return; }
    if (op == ANY || op == ALL) { *(u8 *)out = (u8)acc->integer; return; }
    switch (dtype) {
    case CR_F32: *(float *)out = (float)acc->sum; return;
    case CR_F64: *(double *)out = acc->sum; return;
    case CR_BF16: *(bf16 *)out = cr_float_to_bf16((float)acc->sum); return;
    case CR_I64: *(i64 *)out = acc->integer; return;
    case CR_I32: *(i32 *)out = (i32)acc->integer; return;
    case CR_I16: *(i16 *)out = (i16)acc->integer; return;
    case CR_I8: *(i8 *)out = (i8)acc->integer; return;
    default: *(u8 *)out = dtype == CR_BOOL ? acc->integer != 0 : (u8)acc->integer; return;
    }
}
static cr_accumulator start(int op) {
    cr_accumulator acc = {0, 0, 0, 0};
    if (op == PRODUCT) acc.sum = 1, acc.integer = 1;
    if (op == ALL) acc.integer = 1;
    return acc;
}

// Inputs begin ..< end of one result, in the reduced axes' own order.
static void reduce_span(const cr_reduction *r, cr_accumulator *acc, const char *x, long begin, long end) {
    cr_accumulate run = accumulators[r->dtype];
    int inner = r->reduced - 1;
    long n = r->reduced_shape[inner];
    while (begin < end) {
        long rest = begin / n, first = begin % n;
        const char *p = x + first * r->reduced_x[inner];
        for (int i = inner - 1; i >= 0; i--) {
            p += rest % r->reduced_shape[i] * r->reduced_x[i];
            rest /= r->reduced_shape[i];
        }
        long count = n - first < end - begin ? n - first : end - begin;
        run(r->op, acc, count, p, r->reduced_x[inner]);
        begin += count;
    }
}
static void locate(const cr_reduction *r, long output, const char **x, char **out) {
    *x = r->x, *out = r->out;
    for (int i = r->kept - 1; i >= 0; i--) {
        long index = output % r->kept_shape[i];
        output /= r->kept_shape[i];
        *x += index * r->kept_x[i], *out += index * r->kept_out[i];
    }
}
static void reduce_outputs(void *context, int64_t begin, int64_t end) {
    const cr_reduction *r = context;
    for (; begin < end; begin++) {
        const char *x;
        char *out;
        locate(r, begin, &x, &out);
        cr_accumulator acc = start(r->op);
        reduce_span(r, &acc, x, 0, r->inputs);
        store(r->op, r->dtype, &acc, out);
    }
}

// Sums of floating-point numbers whose kept axis is dense in x: rows are added to a block of columns.
enum { COLUMNS = 256 };
typedef struct {
    const cr_reduction *r;
    long blocks;
} cr_columns;
#define COLUMN_SUM(T, S, LOAD)                                                                            \
    CR_CLONES static void column_sum_##T(const cr_reduction *r, const char *x, long n, double *acc) {     \
        float lanes[COLUMNS];                                                                             \
        for (long k = 0; k < n; k++) acc[k] = 0;                                                          \
        int inner = r->reduced - 1;                                                                       \
        long rows = r->reduced_shape[inner], outer = r->inputs / rows;                                    \
        for (long o = 0; o < outer; o++) {                                                                \
            const char *p = x;                                                                            \
            long rest = o;                                                                                \
            for (int i = inner - 1; i >= 0; i--) {                                                        \
                p += rest % r->reduced_shape[i] * r->reduced_x[i];                                        \
                rest /= r->reduced_shape[i];                                                              \
            }                                                                                             \
            for (long begin = 0; begin < rows;) {                                                         \
                long end = begin + 32 < rows ? begin + 32 : rows;                                         \
                if (sizeof(S) == 8) {                                                                     \
                    for (; begin < end; begin++) {                                                        \
                        const S *v = (const S *)(p + begin * r->reduced_x[inner]);                        \
                        for (long k = 0; k < n; k++) acc[k] += (double)LOAD(v[k]);                        \
                    }                                                                                     \
                } else {                                                                                  \
                    for (long k = 0; k < n; k++) lanes[k] = 0;                                            \
                    for (; begin < end; begin++) {                                                        \
                        const S *v = (const S *)(p + begin * r->reduced_x[inner]);                        \
                        for (long k = 0; k < n; k++) lanes[k] += (float)LOAD(v[k]);                       \
                    }                                                                                     \
                    for (long k = 0; k < n; k++) acc[k] += (double)lanes[k];                              \
                }                                                                                         \
            }                                                                                             \
        }                                                                                                 \
    }
COLUMN_SUM(f32, float, SAME)
COLUMN_SUM(f64, double, SAME)
COLUMN_SUM(bf16, bf16, cr_bf16_to_float)
static void reduce_columns(void *context, int64_t begin, int64_t end) {
    const cr_columns *c = context;
    const cr_reduction *r = c->r;
    int inner = r->kept - 1;
    double acc[COLUMNS];
    for (; begin < end; begin++) {
        long block = begin % c->blocks, first = block * COLUMNS;
        long n = r->kept_shape[inner] - first < COLUMNS ? r->kept_shape[inner] - first : COLUMNS;
        const char *x;
        char *out;
        locate(r, begin / c->blocks * r->kept_shape[inner] + first, &x, &out);
        if (r->dtype == CR_F32) column_sum_f32(r, x, n, acc);
        else if (r->dtype == CR_BF16) column_sum_bf16(r, x, n, acc);
        else column_sum_f64(r, x, n, acc);
        for (long k = 0; k < n; k++) {
            cr_accumulator sum = {.sum = acc[k]};
            store(SUM, r->dtype, &sum, out + k * r->kept_out[inner]);
        }
    }
}

// One or a few results with many inputs: spans of fixed length each have their own accumulator.
enum { SPAN = 65536, WINDOW = 256 };
typedef struct {
    const cr_reduction *r;
    const char *x;
    long first;               // the span of partial[0]
    cr_accumulator *partial;
} cr_spans;
static void reduce_spans(void *context, int64_t begin, int64_t end) {
    const cr_spans *s = context;
    for (; begin < end; begin++) {
        long from = (s->first + begin) * SPAN, to = from + SPAN < s->r->inputs ? from + SPAN : s->r->inputs;
        s->partial[begin] = start(s->r->op);
        reduce_span(s->r, &s->partial[begin], s->x, from, to);
    }
}
static void merge(int op, int dtype, cr_accumulator *acc, const cr_accumulator *part);
// The partial results of a window of spans stay on the stack.
static void reduce_few(const cr_reduction *r) {
    long spans = (r->inputs + SPAN - 1) / SPAN;
    for (long o = 0; o < r->outputs; o++) {
        const char *x;
        char *out;
        locate(r, o, &x, &out);
        cr_accumulator partial[WINDOW], total = start(r->op);
        for (long first = 0; first < spans; first += WINDOW) {
            long n = spans - first < WINDOW ? spans - first : WINDOW;
            cr_spans job = {r, x, first, partial};
            cresset_parallel_for(n, 1, reduce_spans, &job);
            for (long i = 0; i < n; i++) merge(r->op, r->dtype, &total, &partial[i]);
        }
        store(r->op, r->dtype, &total, out);
    }
}
static void merge(int op, int dtype, cr_accumulator *acc, const cr_accumulator *part) {
    bool floating = dtype <= CR_F16;
    switch (op) {
    case SUM: acc->sum += part->sum, acc->integer = (i64)((uint64_t)acc->integer + (uint64_t)part->integer); return;
    case PRODUCT: acc->sum *= part->sum, acc->integer = (i64)((uint64_t)acc->integer * (uint64_t)part->integer); return;
    case ANY: acc->integer |= part->integer; return;
    case ALL: acc->integer &= part->integer; return;
    }
    bool largest = op == MAXIMUM || op == ARGMAX, better;
    if (floating) {
        double v = part->sum, best = acc->sum;
        better = acc->seen == 0 || (best == best && (v != v || (largest ? v > best : v < best)));
    } else {
        better = acc->seen == 0 || (largest ? part->integer > acc->integer : part->integer < acc->integer);
    }
    if (better) acc->sum = part->sum, acc->integer = part->integer, acc->index = acc->seen + part->index;
    acc->seen += part->seen;
}

// Appends an axis to the others of its kind, merged with its predecessor if the strides allow it.
static void add_axis(long length, long sx, long so, int *count, long *shape, long *x, long *out) {
    int n = *count;
    if (n > 0 && x[n - 1] == sx * length && (!out || out[n - 1] == so * length)) {
        shape[n - 1] *= length, x[n - 1] = sx;
        if (out) out[n - 1] = so;
        return;
    }
    shape[n] = length, x[n] = sx;
    if (out) out[n] = so;
    *count = n + 1;
}

bool cresset_reduce(int32_t op, int32_t dtype, int32_t rank, const long *shape, const bool *reduced, cresset_operand x,
                    cresset_operand out) {
    if (!accumulators[dtype]) return false;
    int size = sizes[dtype];
    int result = op >= ARGMAX ? 8 : op >= ANY ? 1 : size;
    cr_reduction r = {.outputs = 1, .inputs = 1, .x = x.data, .out = (char *)out.data, .op = op, .dtype = dtype};
    // argmax counts in row-major order, so its axes keep theirs; other reductions walk memory in its own order.
    int order[8];
    for (int i = 0; i < rank; i++) {
        int j = i;
        while (op < ARGMAX && j > 0 && x.strides[order[j - 1]] < x.strides[i]) order[j] = order[j - 1], j--;
        order[j] = i;
    }
    for (int k = 0; k < rank; k++) {
        int i = order[k];
        if (reduced[i]) {
            r.inputs *= shape[i];
            if (shape[i] != 1) add_axis(shape[i], x.strides[i] * size, 0, &r.reduced, r.reduced_shape, r.reduced_x, 0);
        } else {
            r.outputs *= shape[i];
            if (shape[i] != 1)
                add_axis(shape[i], x.strides[i] * size, out.strides[i] * result, &r.kept, r.kept_shape, r.kept_x, r.kept_out);
        }
    }
    if (r.outputs == 0) return true;
    if (r.reduced == 0) r.reduced = 1, r.reduced_shape[0] = r.inputs, r.reduced_x[0] = size;
    long grain = r.inputs >= CR_GRAIN ? 1 : CR_GRAIN / (r.inputs > 0 ? r.inputs : 1);
    if (op == SUM && (dtype == CR_F32 || dtype == CR_F64 || dtype == CR_BF16) && r.kept > 0 && r.inputs > 1 &&
        r.kept_x[r.kept - 1] == size && r.reduced_x[r.reduced - 1] != size && r.kept_shape[r.kept - 1] >= 8) {
        cr_columns c = {&r, (r.kept_shape[r.kept - 1] + COLUMNS - 1) / COLUMNS};
        cresset_parallel_for(r.outputs / r.kept_shape[r.kept - 1] * c.blocks, grain / COLUMNS + 1, reduce_columns, &c);
    } else if (r.outputs < 8 && r.inputs > SPAN) {
        reduce_few(&r);
    } else {
        cresset_parallel_for(r.outputs, grain, reduce_outputs, &r);
    }
    return true;
}
