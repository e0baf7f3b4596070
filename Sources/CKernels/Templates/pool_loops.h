// The loops of pools for one type, included once for each. The includer defines NAME, ELEMENT, REAL, VECTOR and MASK as
// for batch normalisation. Every loop gathers: each element of its result is written once, by one thread, and sums are
// computed in a fixed order.

#define INDEX CRESSET_JOIN(index_, NAME)

typedef MASK FN(index_vector);

/// Calls `body` for every tap of a window, with `at`, the position in the input plane.
#define FOR_EACH_TAP(window, body)                                                                                    \
    for (int64_t t0 = (window)[0].begin; t0 < (window)[0].end; t0++)                                                  \
        for (int64_t t1 = (window)[1].begin; t1 < (window)[1].end; t1++)                                              \
            for (int64_t t2 = (window)[2].begin; t2 < (window)[2].end; t2++) {                                        \
                int64_t at = (((window)[0].start + t0 * g->dilation[0]) * g->in[1] + (window)[1].start +              \
                              t1 * g->dilation[1]) * g->in[2] + (window)[2].start + t2 * g->dilation[2];              \
                body                                                                                                  \
            }
/// Calls `body` for every window that touches an input position, with `from`, the window's position.
#define FOR_EACH_WINDOW(cover, body)                                                                                  \
    for (int64_t o0 = (cover)[0].begin; o0 < (cover)[0].end; o0++)                                                    \
        for (int64_t o1 = (cover)[1].begin; o1 < (cover)[1].end; o1++)                                                \
            for (int64_t o2 = (cover)[2].begin; o2 < (cover)[2].end; o2++) {                                          \
                int64_t from = (o0 * g->out[1] + o1) * g->out[2] + o2;                                                \
                body                                                                                                  \
            }

/// The largest element of a window and, if `has_index`, where it is: sixteen times `vectors` channels, so that a tap is found
/// once for all. If nothing is larger than minus infinity, the `first` is chosen.
INLINE void FN(largest)(
    const struct work *w, const struct range *window, int64_t first, const ELEMENT *x, const int vectors,
    const bool has_index, ELEMENT *out, int64_t place) {
    const cresset_pool_geometry *g = w->g;
    VECTOR best[4];
    MASK index[4];
    CRESSET_UNROLLED for (int j = 0; j < vectors; j++) {
        best[j] = (VECTOR){0} - (REAL)INFINITY;
        index[j] = (MASK){0} + (INDEX)first;
    }
    FOR_EACH_TAP(window, {
        const ELEMENT *tap = x + at * g->channels;
        CRESSET_UNROLLED for (int j = 0; j < vectors; j++) {
            VECTOR v = LOAD(tap + j * 16);
            MASK wins = (v > best[j]) | (v != v);
            best[j] = (VECTOR)(((MASK)v & wins) | ((MASK)best[j] & ~wins));
            if (has_index) index[j] = (((MASK){0} + (INDEX)at) & wins) | (index[j] & ~wins);
        }
    })
    CRESSET_UNROLLED for (int j = 0; j < vectors; j++) {
        STORE(out + j * 16, best[j]);
        if (!has_index) continue;
        if (w->wide)
            *(i64x16_any *)((int64_t *)w->indices + place + j * 16) = __builtin_convertvector(index[j], i64x16);
        else
            *(i32x16_any *)((int32_t *)w->indices + place + j * 16) = __builtin_convertvector(index[j], i32x16);
    }
}

CRESSET_VECTOR static void FN(max_pool)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, in_plane = volume(g->in);
    for (struct cursor at = cursor_at(w, g->out, begin); at.unit < end; advance(&at, w, g->out)) {
        struct range window[3];
        find_ranges(w, &at, window);
        int64_t c = at.strip * strip, last = minimum(c + strip, channels), place = at.row * channels;
        const ELEMENT *x = (const ELEMENT *)w->x + at.example * in_plane * channels;
        ELEMENT *out = (ELEMENT *)w->out + place;
        int64_t first = ((window[0].start + window[0].begin * g->dilation[0]) * g->in[1] + window[1].start +
                         window[1].begin * g->dilation[1]) * g->in[2] + window[2].start + window[2].begin * g->dilation[2];
        for (; c + 64 <= last; c += 64)
            if (w->indices)
                FN(largest)(w, window, first, x + c, 4, true, out + c, place + c);
            else
                FN(largest)(w, window, first, x + c, 4, false, out + c, place + c);
        for (; c + 16 <= last; c += 16)
            if (w->indices)
                FN(largest)(w, window, first, x + c, 1, true, out + c, place + c);
            else
                FN(largest)(w, window, first, x + c, 1, false, out + c, place + c);
        for (; c < last; c++) {
            REAL best = -(REAL)INFINITY;
            int64_t index = first;
            FOR_EACH_TAP(window, {
                REAL v = GET(x[at * channels + c]);
                if (v > best || v != v) {
                    best = v;
                    index = at;
                }
            })
            out[c] = PUT(best);
            if (!w->indices) continue;
            if (w->wide)
                ((int64_t *)w->indices)[place + c] = index;
            else
                ((int32_t *)w->indices)[place + c] = (int32_t)index;
        }
    }
}

