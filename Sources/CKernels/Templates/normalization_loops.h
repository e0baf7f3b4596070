// The loops of normalisation for one type, included once for each. The includer defines NAME, ELEMENT, REAL and VECTOR
// as for batch normalisation.

#define ADD_TO(p, v) (*(FN(vector_any) *)(p) += (v))

typedef REAL FN(vector_any) __attribute__((vector_size(16 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

// MARK: Parts side by side

/// Mean and scale of one part. Sums are kept in float64, where the square of a float32 is exact: E[x^2] - E[x]^2 then
/// loses nothing significant. float64 itself is shifted by the first element.
#define STATISTICS(w, x, count, part)                                                                                 \
    do {                                                                                                              \
        double s_shift = sizeof(REAL) == 8 && (w)->n->is_centred ? (double)GET((x)[0]) : 0;                           \
        f64x16 s_0 = {0}, s_1 = {0}, q_0 = {0}, q_1 = {0};                                                            \
        int64_t s_i = 0;                                                                                              \
        for (; s_i + 32 <= (count); s_i += 32) {                                                                      \
            f64x16 s_a = WIDE(LOAD((x) + s_i)) - s_shift, s_b = WIDE(LOAD((x) + s_i + 16)) - s_shift;                 \
            s_0 += s_a;                                                                                               \
            s_1 += s_b;                                                                                               \
            q_0 += s_a * s_a;                                                                                         \
            q_1 += s_b * s_b;                                                                                         \
        }                                                                                                             \
        s_0 += s_1;                                                                                                   \
        q_0 += q_1;                                                                                                   \
        double s_sum = add_lanes((const double *)&s_0), s_square = add_lanes((const double *)&q_0);                   \
        for (; s_i < (count); s_i++) {                                                                                \
            double s_a = (double)GET((x)[s_i]) - s_shift;                                                             \
            s_sum += s_a;                                                                                             \
            s_square += s_a * s_a;                                                                                    \
        }                                                                                                             \
        finish((w)->n, (double)(count), s_shift, s_sum, s_square, (w)->mean + (part), (w)->scale + (part));           \
    } while (0)

CRESSET_VECTOR static void FN(normalize_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->n->channels;
    for (int64_t part = begin; part < end; part++) {
        const ELEMENT *x = (const ELEMENT *)w->x + part * channels;
        ELEMENT *out = (ELEMENT *)w->out + part * channels;
        const REAL *weight = (const REAL *)w->weight + part % w->n->groups * channels;
        const REAL *bias = (const REAL *)w->bias + part % w->n->groups * channels;
        STATISTICS(w, x, channels, part);
        REAL mean = (REAL)w->mean[part], scale = (REAL)w->scale[part];
        int64_t c = 0;
        for (; c + 16 <= channels; c += 16)
            STORE(out + c, (LOAD(x + c) - mean) * scale * ANY(weight + c) + ANY(bias + c));
        for (; c < channels; c++) out[c] = PUT((GET(x[c]) - mean) * scale * weight[c] + bias[c]);
    }
}

CRESSET_VECTOR static void FN(normalize_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->n->channels, plane = w->n->plane;
    for (int64_t part = begin; part < end; part++) {
        const ELEMENT *x = (const ELEMENT *)w->x + part * channels * plane;
        ELEMENT *out = (ELEMENT *)w->out + part * channels * plane;
        STATISTICS(w, x, channels * plane, part);
        REAL mean = (REAL)w->mean[part];
        for (int64_t c = 0; c < channels; c++, x += plane, out += plane) {
            int64_t channel = part % w->n->groups * channels + c;
            REAL scale = (REAL)w->scale[part] * ((const REAL *)w->weight)[channel];
            REAL bias = ((const REAL *)w->bias)[channel];
            int64_t i = 0;
            for (; i + 16 <= plane; i += 16) STORE(out + i, (LOAD(x + i) - mean) * scale + bias);
            for (; i < plane; i++) out[i] = PUT((GET(x[i]) - mean) * scale + bias);
        }
    }
}

/// Memory for `rows` rows of one number per channel, of the computation type.
static REAL *FN(make_rows)(int64_t rows, int64_t channels) {
    REAL *memory = cresset_allocate((size_t)(rows * channels) * sizeof(REAL));
    if (!memory) cresset_out_of_memory();
    return memory;
}

/// Moves the sums of a few parts to those of their chunk.
CRESSET_VECTOR static void FN(flush)(REAL *few, double *all, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        all[i] += few[i];
        few[i] = 0;
    }
}

/// dx = scale (dn - mean of dn - n mean of dn n), where n are the normalised values and dn = gradient weight.
CRESSET_VECTOR static void FN(gradient_rows)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->n->channels;
    const REAL *weight = w->weight;
    REAL *products = w->sums ? FN(make_rows)(2, channels) : NULL, *sums = products ? products + channels : NULL;
    if (products) memset(products, 0, (size_t)(2 * channels) * sizeof(REAL));
    for (int64_t chunk = begin; chunk < end; chunk++) {
        double *totals = w->sums + chunk * 2 * channels;
        if (products) memset(totals, 0, (size_t)(2 * channels) * sizeof(double));
        int64_t last = (chunk + 1) * w->chunk_parts < w->n->parts ? (chunk + 1) * w->chunk_parts : w->n->parts;
        for (int64_t part = chunk * w->chunk_parts; part < last; part++) {
            if (products && part % 16 == 0) FN(flush)(products, totals, 2 * channels);
            const ELEMENT *x = (const ELEMENT *)w->x + part * channels;
            const ELEMENT *gradient = (const ELEMENT *)w->gradient + part * channels;
            ELEMENT *out = (ELEMENT *)w->out + part * channels;
            REAL mean = (REAL)w->mean[part], scale = (REAL)w->scale[part];
            f64x16 s = {0}, q = {0};
            int64_t c = 0;
            for (; c + 16 <= channels; c += 16) {
                VECTOR g = LOAD(gradient + c), v = (LOAD(x + c) - mean) * scale, gv = g * v;
                if (products) {
                    ADD_TO(products + c, gv);
                    ADD_TO(sums + c, g);
                }
                s += WIDE(g * ANY(weight + c));
                q += WIDE(gv * ANY(weight + c));
            }
            double sum = add_lanes((const double *)&s), product = add_lanes((const double *)&q);
            // Short rows, and the rest of long ones, in float64: their terms often cancel.
            for (; c < channels; c++) {
                double g = (double)GET(gradient[c]), v = ((double)GET(x[c]) - w->mean[part]) * w->scale[part];
                if (products) {
                    products[c] += (REAL)(g * v);
                    sums[c] += (REAL)g;
                }
                sum += g * (double)weight[c];
                product += g * v * (double)weight[c];
            }
            double exact_centre = w->n->is_centred ? sum / (double)channels : 0;
            double exact_slope = product / (double)channels;
            REAL centre = (REAL)exact_centre, slope = (REAL)exact_slope;
            for (c = 0; c + 16 <= channels; c += 16) {
                VECTOR v = (LOAD(x + c) - mean) * scale;
                STORE(out + c, (LOAD(gradient + c) * ANY(weight + c) - centre - v * slope) * scale);
            }
            for (; c < channels; c++) {
                double v = ((double)GET(x[c]) - w->mean[part]) * w->scale[part];
                double slant = (double)GET(gradient[c]) * (double)weight[c] - exact_centre - v * exact_slope;
                out[c] = PUT((REAL)(slant * w->scale[part]));
            }
        }
        if (products) FN(flush)(products, totals, 2 * channels);
    }
    if (products) cresset_free(products, (size_t)(2 * channels) * sizeof(REAL));
}

/// Mean of dn and of dn n over a part, from the sums of its channels.
static void FN(part_means)(const struct work *w, int64_t part, REAL *centre, REAL *slope) {
    const cresset_normalization *n = w->n;
    int64_t all = n->groups * n->channels, first = part % n->groups * n->channels;
    const double *products = w->sums + part / n->groups * 2 * all, *sums = products + all;
    double sum = 0, product = 0, count = (double)(n->channels * n->plane);
    for (int64_t c = first; c < first + n->channels; c++) {
        sum += sums[c] * (double)((const REAL *)w->weight)[c];
        product += products[c] * (double)((const REAL *)w->weight)[c];
    }
    *centre = n->is_centred ? (REAL)(sum / count) : 0;
    *slope = (REAL)(product / count);
}

CRESSET_VECTOR static void FN(gradient_planes)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t channels = w->n->channels, plane = w->n->plane, all = w->n->groups * channels;
    for (int64_t part = begin; part < end; part++) {
        int64_t start = part * channels * plane, first = part % w->n->groups * channels;
        const ELEMENT *x = (const ELEMENT *)w->x + start, *gradient = (const ELEMENT *)w->gradient + start;
        ELEMENT *out = (ELEMENT *)w->out + start;
        double *products = w->sums + part / w->n->groups * 2 * all + first, *sums = products + all;
        REAL mean = (REAL)w->mean[part], scale = (REAL)w->scale[part], centre, slope;
        for (int64_t c = 0; c < channels; c++) {
            const ELEMENT *p = x + c * plane, *d = gradient + c * plane;
            f64x16 s = {0}, q = {0};
            int64_t i = 0;
            for (; i + 16 <= plane; i += 16) {
                VECTOR g = LOAD(d + i);
                s += WIDE(g);
                q += WIDE(g * (LOAD(p + i) - mean));
            }
            sums[c] = add_lanes((const double *)&s);
            products[c] = add_lanes((const double *)&q);
            for (; i < plane; i++) {
                sums[c] += GET(d[i]);
                products[c] += GET(d[i]) * (GET(p[i]) - mean);
            }
            products[c] *= w->scale[part];
        }
        FN(part_means)(w, part, &centre, &slope);
        slope *= scale;
        for (int64_t c = 0; c < channels; c++) {
            const ELEMENT *p = x + c * plane, *d = gradient + c * plane;
            ELEMENT *o = out + c * plane;
            REAL weight = ((const REAL *)w->weight)[first + c];
            int64_t i = 0;
            for (; i + 16 <= plane; i += 16)
                STORE(o + i, (LOAD(d + i) * weight - centre - (LOAD(p + i) - mean) * slope) * scale);
            for (; i < plane; i++) o[i] = PUT((GET(d[i]) * weight - centre - (GET(p[i]) - mean) * slope) * scale);
        }
    }
}

