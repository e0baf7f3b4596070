// The loops of batch normalisation for one type, included once for each. The includer defines
//   NAME      f32, f64 or bf16
//   ELEMENT   the type in memory
//   REAL      the computation type: float or double
//   VECTOR    sixteen of those
//   MASK      integers of the same widths
//   PART      sixteen sums of `rows_at_once` rows: of the computation type if that loses nothing that counts

typedef REAL FN(vector_any) __attribute__((vector_size(16 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

// MARK: Channels last

/// Sums of x - shift and of its square over a chunk of rows. Sums are kept in float64, where the square of a float32 is
/// exact: E[x^2] - E[x]^2 then loses nothing significant. float64 itself is shifted by the first row.
CRESSET_VECTOR static void FN(statistics_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->layout.channels;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk * w->chunk_rows, last = first + w->chunk_rows;
        if (last > w->layout.rows) last = w->layout.rows;
        const ELEMENT *x = (const ELEMENT *)w->x + first * channels;
        double *sums = w->partial + chunk * 2 * channels, *squares = sums + channels;
        int64_t c = 0;
        for (; c + 32 <= channels; c += 32) {
            f64x16 s0 = {0}, s1 = {0}, q0 = {0}, q1 = {0};
            PART k0 = PARTIAL(*(const f64x16_any *)(w->shift + c));
            PART k1 = PARTIAL(*(const f64x16_any *)(w->shift + c + 16));
            const ELEMENT *p = x + c;
            for (int64_t row = first; row < last;) {
                PART t0 = {0}, t1 = {0}, r0 = {0}, r1 = {0};
                for (int64_t end = minimum(row + FN(rows_at_once), last); row < end; row++, p += channels) {
                    PART a = PARTIAL(LOAD(p)) - k0, b = PARTIAL(LOAD(p + 16)) - k1;
                    t0 += a;
                    t1 += b;
                    r0 += a * a;
                    r1 += b * b;
                }
                s0 += WIDE(t0);
                s1 += WIDE(t1);
                q0 += WIDE(r0);
                q1 += WIDE(r1);
            }
            *(f64x16_any *)(sums + c) = s0;
            *(f64x16_any *)(sums + c + 16) = s1;
            *(f64x16_any *)(squares + c) = q0;
            *(f64x16_any *)(squares + c + 16) = q1;
        }
        if (c == channels) continue;
        for (int64_t i = c; i < channels; i++) sums[i] = squares[i] = 0;
        const ELEMENT *p = x;
        for (int64_t row = first; row < last; row++, p += channels)
            for (int64_t i = c; i < channels; i++) {
                double a = (double)GET(p[i]) - w->shift[i];
                sums[i] += a;
                squares[i] += a * a;
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

/// The sums of one or two times sixteen channels from `c` over some rows. Two, so that cache lines are read once.
INLINE void FN(sum_gradients)(
    const struct work *w, int64_t first, int64_t last, int64_t c, const int vectors, double *sums, double *products
) {
    CEILING
    int64_t channels = w->layout.channels;
    const REAL *mean = (const REAL *)w->mean + c, *scale = (const REAL *)w->scale + c;
    const REAL *bias = (const REAL *)w->bias + c;
    const ELEMENT *x = w->x, *gradient = w->gradient, *result = w->result;
    f64x16 s[2] = {{0}}, q[2] = {{0}};
    for (int64_t i = first * channels + c, last_one = last * channels + c; i < last_one;) {
        PART t[2] = {{0}}, r[2] = {{0}};
        for (int64_t end = minimum(i + FN(rows_at_once) * channels, last_one); i < end; i += channels) {
            CRESSET_UNROLLED for (int j = 0; j < vectors; j++) {
                int64_t at = i + j * 16;
                VECTOR v = LOAD(x + at), g = LOAD(gradient + at), m = ANY(mean + j * 16);
                g = MASKED(g, v, result + at, m, ANY(scale + j * 16), ANY(bias + j * 16));
                t[j] += PARTIAL(g);
                r[j] += PARTIAL(g) * PARTIAL(v - m);
            }
        }
        CRESSET_UNROLLED for (int j = 0; j < vectors; j++) {
            s[j] += WIDE(t[j]);
            q[j] += WIDE(r[j]);
        }
    }
    CRESSET_UNROLLED for (int j = 0; j < vectors; j++) {
        *(f64x16_any *)(sums + c + j * 16) = s[j];
        *(f64x16_any *)(products + c + j * 16) = q[j];
    }
}

/// Sums of the masked gradient, and of it times (x - mean), over a chunk of rows.
CRESSET_VECTOR static void FN(gradient_sums_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const bool clamps = w->clamps;
    const REAL ceiling = (REAL)w->ceiling;
    int64_t channels = w->layout.channels;
    const REAL *mean = w->mean, *scale = w->scale, *bias = w->bias;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk * w->chunk_rows, last = first + w->chunk_rows;
        if (last > w->layout.rows) last = w->layout.rows;
        const ELEMENT *x = (const ELEMENT *)w->x, *gradient = w->gradient, *result = w->result;
        double *sums = w->partial + chunk * 2 * channels, *products = sums + channels;
        int64_t c = 0;
        for (; c + 32 <= channels; c += 32) FN(sum_gradients)(w, first, last, c, 2, sums, products);
        if (c + 16 <= channels) {
            FN(sum_gradients)(w, first, last, c, 1, sums, products);
            c += 16;
        }
        if (c == channels) continue;
        for (int64_t i = c; i < channels; i++) sums[i] = products[i] = 0;
        for (int64_t row = first; row < last; row++)
            for (int64_t i = c; i < channels; i++) {
                int64_t at = row * channels + i;
                REAL v = GET(x[at]), g = GET(gradient[at]);
                g = MASKED_ONE(g, v, result[at], mean[i], scale[i], bias[i]);
                sums[i] += g;
                products[i] += (double)g * (double)(v - mean[i]);
            }
    }
}

CRESSET_VECTOR static void FN(gradient_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t channels = w->layout.channels;
    const REAL *mean = w->mean, *scale = w->scale, *bias = w->bias, *centre = w->centre, *slope = w->slope;
    const ELEMENT *x = w->x, *gradient = w->gradient, *result = w->result;
    ELEMENT *out = w->out, *addend_gradient = w->addend_gradient;
    for (int64_t row = begin; row < end; row++) {
        int64_t c = 0, at = row * channels;
        for (; c + 16 <= channels; c += 16) {
            VECTOR v = LOAD(x + at + c), g = LOAD(gradient + at + c), m = ANY(mean + c), k = ANY(scale + c);
            g = MASKED(g, v, result + at + c, m, k, ANY(bias + c));
            if (addend_gradient) STORE(addend_gradient + at + c, g);
            if (out) STORE(out + at + c, (g - ANY(centre + c) - (v - m) * ANY(slope + c)) * k);
        }
        for (; c < channels; c++) {
            REAL v = GET(x[at + c]), g = GET(gradient[at + c]);
            g = MASKED_ONE(g, v, result[at + c], mean[c], scale[c], bias[c]);
            if (addend_gradient) addend_gradient[at + c] = PUT(g);
            if (out) out[at + c] = PUT((g - centre[c] - (v - mean[c]) * slope[c]) * scale[c]);
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
    const ELEMENT *x = w->x, *gradient = w->gradient, *result = w->result;
    for (int64_t c = begin; c < end; c++) {
        REAL mean = ((const REAL *)w->mean)[c], scale = ((const REAL *)w->scale)[c], bias = ((const REAL *)w->bias)[c];
        f64x16 s = {0}, q = {0};
        double sum = 0, product = 0;
        for (int64_t n = 0; n < w->layout.rows; n++) {
            int64_t i = (n * channels + c) * plane, end_of_plane = i + plane;
            for (; i + 16 <= end_of_plane; i += 16) {
                VECTOR v = LOAD(x + i), g = LOAD(gradient + i);
                g = MASKED(g, v, result + i, mean, scale, bias);
                s += WIDE(g);
                q += WIDE(g) * WIDE(v - mean);
            }
            for (; i < end_of_plane; i++) {
                REAL v = GET(x[i]), g = GET(gradient[i]);
                g = MASKED_ONE(g, v, result[i], mean, scale, bias);
                sum += g;
                product += (double)g * (double)(v - mean);
            }
        }
        ADD_UP(s, sum);
        ADD_UP(q, product);
        w->partial[c] = sum;
        w->partial[channels + c] = product;
    }
}

CRESSET_VECTOR static void FN(gradient_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    CEILING
    int64_t plane = w->layout.plane;
    const ELEMENT *x = w->x, *gradient = w->gradient, *result = w->result;
    ELEMENT *out = w->out, *addend_gradient = w->addend_gradient;
    for (int64_t number = begin; number < end; number++) {
        int64_t c = number % w->layout.channels, i = number * plane, end_of_plane = i + plane;
        REAL mean = ((const REAL *)w->mean)[c], scale = ((const REAL *)w->scale)[c], bias = ((const REAL *)w->bias)[c];
        REAL centre = ((const REAL *)w->centre)[c], slope = ((const REAL *)w->slope)[c];
        for (; i + 16 <= end_of_plane; i += 16) {
            VECTOR v = LOAD(x + i), g = LOAD(gradient + i);
            g = MASKED(g, v, result + i, mean, scale, bias);
            if (addend_gradient) STORE(addend_gradient + i, g);
            if (out) STORE(out + i, (g - centre - (v - mean) * slope) * scale);
        }
        for (; i < end_of_plane; i++) {
            REAL v = GET(x[i]), g = GET(gradient[i]);
            g = MASKED_ONE(g, v, result[i], mean, scale, bias);
            if (addend_gradient) addend_gradient[i] = PUT(g);
            if (out) out[i] = PUT((g - centre - (v - mean) * slope) * scale);
        }
    }
}

static const struct loops FN(loops) = {
    FN(statistics_rows),   FN(normalize_rows),   FN(gradient_sums_rows),   FN(gradient_rows),
    FN(statistics_planes), FN(normalize_planes), FN(gradient_sums_planes), FN(gradient_planes),
};

#undef PREACTIVATION
#undef RECTIFIED
#undef RECTIFIED_ONE
#undef CEILING
#undef CAPPED
#undef LET_THROUGH
#undef LETS_THROUGH
#undef MASKED
#undef MASKED_ONE
#undef ADD_UP
#undef PART
#undef NAME
#undef ELEMENT
#undef REAL
#undef VECTOR
#undef MASK
