// The loops of batch normalisation for one type, included once for each. The includer defines
//   NAME      f32, f64 or bf16
//   ELEMENT   the type in memory
//   REAL      the computation type: float or double
//   VECTOR    sixteen of those
//   MASK      integers of the same widths
//   PART      sixteen sums of `rows_at_once` rows: of the computation type if that loses nothing that counts
//
// Sums over rows are taken from a few rows at a time, all channels of them: whole cache lines of one stretch of memory, which
// can be asked for ahead. Column by column, the processor waits for each line (10 instead of 30 GB/s at 256 channels).

typedef REAL FN(vector_any) __attribute__((vector_size(16 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

// MARK: Channels last

/// Asks for the rows after those being summed.
#define FETCH_AHEAD(p) __builtin_prefetch((p) + rows_at_once * channels)

/// Sums of x - shift and of its square over a chunk of rows. Sums are kept in float64, where the square of a float32 is
/// exact: E[x^2] - E[x]^2 then loses nothing significant. float64 itself is shifted by the first row.
///
/// The last chunk first: its rows were written last, and the pass that follows begins with the first ones.
CRESSET_VECTOR static void FN(statistics_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->layout.channels;
    for (int64_t chunk = end - 1; chunk >= begin; chunk--) {
        int64_t first = chunk * w->chunk_rows, last = minimum(first + w->chunk_rows, w->layout.rows);
        double *sums = w->partial + chunk * 2 * channels, *squares = sums + channels;
        memset(sums, 0, (size_t)channels * 2 * sizeof(double));
        for (int64_t row = first; row < last; row += rows_at_once) {
            const ELEMENT *x = (const ELEMENT *)w->x + row * channels;
            int64_t rows = minimum(rows_at_once, last - row), c = 0;
            for (; c + 16 <= channels; c += 16) {
                PART s = {0}, q = {0}, k = PARTIAL(*(const f64x16_any *)(w->shift + c));
                const ELEMENT *p = x + c;
                for (int64_t i = 0; i < rows; i++, p += channels) {
                    PART a = PARTIAL(LOAD(p)) - k;
                    s += a;
                    q += a * a;
                    FETCH_AHEAD(p);
                }
                *(f64x16_any *)(sums + c) += WIDE(s);
                *(f64x16_any *)(squares + c) += WIDE(q);
            }
            for (; c < channels; c++)
                for (int64_t i = 0; i < rows; i++) {
                    double a = (double)GET(x[i * channels + c]) - w->shift[c];
                    sums[c] += a;
                    squares[c] += a * a;
                }
        }
    }
}

#define PREACTIVATION(x, mean, scale, bias) (((x) - (mean)) * (scale) + (bias))
#define RECTIFIED(v) ((VECTOR)((MASK)(v) & ~((v) < 0)))
// The upper bound of a rectifier, if it has one.
#define CEILING                                                                                                       \
    const bool clamps = w->clamps;                                                                                    \
    const REAL ceiling = (REAL)w->ceiling;                                                                            \
    const VECTOR ceilings = (VECTOR){0} + ceiling;
#define CAPPED(v) ((VECTOR)(((MASK)(v) & ~((v) > ceilings)) | ((MASK)ceilings & ((v) > ceilings))))
#define RECTIFIED_ONE(v) ((v) < 0 ? 0 : clamps && (v) > ceiling ? ceiling : (v))

CRESSET_VECTOR static void FN(normalize_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t channels = w->layout.channels;
    const REAL *mean = w->mean, *scale = w->scale, *bias = w->bias;
    for (int64_t row = begin; row < end; row++) {
        const ELEMENT *x = (const ELEMENT *)w->x + row * channels;
        const ELEMENT *addend = w->addend ? (const ELEMENT *)w->addend + row * channels : NULL;
        ELEMENT *out = (ELEMENT *)w->out + row * channels;
        int64_t c = 0;
        for (; c + 16 <= channels; c += 16) {
            VECTOR v = PREACTIVATION(LOAD(x + c), ANY(mean + c), ANY(scale + c), ANY(bias + c));
            if (addend) v += LOAD(addend + c);
            if (w->relu) v = RECTIFIED(v);
            if (clamps) v = CAPPED(v);
            STORE(out + c, v);
        }
        for (; c < channels; c++) {
            REAL v = PREACTIVATION(GET(x[c]), mean[c], scale[c], bias[c]);
            if (addend) v += GET(addend[c]);
            out[c] = PUT(w->relu ? RECTIFIED_ONE(v) : v);
        }
    }
}

/// Where the rectifier lets a gradient through: as in PyTorch, at NaN only if it has no ceiling.
#define LET_THROUGH(v) (clamps ? ((v) > 0) & ((v) < ceilings) : ~((v) <= 0))
#define LETS_THROUGH(v) (clamps ? (v) > 0 && (v) < ceiling : !((v) <= 0))
/// The gradient there, by the mask's source: the result, x, or nothing.
#define MASKED(g, v, stored, mean, scale, bias)                                                                       \
    (w->result ? (VECTOR)((MASK)(g) & LET_THROUGH(LOAD(stored)))                                                      \
     : w->relu ? (VECTOR)((MASK)(g) & LET_THROUGH(PREACTIVATION(v, mean, scale, bias)))                               \
               : (g))
#define MASKED_ONE(g, v, stored, mean, scale, bias)                                                                   \
    (w->result ? (LETS_THROUGH(GET(stored)) ? (g) : 0)                                                                \
     : w->relu ? (LETS_THROUGH(PREACTIVATION(v, mean, scale, bias)) ? (g) : 0)                                        \
               : (g))

/// Sixteen elements of the gradient, or one; where it arrived in two parts, their sum, as if it had been stored.
#define GRADIENT(at) (part ? ROUND(LOAD(gradient + (at)) + LOAD(part + (at))) : LOAD(gradient + (at)))
#define GRADIENT_ONE(at) (part ? GET(PUT(GET(gradient[at]) + GET(part[at]))) : GET(gradient[at]))

/// Memory for normalised values if the activation is no rectifier: its gradient then lies where the result will be.
#define SCRATCH(count)                                                                                                \
    ELEMENT *scratch = w->differentiate ? cresset_allocate_scratch((size_t)(count) * sizeof(ELEMENT)) : NULL;         \
    if (scratch) gradient = w->out, part = NULL;
#define FREE_SCRATCH(count)                                                                                           \
    if (scratch) cresset_free(scratch, (size_t)(count) * sizeof(ELEMENT));

/// Sums of the masked gradient, and of it times (x - mean), over a chunk of rows. The masked gradient is kept if it is that of
/// the addend.
CRESSET_VECTOR static void FN(gradient_sums_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t channels = w->layout.channels;
    const REAL *mean = w->mean, *scale = w->scale, *bias = w->bias;
    const ELEMENT *x = w->x, *gradient = w->gradient, *part = w->part, *result = w->result;
    ELEMENT *addend_gradient = w->addend_gradient;
    SCRATCH(rows_at_once * channels)
    for (int64_t chunk = end - 1; chunk >= begin; chunk--) {
        int64_t first = chunk * w->chunk_rows, last = minimum(first + w->chunk_rows, w->layout.rows);
        double *sums = w->partial + chunk * 2 * channels, *products = sums + channels;
        memset(sums, 0, (size_t)channels * 2 * sizeof(double));
        for (int64_t row = first; row < last; row += rows_at_once) {
            int64_t rows = minimum(rows_at_once, last - row), c = 0;
            if (scratch) differentiate(w, row, rows, scratch);
            for (; c + 16 <= channels; c += 16) {
                PART s = {0}, q = {0};
                VECTOR m = ANY(mean + c), k = ANY(scale + c), b = ANY(bias + c);
                int64_t at = row * channels + c;
                for (int64_t i = 0; i < rows; i++, at += channels) {
                    VECTOR v = LOAD(x + at), g = GRADIENT(at);
                    g = MASKED(g, v, result + at, m, k, b);
                    if (addend_gradient) STORE(addend_gradient + at, g);
                    s += PARTIAL(g);
                    q += PARTIAL(g) * PARTIAL(v - m);
                    FETCH_AHEAD(x + at);
                    FETCH_AHEAD(gradient + at);
                    if (part) FETCH_AHEAD(part + at);
                    if (result) FETCH_AHEAD(result + at);
                }
                *(f64x16_any *)(sums + c) += WIDE(s);
                *(f64x16_any *)(products + c) += WIDE(q);
            }
            for (; c < channels; c++)
                for (int64_t i = 0; i < rows; i++) {
                    int64_t at = (row + i) * channels + c;
                    REAL v = GET(x[at]), g = GRADIENT_ONE(at);
                    g = MASKED_ONE(g, v, result[at], mean[c], scale[c], bias[c]);
                    if (addend_gradient) addend_gradient[at] = PUT(g);
                    sums[c] += g;
                    products[c] += (double)g * (double)(v - mean[c]);
                }
        }
    }
    FREE_SCRATCH(rows_at_once * channels)
}

CRESSET_VECTOR static void FN(gradient_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t channels = w->layout.channels;
    const REAL *mean = w->mean, *scale = w->scale, *bias = w->bias, *centre = w->centre, *slope = w->slope;
    const ELEMENT *x = w->x, *gradient = w->gradient, *part = w->part, *result = w->result;
    ELEMENT *out = w->out;
    for (int64_t row = begin; row < end; row++) {
        int64_t c = 0, at = row * channels;
        for (; c + 16 <= channels; c += 16) {
            VECTOR v = LOAD(x + at + c), g = GRADIENT(at + c), m = ANY(mean + c), k = ANY(scale + c);
            g = MASKED(g, v, result + at + c, m, k, ANY(bias + c));
            STORE(out + at + c, (g - ANY(centre + c) - (v - m) * ANY(slope + c)) * k);
        }
        for (; c < channels; c++) {
            REAL v = GET(x[at + c]), g = GRADIENT_ONE(at + c);
            g = MASKED_ONE(g, v, result[at + c], mean[c], scale[c], bias[c]);
            out[at + c] = PUT((g - centre[c] - (v - mean[c]) * slope[c]) * scale[c]);
        }
    }
}

// MARK: Planes

/// Adds up sixteen accumulators.
#define ADD_UP(vector, total)                                                                                         \
    do {                                                                                                              \
        double cresset_parts[16];                                                                                     \
        memcpy(cresset_parts, &(vector), sizeof cresset_parts);                                                       \
        for (int i = 0; i < 16; i++) (total) += cresset_parts[i];                                                     \
    } while (0)

CRESSET_VECTOR static void FN(statistics_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->layout.channels, plane = w->layout.plane;
    for (int64_t c = begin; c < end; c++) {
        f64x16 s = {0}, q = {0};
        double sum = 0, square = 0, k = w->shift[c];
        for (int64_t n = 0; n < w->layout.rows; n++) {
            const ELEMENT *x = (const ELEMENT *)w->x + (n * channels + c) * plane;
            int64_t i = 0;
            for (; i + 16 <= plane; i += 16) {
                f64x16 a = WIDE(LOAD(x + i)) - k;
                s += a;
                q += a * a;
            }
            for (; i < plane; i++) {
                double a = (double)GET(x[i]) - k;
                sum += a;
                square += a * a;
            }
        }
        ADD_UP(s, sum);
        ADD_UP(q, square);
        w->partial[c] = sum;
        w->partial[channels + c] = square;
    }
}

/// Planes are numbered over (row, channel).
CRESSET_VECTOR static void FN(normalize_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t plane = w->layout.plane;
    for (int64_t number = begin; number < end; number++) {
        int64_t c = number % w->layout.channels, i = 0;
        REAL mean = ((const REAL *)w->mean)[c], scale = ((const REAL *)w->scale)[c], bias = ((const REAL *)w->bias)[c];
        const ELEMENT *x = (const ELEMENT *)w->x + number * plane;
        const ELEMENT *addend = w->addend ? (const ELEMENT *)w->addend + number * plane : NULL;
        ELEMENT *out = (ELEMENT *)w->out + number * plane;
        for (; i + 16 <= plane; i += 16) {
            VECTOR v = PREACTIVATION(LOAD(x + i), mean, scale, bias);
            if (addend) v += LOAD(addend + i);
            if (w->relu) v = RECTIFIED(v);
            if (clamps) v = CAPPED(v);
            STORE(out + i, v);
        }
        for (; i < plane; i++) {
            REAL v = PREACTIVATION(GET(x[i]), mean, scale, bias);
            if (addend) v += GET(addend[i]);
            out[i] = PUT(w->relu ? RECTIFIED_ONE(v) : v);
        }
    }
}

CRESSET_VECTOR static void FN(gradient_sums_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t channels = w->layout.channels, plane = w->layout.plane;
    const ELEMENT *x = w->x, *gradient = w->gradient, *part = w->part, *result = w->result;
    ELEMENT *addend_gradient = w->addend_gradient;
    SCRATCH(plane)
    for (int64_t c = begin; c < end; c++) {
        REAL mean = ((const REAL *)w->mean)[c], scale = ((const REAL *)w->scale)[c], bias = ((const REAL *)w->bias)[c];
        f64x16 s = {0}, q = {0};
        double sum = 0, product = 0;
        for (int64_t n = 0; n < w->layout.rows; n++) {
            int64_t i = (n * channels + c) * plane, end_of_plane = i + plane;
            if (scratch) differentiate(w, n * channels + c, 1, scratch);
            for (; i + 16 <= end_of_plane; i += 16) {
                VECTOR v = LOAD(x + i), g = GRADIENT(i);
                g = MASKED(g, v, result + i, mean, scale, bias);
                if (addend_gradient) STORE(addend_gradient + i, g);
                s += WIDE(g);
                q += WIDE(g) * WIDE(v - mean);
            }
            for (; i < end_of_plane; i++) {
                REAL v = GET(x[i]), g = GRADIENT_ONE(i);
                g = MASKED_ONE(g, v, result[i], mean, scale, bias);
                if (addend_gradient) addend_gradient[i] = PUT(g);
                sum += g;
                product += (double)g * (double)(v - mean);
            }
        }
        ADD_UP(s, sum);
        ADD_UP(q, product);
        w->partial[c] = sum;
        w->partial[channels + c] = product;
    }
    FREE_SCRATCH(plane)
}

CRESSET_VECTOR static void FN(gradient_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t plane = w->layout.plane;
    const ELEMENT *x = w->x, *gradient = w->gradient, *part = w->part, *result = w->result;
    ELEMENT *out = w->out;
    for (int64_t number = begin; number < end; number++) {
        int64_t c = number % w->layout.channels, i = number * plane, end_of_plane = i + plane;
        REAL mean = ((const REAL *)w->mean)[c], scale = ((const REAL *)w->scale)[c], bias = ((const REAL *)w->bias)[c];
        REAL centre = ((const REAL *)w->centre)[c], slope = ((const REAL *)w->slope)[c];
        for (; i + 16 <= end_of_plane; i += 16) {
            VECTOR v = LOAD(x + i), g = GRADIENT(i);
            g = MASKED(g, v, result + i, mean, scale, bias);
            STORE(out + i, (g - centre - (v - mean) * slope) * scale);
        }
        for (; i < end_of_plane; i++) {
            REAL v = GET(x[i]), g = GRADIENT_ONE(i);
            g = MASKED_ONE(g, v, result[i], mean, scale, bias);
            out[i] = PUT((g - centre - (v - mean) * slope) * scale);
        }
    }
}

static const struct loops FN(loops) = {
    FN(statistics_rows),   FN(normalize_rows),   FN(gradient_sums_rows),   FN(gradient_rows),
    FN(statistics_planes), FN(normalize_planes), FN(gradient_sums_planes), FN(gradient_planes),
};

#undef FETCH_AHEAD
#undef PREACTIVATION
#undef RECTIFIED
#undef RECTIFIED_ONE
#undef CEILING
#undef CAPPED
#undef LET_THROUGH
#undef LETS_THROUGH
#undef MASKED
#undef MASKED_ONE
#undef GRADIENT
#undef GRADIENT_ONE
#undef SCRATCH
#undef FREE_SCRATCH
#undef ADD_UP
#undef PART
#undef NAME
#undef ELEMENT
#undef REAL
#undef VECTOR
#undef MASK
