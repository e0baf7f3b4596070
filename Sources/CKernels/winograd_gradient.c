// The weight's gradient: for each point, the transformed inputs times the transformed gradients, summed over the tiles.
#include "cresset_memory.h"
#include "cresset_threads.h"
#include "winograd.h"
#include "winograd_transforms.h"

// Sums are in units of 16 input channels by 32 output channels: unit after unit, point after point.
enum { unit_size = winograd_lane * winograd_panel, unit_stride = winograd_points * unit_size + 16 };

struct work {
    const cresset_winograd_geometry *g;
    const float *gradient, *x, *zeros;
    const int64_t *strides;
    float *weight;
    winograd_correlation correlation;
    int64_t lanes, panels;
    struct winograd_block inputs, gradients;
    /// The tiles in the blocks.
    int64_t first, count;
    float *sums;
};

/// Where the 4 x 4 elements of a tile begin; zeros beyond the edge.
static inline void locate_tile(
    const cresset_winograd_geometry *g, const float *gradient, const float *zeros, int64_t tile, const float *at[]) {
    struct winograd_tiling tiling = winograd_tiling_of(g);
    int64_t left = tile % tiling.columns * 4, top = tile / tiling.columns % tiling.rows * 4;
    int64_t picture = tile / tiling.columns / tiling.rows;
    const float *plane = gradient + picture * g->out[0] * g->out[1] * g->out_channels;
    for (int64_t i = 0; i < 4; i++)
        for (int64_t j = 0; j < 4; j++) {
            bool inside = top + i < g->out[0] && left + j < g->out[1];
            at[i * 4 + j] = inside ? plane + ((top + i) * g->out[1] + left + j) * g->out_channels : zeros;
        }
}

CRESSET_VECTOR static void transform_gradients(const struct work *w, int64_t begin, int64_t end) {
    const cresset_winograd_geometry *g = w->g;
    const float *at[16];
    int64_t stride = w->gradients.point_stride;
    for (int64_t t = begin; t < end; t++) {
        locate_tile(g, w->gradient, w->zeros, w->first + t, at);
        for (int64_t channel = 0; channel < w->panels * winograd_panel; channel += 16) {
            f32x16 y[16], half[24], z[winograd_points];
            int64_t left = g->out_channels - channel;
            if (left >= 16)
                CRESSET_UNROLLED for (int i = 0; i < 16; i++) y[i] = CRESSET_LOAD_f32(at[i] + channel);
            else
                for (int i = 0; i < 16; i++) {
                    y[i] = (f32x16){0};
                    if (left > 0) memcpy(&y[i], at[i] + channel, (size_t)left * sizeof(float));
                }
            CRESSET_UNROLLED for (int j = 0; j < 4; j++) WINOGRAD_GRADIENT(y + j, 4, half + j, 4);
            CRESSET_UNROLLED for (int i = 0; i < 6; i++) WINOGRAD_GRADIENT(half + i * 4, 1, z + i * 6, 1);
            int64_t place = channel / winograd_panel * w->gradients.tiles + t;
            float *to = w->gradients.data + place * winograd_panel + channel % winograd_panel;
            CRESSET_UNROLLED for (int p = 0; p < winograd_points; p++) CRESSET_STORE_f32(to + p * stride, z[p]);
        }
    }
}

static void transform_tiles(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    winograd_transform_input(w->g, w->x, w->zeros, w->first + begin, end - begin, w->inputs, begin);
    transform_gradients(w, begin, end);
}

/// The products of a unit for some points.
static inline void correlate(const struct work *w, int64_t unit, int first, int end, bool adds, float *sums) {
    int64_t panel = unit / w->lanes, lane = unit % w->lanes;
    const float *inputs = w->inputs.data + lane * w->inputs.tiles * winograd_lane;
    const float *gradients = w->gradients.data + panel * w->gradients.tiles * winograd_panel;
    for (int p = first; p < end; p++)
        w->correlation(
            inputs + p * w->inputs.point_stride, gradients + p * w->gradients.point_stride, w->count, adds,
            sums + p * unit_size);
}

