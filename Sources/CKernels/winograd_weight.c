#include "cresset_threads.h"
#include "winograd.h"
#include "winograd_transforms.h"

// A packed weight: panel after panel of 32 output channels, point after point, input channel after input channel (up to
// a full lane), 32 numbers side by side.

static inline int64_t panel_count(int64_t channels) { return divide_up(channels, winograd_panel); }

int64_t winograd_packed_point_stride(int64_t in_channels) {
    return winograd_point_stride(divide_up(in_channels, winograd_lane), winograd_panel, winograd_lane);
}

int64_t cresset_winograd_packed_count(int64_t in_channels, int64_t out_channels) {
    return panel_count(out_channels) * winograd_points * winograd_packed_point_stride(in_channels);
}

/// The taps of a lane of input channels: where they are or, if each output channel's are side by side and far from the
/// next one's, which compete for the same places in the cache, copied to `near`.
static inline struct winograd_weight lane_of(
    const struct winograd_weight *w, int64_t in, int64_t out, float near[winograd_panel][9 * winograd_lane]) {
    static const int64_t near_strides[4] = {9 * winograd_lane, 9, 3, 1};
    const int64_t *s = w->strides;
    int64_t ins = minimum(w->in_channels - in, winograd_lane);
    int64_t outs = minimum(w->out_channels - out, winograd_panel);
    const float *from = w->data + out * s[0] + in * s[1];
    if (s[1] != 9 || s[2] != 3 || s[3] != 1) return (struct winograd_weight){from, s, ins, outs};
    for (int64_t k = 0; k < outs; k++) memcpy(near[k], from + k * s[0], (size_t)(ins * 9) * sizeof(float));
    return (struct winograd_weight){near[0], near_strides, ins, outs};
}

/// The nine taps from input channel `in` of a lane to each output channel, tap after tap.
static inline void gather(const struct winograd_weight *lane, int64_t in, float taps[9][winograd_panel]) {
    const int64_t *s = lane->strides;
    const float *from = lane->data + in * s[1];
    for (int64_t k = 0; k < lane->out_channels; k++, from += s[0])
        for (int t = 0; t < 9; t++) taps[t][k] = from[t / 3 * s[2] + t % 3 * s[3]];
}

CRESSET_VECTOR void winograd_pack_lane(
    const struct winograd_weight *w, int64_t panel, int64_t lane, float *packed) {
    int64_t point_stride = winograd_packed_point_stride(w->in_channels);
    _Alignas(64) float near[winograd_panel][9 * winograd_lane], taps[9][winograd_panel];
    struct winograd_weight part = lane_of(w, lane * winograd_lane, panel * winograd_panel, near);
    memset(taps, 0, sizeof taps);
    for (int64_t in = 0; in < winograd_lane; in++) {
        if (in < part.in_channels)
            gather(&part, in, taps);
        else
            memset(taps, 0, sizeof taps);
        for (int half = 0; half < winograd_panel; half += 16) {
            f32x16 g[9], rows[18], u[winograd_points];
            float *to = packed + (lane * winograd_lane + in) * winograd_panel + half;
            CRESSET_UNROLLED for (int t = 0; t < 9; t++) g[t] = CRESSET_LOAD_f32(taps[t] + half);
            CRESSET_UNROLLED for (int i = 0; i < 3; i++) WINOGRAD_WEIGHT(g + i * 3, 1, rows + i * 6, 1);
            CRESSET_UNROLLED for (int j = 0; j < 6; j++) WINOGRAD_WEIGHT(rows + j, 6, u + j, 6);
            CRESSET_UNROLLED for (int p = 0; p < winograd_points; p++) CRESSET_STORE_f32(to + p * point_stride, u[p]);
        }
    }
}

struct packing {
    const struct winograd_weight *weight;
    float *packed;
};

/// Over (panel, lane of input channels).
static void pack_lanes(void *context, int64_t begin, int64_t end) {
    const struct packing *w = context;
    int64_t lanes = divide_up(w->weight->in_channels, winograd_lane);
    int64_t panel_stride = winograd_points * winograd_packed_point_stride(w->weight->in_channels);
    for (int64_t index = begin; index < end; index++) {
        int64_t panel = index / lanes;
        winograd_pack_lane(w->weight, panel, index % lanes, w->packed + panel * panel_stride);
    }
}

void winograd_pack(const struct winograd_weight *weight, float *packed) {
    int64_t lanes = divide_up(weight->in_channels, winograd_lane);
    struct packing work = {weight, packed};
    cresset_parallel_for(panel_count(weight->out_channels) * lanes, 1, pack_lanes, &work);
}

void cresset_winograd_pack(
    const float *weight, const int64_t strides[4], int64_t in_channels, int64_t out_channels, float *packed) {
    winograd_pack(&(struct winograd_weight){weight, strides, in_channels, out_channels}, packed);
}