/// A window that skips the position (dilation) has another index, so all windows whose span contains it are checked.
CRESSET_VECTOR static void FN(max_pool_gradient)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, out_plane = volume(g->out);
    const ELEMENT *gradient = w->x;
    for (struct cursor at = cursor_at(w, g->in, begin); at.unit < end; advance(&at, w, g->in)) {
        struct range cover[3];
        find_ranges(w, &at, cover);
        int64_t c = at.strip * strip, last = minimum(c + strip, channels);
        int64_t here = at.place, base = at.example * out_plane;
        ELEMENT *out = (ELEMENT *)w->out + at.row * channels;
        for (; c + 16 <= last; c += 16) {
            VECTOR sum = {0};
            FOR_EACH_WINDOW(cover, {
                int64_t offset = (base + from) * channels + c;
                MASK index;
                if (w->wide)
                    index = __builtin_convertvector(*(const i64x16_any *)((const int64_t *)w->indices + offset), MASK);
                else
                    index = __builtin_convertvector(*(const i32x16_any *)((const int32_t *)w->indices + offset), MASK);
                sum += (VECTOR)((MASK)LOAD(gradient + offset) & (index == (INDEX)here));
            })
            STORE(out + c, sum);
        }
        for (; c < last; c++) {
            REAL sum = 0;
            FOR_EACH_WINDOW(cover, {
                int64_t offset = (base + from) * channels + c;
                int64_t index = w->wide ? ((const int64_t *)w->indices)[offset] : ((const int32_t *)w->indices)[offset];
                if (index == here) sum += GET(gradient[offset]);
            })
            out[c] = PUT(sum);
        }
    }
}

/// The average of a window: sixteen times `vectors` channels.
INLINE void FN(average)(
    const struct work *w, const struct range *window, REAL count, const ELEMENT *x, const int vectors, ELEMENT *out) {
    const cresset_pool_geometry *g = w->g;
    VECTOR sum[4] = {{0}};
    FOR_EACH_TAP(window, {
        const ELEMENT *tap = x + at * g->channels;
        CRESSET_UNROLLED for (int j = 0; j < vectors; j++) sum[j] += LOAD(tap + j * 16);
    })
    CRESSET_UNROLLED for (int j = 0; j < vectors; j++) STORE(out + j * 16, sum[j] / count);
}

CRESSET_VECTOR static void FN(average_pool)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, in_plane = volume(g->in);
    for (struct cursor at = cursor_at(w, g->out, begin); at.unit < end; advance(&at, w, g->out)) {
        struct range window[3];
        find_ranges(w, &at, window);
        int64_t c = at.strip * strip, last = minimum(c + strip, channels);
        REAL count = (REAL)w->divisors[at.place];
        const ELEMENT *x = (const ELEMENT *)w->x + at.example * in_plane * channels;
        ELEMENT *out = (ELEMENT *)w->out + at.row * channels;
        for (; c + 64 <= last; c += 64) FN(average)(w, window, count, x + c, 4, out + c);
        for (; c + 16 <= last; c += 16) FN(average)(w, window, count, x + c, 1, out + c);
        for (; c < last; c++) {
            REAL sum = 0;
            FOR_EACH_TAP(window, { sum += GET(x[at * channels + c]); })
            out[c] = PUT(sum / count);
        }
    }
}

CRESSET_VECTOR static void FN(average_pool_gradient)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, out_plane = volume(g->out);
    for (struct cursor at = cursor_at(w, g->in, begin); at.unit < end; advance(&at, w, g->in)) {
        struct range cover[3];
        find_ranges(w, &at, cover);
        int64_t c = at.strip * strip, last = minimum(c + strip, channels);
        const ELEMENT *gradient = (const ELEMENT *)w->x + at.example * out_plane * channels;
        ELEMENT *out = (ELEMENT *)w->out + at.row * channels;
        for (; c + 16 <= last; c += 16) {
            VECTOR sum = {0};
            FOR_EACH_WINDOW(cover, {
                if (touches(g, at.position, o0, o1, o2))
                    sum += LOAD(gradient + from * channels + c) / (REAL)w->divisors[from];
            })
            STORE(out + c, sum);
        }
        for (; c < last; c++) {
            REAL sum = 0;
            FOR_EACH_WINDOW(cover, {
                if (touches(g, at.position, o0, o1, o2))
                    sum += GET(gradient[from * channels + c]) / (REAL)w->divisors[from];
            })
            out[c] = PUT(sum);
        }
    }
}

#undef INDEX
#undef FOR_EACH_TAP
#undef FOR_EACH_WINDOW
#undef NAME
#undef ELEMENT
#undef REAL
#undef VECTOR
#undef MASK