/// Sums over all tiles to the weight's gradient.
CRESSET_VECTOR static void finish_unit(const struct work *w, int64_t unit, const float *sums) {
    const cresset_winograd_geometry *g = w->g;
    int64_t in = unit % w->lanes * winograd_lane, out = unit / w->lanes * winograd_panel;
    int64_t ins = minimum(g->in_channels - in, winograd_lane);
    int64_t outs = minimum(g->out_channels - out, winograd_panel);
    _Alignas(64) float taps[winograd_lane][9][winograd_panel];
    for (int64_t c = 0; c < ins; c++)
        for (int half = 0; half < winograd_panel; half += 16) {
            f32x16 u[winograd_points], rows[18], tap[9];
            const float *from = sums + c * winograd_panel + half;
            CRESSET_UNROLLED for (int p = 0; p < winograd_points; p++) u[p] = CRESSET_LOAD_f32(from + p * unit_size);
            CRESSET_UNROLLED for (int i = 0; i < 6; i++) WINOGRAD_TAPS(u + i * 6, 1, rows + i * 3, 1);
            CRESSET_UNROLLED for (int j = 0; j < 3; j++) WINOGRAD_TAPS(rows + j, 3, tap + j, 3);
            CRESSET_UNROLLED for (int t = 0; t < 9; t++) CRESSET_STORE_f32(&taps[c][t][half], tap[t]);
        }
    const int64_t *s = w->strides;
    for (int64_t k = 0; k < outs; k++)
        for (int64_t c = 0; c < ins; c++)
            for (int t = 0; t < 9; t++)
                w->weight[(out + k) * s[0] + (in + c) * s[1] + t / 3 * s[2] + t % 3 * s[3]] = taps[c][t][k];
}

/// Over units, with all tiles in the blocks.
static void compute_units(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    float *sums = winograd_make_scratch(unit_stride);
    for (int64_t unit = begin; unit < end; unit++) {
        correlate(w, unit, 0, winograd_points, false, sums);
        finish_unit(w, unit, sums);
    }
    winograd_free_scratch(sums, unit_stride);
}

/// Over (unit, row of points).
static void add_products(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    for (int64_t index = begin; index < end; index++) {
        int64_t unit = index / 6, row = index % 6;
        correlate(w, unit, (int)row * 6, (int)row * 6 + 6, w->first > 0, w->sums + unit * unit_stride);
    }
}

static void finish_units(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    for (int64_t unit = begin; unit < end; unit++) finish_unit(w, unit, w->sums + unit * unit_stride);
}

/// The tiles that are transformed together: as many as fit in the second-level caches or, if the sums are larger than
/// those, so many that the sums are not read more often than the tiles.
static int64_t together(const struct work *w, int64_t tiles) {
    int64_t tile = winograd_points * (w->lanes * winograd_lane + w->panels * winograd_panel);
    int64_t sums = w->lanes * w->panels * unit_stride;
    int64_t most = (sums > 524288 ? sums : 524288) / tile;
    if (most < 64) most = 64;
    return divide_up(tiles, divide_up(tiles, most));
}

void cresset_winograd_weight_gradient(
    const cresset_winograd_geometry *g, const float *gradient, const float *x, const int64_t strides[4],
    float *weight) {
    int64_t widest = g->in_channels > g->out_channels ? g->in_channels : g->out_channels;
    float *zeros = winograd_make_scratch(widest);
    memset(zeros, 0, (size_t)widest * sizeof(float));
    struct work w = {
        .g = g, .gradient = gradient, .x = x, .zeros = zeros, .strides = strides, .weight = weight,
        .correlation = winograd_best_correlation(), .lanes = divide_up(g->in_channels, winograd_lane),
        .panels = divide_up(g->out_channels, winograd_panel)};
    int64_t tiles = winograd_tile_count(g), most = together(&w, tiles), units = w.lanes * w.panels;
    int64_t input_count = winograd_block_count(w.lanes, winograd_lane, most);
    int64_t gradient_count = winograd_block_count(w.panels, winograd_panel, most);
    int64_t sum_count = most < tiles ? units * unit_stride : 0;
    float *scratch = winograd_make_scratch(input_count + gradient_count + sum_count);
    w.inputs = winograd_block_at(scratch, w.lanes, winograd_lane, most);
    w.gradients = winograd_block_at(scratch + input_count, w.panels, winograd_panel, most);
    w.sums = scratch + input_count + gradient_count;
    for (w.first = 0; w.first < tiles; w.first += most) {
        w.count = minimum(tiles - w.first, most);
        cresset_parallel_for(w.count, 1, transform_tiles, &w);
        if (most < tiles)
            cresset_parallel_for(units * 6, 1, add_products, &w);
        else
            cresset_parallel_for(units, 1, compute_units, &w);
    }
    if (most < tiles) cresset_parallel_for(units, 1, finish_units, &w);
    winograd_free_scratch(scratch, input_count + gradient_count + sum_count);
    winograd_free_scratch(zeros, widest);
}
