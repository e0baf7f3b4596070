// The loops of pools for one type, included once for each. The includer defines NAME, ELEMENT, REAL, VECTOR and MASK as
// for batch normalisation. Every loop gathers: each element of its result is written once, by one thread, and sums are
// computed in a fixed order.

#define INDEX CRESSET_JOIN(index_, NAME)

typedef MASK FN(index_vector);

/// Calls `body` for every tap of the window at `span`, with `at`, the position in the input plane.
#define FOR_EACH_TAP(span, body)                                                                                      \
    for (int64_t t0 = (span).begin[0]; t0 < (span).end[0]; t0++)                                                      \
        for (int64_t t1 = (span).begin[1]; t1 < (span).end[1]; t1++)                                                  \
            for (int64_t t2 = (span).begin[2]; t2 < (span).end[2]; t2++) {                                            \
                int64_t at = (((span).start[0] + t0 * g->dilation[0]) * g->in[1] + (span).start[1] +                  \
                              t1 * g->dilation[1]) * g->in[2] + (span).start[2] + t2 * g->dilation[2];                \
                body                                                                                                  \
            }

CRESSET_VECTOR static void FN(max_pool)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, in_plane = volume(g->in), out_plane = volume(g->out);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t row = unit / w->strips, c = unit % w->strips * strip, last = minimum(c + strip, channels);
        struct span span = window_span(g, row % out_plane);
        const ELEMENT *x = (const ELEMENT *)w->x + row / out_plane * in_plane * channels;
        ELEMENT *out = (ELEMENT *)w->out + row * channels;
        // If nothing is larger than minus infinity, the first element is chosen.
        int64_t first = ((span.start[0] + span.begin[0] * g->dilation[0]) * g->in[1] + span.start[1] +
                         span.begin[1] * g->dilation[1]) * g->in[2] + span.start[2] + span.begin[2] * g->dilation[2];
        for (; c + 16 <= last; c += 16) {
            VECTOR best = (VECTOR){0} - (REAL)INFINITY;
            MASK index = (MASK){0} + (INDEX)first;
            FOR_EACH_TAP(span, {
                VECTOR v = LOAD(x + at * channels + c);
                MASK wins = (v > best) | (v != v);
                best = (VECTOR)(((MASK)v & wins) | ((MASK)best & ~wins));
                index = (((MASK){0} + (INDEX)at) & wins) | (index & ~wins);
            })
            STORE(out + c, best);
            if (!w->indices) continue;
            if (w->wide)
                *(i64x16_any *)((int64_t *)w->indices + row * channels + c) = __builtin_convertvector(index, i64x16);
            else
                *(i32x16_any *)((int32_t *)w->indices + row * channels + c) = __builtin_convertvector(index, i32x16);
        }
        for (; c < last; c++) {
            REAL best = -(REAL)INFINITY;
            int64_t index = first;
            FOR_EACH_TAP(span, {
                REAL v = GET(x[at * channels + c]);
                if (v > best || v != v) {
                    best = v;
                    index = at;
                }
            })
            out[c] = PUT(best);
            if (!w->indices) continue;
            if (w->wide)
                ((int64_t *)w->indices)[row * channels + c] = index;
            else
                ((int32_t *)w->indices)[row * channels + c] = (int32_t)index;
        }
    }
}

/// Calls `body` for every window that touches the input position of `cover`, with `from`, the window's position.
#define FOR_EACH_WINDOW(cover, body)                                                                                  \
    for (int64_t o0 = (cover).begin[0]; o0 < (cover).end[0]; o0++)                                                    \
        for (int64_t o1 = (cover).begin[1]; o1 < (cover).end[1]; o1++)                                                \
            for (int64_t o2 = (cover).begin[2]; o2 < (cover).end[2]; o2++) {                                          \
                int64_t from = (o0 * g->out[1] + o1) * g->out[2] + o2;                                                \
                body                                                                                                  \
            }

/// A window that skips the position (dilation) has another index, so all windows whose span contains it are checked.
CRESSET_VECTOR static void FN(max_pool_gradient)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, in_plane = volume(g->in), out_plane = volume(g->out);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t row = unit / w->strips, c = unit % w->strips * strip, last = minimum(c + strip, channels);
        int64_t here = row % in_plane, base = row / in_plane * out_plane;
        struct cover cover = windows_over(g, here);
        const ELEMENT *gradient = w->x;
        ELEMENT *out = (ELEMENT *)w->out + row * channels;
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

CRESSET_VECTOR static void FN(average_pool)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, in_plane = volume(g->in), out_plane = volume(g->out);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t row = unit / w->strips, c = unit % w->strips * strip, last = minimum(c + strip, channels);
        struct span span = window_span(g, row % out_plane);
        REAL count = (REAL)window_divisor(w, row % out_plane);
        const ELEMENT *x = (const ELEMENT *)w->x + row / out_plane * in_plane * channels;
        ELEMENT *out = (ELEMENT *)w->out + row * channels;
        for (; c + 16 <= last; c += 16) {
            VECTOR sum = {0};
            FOR_EACH_TAP(span, { sum += LOAD(x + at * channels + c); })
            STORE(out + c, sum / count);
        }
        for (; c < last; c++) {
            REAL sum = 0;
            FOR_EACH_TAP(span, { sum += GET(x[at * channels + c]); })
            out[c] = PUT(sum / count);
        }
    }
}

CRESSET_VECTOR static void FN(average_pool_gradient)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_pool_geometry *g = w->g;
    int64_t channels = g->channels, in_plane = volume(g->in), out_plane = volume(g->out);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t row = unit / w->strips, c = unit % w->strips * strip, last = minimum(c + strip, channels);
        struct cover cover = windows_over(g, row % in_plane);
        const ELEMENT *gradient = (const ELEMENT *)w->x + row / in_plane * out_plane * channels;
        ELEMENT *out = (ELEMENT *)w->out + row * channels;
        for (; c + 16 <= last; c += 16) {
            VECTOR sum = {0};
            FOR_EACH_WINDOW(cover, {
                if (touches(g, row % in_plane, o0, o1, o2))
                    sum += LOAD(gradient + from * channels + c) / (REAL)window_divisor(w, from);
            })
            STORE(out + c, sum);
        }
        for (; c < last; c++) {
            REAL sum = 0;
            FOR_EACH_WINDOW(cover, {
                if (touches(g, row % in_plane, o0, o1, o2))
                    sum += GET(gradient[from * channels + c]) / (REAL)window_divisor(w, from);
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
