// The loops of depthwise convolution for one type, included once for each. The includer defines NAME and ELEMENT.

/// `rows` rows of `width` columns of a group's channels into its blocks' buffers, beginning at row `top` and column
/// `left` of a picture; zero where they lie outside. Pixels are read in the order of memory.
INLINE void FN(fill)(
    const ELEMENT *plane, const int64_t size[2], int64_t channels, struct group group, int64_t top, int64_t left,
    int64_t rows, int64_t width, float *buffer, int64_t block_size
) {
    int64_t begin = left < 0 ? minimum(-left, width) : 0, end = minimum(size[1] - left, width);
    if (end < begin) end = begin;
    for (int64_t y = 0; y < rows; y++, buffer += width * lanes) {
        int64_t row = top + y;
        bool outside = row < 0 || row >= size[0];
        for (int64_t b = 0; b < group.blocks; b++) {
            float *to = buffer + b * block_size;
            memset(to, 0, (size_t)((outside ? width : begin) * lanes) * sizeof(float));
            if (!outside) memset(to + end * lanes, 0, (size_t)((width - end) * lanes) * sizeof(float));
        }
        if (outside) continue;
        for (int64_t x = begin; x < end; x++) {
            const ELEMENT *from = plane + (row * size[1] + left + x) * channels + group.channel;
            float *to = buffer + x * lanes;
            for (int64_t b = 0; b < group.whole; b++, from += lanes, to += block_size) CRESSET_STORE_f32(to, LOAD(from));
            if (group.whole == group.blocks) continue;
            for (int64_t c = 0; c < lanes; c++) to[c] = c < group.rest ? GET(from[c]) : 0;
        }
    }
}

/// A row of the sums of a group's blocks, limited, to where a pass has its positions.
INLINE void FN(put_row)(
    const struct work *w, const struct pass *p, const float *sums, struct group group, ELEMENT *row
) {
    int64_t channels = w->g->channels, step = p->distance[1] * channels, count = p->count[1];
    row += p->first[1] * channels + group.channel;
    f32x16 lowest = (f32x16){0} + w->lowest, highest = (f32x16){0} + w->highest;
    for (int64_t x = 0; x < count; x++, row += step, sums += lanes) {
        for (int64_t b = 0; b < group.blocks; b++) {
            f32x16 v = CRESSET_LOAD_f32(sums + b * count * lanes);
            // Comparisons with NaN are false, so that it stays.
            i32x16 low = v < lowest, high = v > highest;
            v = (f32x16)(((i32x16)v & ~low & ~high) | ((i32x16)lowest & low) | ((i32x16)highest & high));
            if (b < group.whole) {
                STORE(row + b * lanes, v);
            } else {
                for (int64_t c = 0; c < group.rest; c++) row[b * lanes + c] = PUT(v[c]);
            }
        }
    }
}

/// The rows of a pass from `first`, of one example and a group of channels. `buffer` has room for them and for a row of
/// sums.
INLINE void FN(convolve_band)(
    const struct work *w, const struct pass *p, int64_t n, int64_t first, struct group group, float *buffer
) {
    int64_t channels = w->g->channels, width = buffer_width(p), columns = p->count[1];
    int64_t rows = minimum(p->count[0] - first, w->rows), taps_size = p->kernel[0] * p->kernel[1] * lanes;
    if (rows <= 0) return;
    int64_t block_size = buffer_rows(p, rows) * width * lanes;
    float *sums = buffer + group.blocks * block_size;
    const ELEMENT *in = (const ELEMENT *)w->in + n * w->in_size[0] * w->in_size[1] * channels;
    ELEMENT *out = (ELEMENT *)w->out + n * w->out_size[0] * w->out_size[1] * channels;
    FN(fill)(
        in, w->in_size, channels, group, p->start[0] + first * p->step[0], p->start[1], buffer_rows(p, rows), width,
        buffer, block_size);
    for (int64_t y = 0; y < rows; y++) {
        for (int64_t b = 0; b < group.blocks; b++) {
            float *to = sums + b * columns * lanes;
            f32x16 bias = CRESSET_LOAD_f32(w->bias + group.channel + b * lanes);
            for (int64_t x = 0; x < columns; x++) CRESSET_STORE_f32(to + x * lanes, bias);
            const float *from = buffer + b * block_size + y * p->step[0] * width * lanes;
            const float *taps = p->taps + (group.channel / lanes + b) * taps_size;
#define BODY(COLUMNS, STEP) apply_row(from, width * lanes, taps, p->kernel[0], COLUMNS, STEP, columns, to);
            WITH_CONSTANTS(p->kernel[1], p->step[1], BODY)
#undef BODY
        }
        int64_t row = p->first[0] + (first + y) * p->distance[0];
        FN(put_row)(w, p, sums, group, out + row * w->out_size[1] * channels);
    }
}