// MARK: Examples with adjacent channels

/// Sums over the positions of an example, channel by channel: of x - shift and of its square; or, if there is a
/// gradient, of the gradient and of the gradient times x - shift.
CRESSET_VECTOR static void FN(sum_positions)(
    const struct work *w, const ELEMENT *x, const ELEMENT *gradient, const REAL *shift, double *sums,
    double *products) {
    int64_t channels = w->n->groups * w->n->channels, plane = w->n->plane, c = 0;
    for (; c + 16 <= channels; c += 16) {
        f64x16 s = {0}, q = {0};
        VECTOR k = ANY(shift + c);
        for (int64_t i = c; i < plane * channels; i += channels) {
            f64x16 v = WIDE(LOAD(x + i) - k), g = gradient ? WIDE(LOAD(gradient + i)) : v;
            s += g;
            q += g * v;
        }
        *(f64x16_any *)(sums + c) = s;
        *(f64x16_any *)(products + c) = q;
    }
    for (int64_t i = c; i < channels; i++) sums[i] = products[i] = 0;
    for (int64_t position = 0; c < channels && position < plane; position++)
        for (int64_t i = c, at = position * channels; i < channels; i++) {
            double v = (double)(GET(x[at + i]) - shift[i]), g = gradient ? (double)GET(gradient[at + i]) : v;
            sums[i] += g;
            products[i] += g * v;
        }
}