/// Over (example, band, group of channels).
CRESSET_VECTOR static void FN(convolve)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t floats = w->group_blocks * w->largest;
    float *buffer = allocate_floats(floats);
    for (int64_t unit = begin; unit < end; unit++) {
        struct group group = group_of(w, unit % w->groups);
        int64_t n = unit / w->groups / w->bands, first = unit / w->groups % w->bands * w->rows;
        for (int i = 0; i < w->pass_count; i++) FN(convolve_band)(w, &w->passes[i], n, first, group, buffer);
    }
    cresset_free(buffer, (size_t)floats * sizeof(float));
}

/// Over parts of the batch: the sums of each for all taps, and those of the bias.
CRESSET_VECTOR static void FN(sum_gradients)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const struct pass *p = w->passes;
    int64_t channels = w->g->channels, width = buffer_width(p), columns = p->count[1];
    int64_t block_size = buffer_rows(p, w->rows) * width * lanes, gradient_size = w->rows * columns * lanes;
    int64_t taps = p->kernel[0] * p->kernel[1], units = w->g->batch * w->bands;
    int64_t floats = w->group_blocks * (block_size + gradient_size);
    float *buffer = allocate_floats(floats), *gradients = buffer + w->group_blocks * block_size;
    for (int64_t part = begin; part < end; part++) {
        float *partial = w->partial + part * w->partial_size;
        memset(partial, 0, (size_t)w->partial_size * sizeof(float));
        int64_t last = units * (part + 1) / w->parts * w->groups;
        for (int64_t unit = units * part / w->parts * w->groups; unit < last; unit++) {
            struct group group = group_of(w, unit % w->groups);
            int64_t n = unit / w->groups / w->bands, first = unit / w->groups % w->bands * w->rows;
            int64_t rows = minimum(p->count[0] - first, w->rows);
            const ELEMENT *in = (const ELEMENT *)w->in + n * w->in_size[0] * w->in_size[1] * channels;
            const ELEMENT *gradient = (const ELEMENT *)w->gradient + n * p->count[0] * columns * channels;
            FN(fill)(
                in, w->in_size, channels, group, p->start[0] + first * p->step[0], p->start[1], buffer_rows(p, rows),
                width, buffer, block_size);
            FN(fill)(gradient, p->count, channels, group, first, 0, rows, columns, gradients, gradient_size);
            for (int64_t b = 0; b < group.blocks; b++) {
                float *sums = partial + (group.channel / lanes + b) * (taps + 1) * lanes;
                const float *slopes = gradients + b * gradient_size;
                for (int64_t k = 0; k < p->kernel[0]; k++) {
                    const float *from = buffer + b * block_size + k * width * lanes;
                    float *to = sums + k * p->kernel[1] * lanes;
#define BODY(COLUMNS, STEP) correlate(from, p->step[0] * width * lanes, slopes, rows, columns, COLUMNS, STEP, to);
                    WITH_CONSTANTS(p->kernel[1], p->step[1], BODY)
#undef BODY
                }
                if (!w->bias_gradient) continue;
                f32x16 sum = {0};
                for (int64_t i = 0; i < rows * columns; i++) sum += CRESSET_LOAD_f32(slopes + i * lanes);
                CRESSET_STORE_f32(sums + taps * lanes, CRESSET_LOAD_f32(sums + taps * lanes) + sum);
            }
        }
    }
    cresset_free(buffer, (size_t)floats * sizeof(float));
}

#undef NAME
#undef ELEMENT