CRESSET_VECTOR static void FN(normalize_examples)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_normalization *n = w->n;
    int64_t channels = n->groups * n->channels;
    REAL *mean = FN(make_rows)(2, channels), *scale = mean + channels;
    const REAL *bias = w->bias;
    double *sums = (double *)cresset_allocate((size_t)(2 * channels) * sizeof(double)), *squares = sums + channels;
    if (!sums) cresset_out_of_memory();
    for (int64_t example = begin; example < end; example++) {
        const ELEMENT *x = (const ELEMENT *)w->x + example * channels * n->plane;
        ELEMENT *out = (ELEMENT *)w->out + example * channels * n->plane;
        for (int64_t c = 0; c < channels; c++)
            mean[c] = sizeof(REAL) == 8 && n->is_centred ? GET(x[c / n->channels * n->channels]) : 0;
        FN(sum_positions)(w, x, NULL, mean, sums, squares);
        for (int64_t group = 0; group < n->groups; group++) {
            int64_t part = example * n->groups + group, first = group * n->channels, last = first + n->channels;
            double sum = 0, square = 0;
            for (int64_t c = first; c < last; c++) {
                sum += sums[c];
                square += squares[c];
            }
            finish(n, (double)(n->channels * n->plane), (double)mean[first], sum, square, w->mean + part,
                   w->scale + part);
            for (int64_t c = first; c < last; c++) {
                mean[c] = (REAL)w->mean[part];
                scale[c] = (REAL)w->scale[part] * ((const REAL *)w->weight)[c];
            }
        }
        for (int64_t position = 0; position < n->plane; position++, x += channels, out += channels) {
            int64_t c = 0;
            for (; c + 16 <= channels; c += 16)
                STORE(out + c, (LOAD(x + c) - ANY(mean + c)) * ANY(scale + c) + ANY(bias + c));
            for (; c < channels; c++) out[c] = PUT((GET(x[c]) - mean[c]) * scale[c] + bias[c]);
        }
    }
    cresset_free(mean, (size_t)(2 * channels) * sizeof(REAL));
    cresset_free(sums, (size_t)(2 * channels) * sizeof(double));
}

CRESSET_VECTOR static void FN(gradient_examples)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_normalization *n = w->n;
    int64_t channels = n->groups * n->channels;
    REAL *mean = FN(make_rows)(4, channels), *weight = mean + channels;
    REAL *centre = weight + channels, *slope = centre + channels;
    for (int64_t example = begin; example < end; example++) {
        int64_t start = example * channels * n->plane;
        const ELEMENT *x = (const ELEMENT *)w->x + start, *gradient = (const ELEMENT *)w->gradient + start;
        ELEMENT *out = (ELEMENT *)w->out + start;
        const double *scale = w->scale + example * n->groups;
        double *products = w->sums + example * 2 * channels, *sums = products + channels;
        for (int64_t c = 0; c < channels; c++) mean[c] = (REAL)w->mean[example * n->groups + c / n->channels];
        FN(sum_positions)(w, x, gradient, mean, sums, products);
        for (int64_t c = 0; c < channels; c++) products[c] *= scale[c / n->channels];
        for (int64_t group = 0; group < n->groups; group++) {
            REAL part_centre, part_slope, k = (REAL)scale[group];
            FN(part_means)(w, example * n->groups + group, &part_centre, &part_slope);
            for (int64_t c = group * n->channels; c < (group + 1) * n->channels; c++) {
                weight[c] = ((const REAL *)w->weight)[c] * k;
                centre[c] = part_centre * k;
                slope[c] = part_slope * k * k;
            }
        }
        for (int64_t i = 0; i < n->plane; i++, x += channels, gradient += channels, out += channels) {
            int64_t c = 0;
            for (; c + 16 <= channels; c += 16)
                STORE(out + c, LOAD(gradient + c) * ANY(weight + c) - ANY(centre + c) -
                                   (LOAD(x + c) - ANY(mean + c)) * ANY(slope + c));
            for (; c < channels; c++)
                out[c] = PUT(GET(gradient[c]) * weight[c] - centre[c] - (GET(x[c]) - mean[c]) * slope[c]);
        }
    }
    cresset_free(mean, (size_t)(4 * channels) * sizeof(REAL));
}

#undef ADD_TO
#undef STATISTICS
#undef NAME
#undef ELEMENT
#undef REAL
#undef VECTOR
