#include "cresset_memory.h"
#include "cresset_threads.h"
#include "loops.h"
#include "winograd.h"
#include "winograd_transforms.h"

struct work {
    const cresset_winograd_geometry *g;
    const float *x, *zeros;
    /// NULL if each panel is packed where it is used.
    const float *packed;
    struct winograd_weight weight;
    const cresset_winograd_epilogue *epilogue;
    cr_inner activation;
    float *out;
    winograd_product product;
    int64_t lanes, panels, point_stride;
    /// Tiles that are multiplied together.
    int64_t group;
    /// All transformed inputs from tile `first` on, where threads share them.
    struct winograd_block inputs;
    int64_t first, count;
};

float *winograd_make_scratch(int64_t count) { return cresset_allocate_scratch((size_t)count * sizeof(float)); }

void winograd_free_scratch(float *scratch, int64_t count) { cresset_free(scratch, (size_t)count * sizeof(float)); }

/// Stores 16 channels (or what is left of them) of a pixel.
#define STORE_PIXEL(offset, value, left)                                                                              \
    do {                                                                                                              \
        f32x16 t_value = (value);                                                                                     \
        if ((left) >= 16) {                                                                                           \
            if (addend) t_value += CRESSET_LOAD_f32(addend + (offset));                                               \
            if (rectifies) t_value = (f32x16)((i32x16)t_value & ~(t_value < 0));                                      \
            CRESSET_STORE_f32(out + (offset), t_value);                                                               \
        } else {                                                                                                      \
            f32x16 t_addend = {0};                                                                                    \
            if (addend) memcpy(&t_addend, addend + (offset), (size_t)(left) * sizeof(float));                         \
            t_value += t_addend;                                                                                      \
            if (rectifies) t_value = (f32x16)((i32x16)t_value & ~(t_value < 0));                                      \
            memcpy(out + (offset), &t_value, (size_t)(left) * sizeof(float));                                         \
        }                                                                                                             \
    } while (0)

/// From panel to panel of the packed weight.
static inline int64_t panel_stride(const struct work *w) { return winograd_points * w->point_stride; }

/// Applies an activation that is no rectifier to a panel's channels of a tile.
static void activate_tile(const struct work *w, int64_t corner, int64_t channels, int64_t rows, int64_t columns) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            char *at = (char *)(w->out + corner + (i * w->g->out[1] + j) * w->g->out_channels);
            w->activation(
                channels, (char *const[]){at, at}, (const long[]){4, 4}, w->epilogue->a, w->epilogue->b);
        }
}

/// The results of a panel's tiles from `first` on.
CRESSET_VECTOR static void transform_output(
    const struct work *w, struct winograd_block products, int64_t panel, int64_t first, int64_t count) {
    const cresset_winograd_geometry *g = w->g;
    struct winograd_tiling tiling = winograd_tiling_of(g);
    const float *addend = w->epilogue->addend, *bias = w->epilogue->bias;
    bool rectifies = w->epilogue->op == CR_UNARY_relu;
    float *out = w->out;
    int64_t channels = g->out_channels, begin = panel * winograd_panel;
    int64_t end = minimum(begin + winograd_panel, channels);
    for (int64_t t = 0; t < count; t++) {
        int64_t column = (first + t) % tiling.columns * 4, row = (first + t) / tiling.columns % tiling.rows * 4;
        int64_t picture = (first + t) / tiling.columns / tiling.rows;
        int64_t rows = minimum(g->out[0] - row, 4), columns = minimum(g->out[1] - column, 4);
        int64_t corner = ((picture * g->out[0] + row) * g->out[1] + column) * channels;
        for (int64_t channel = begin; channel < end; channel += 16) {
            f32x16 m[winograd_points], half[24], y[16], shift = {0};
            const float *from = products.data + t * winograd_panel + channel - begin;
            const int64_t stride = products.point_stride;
            CRESSET_UNROLLED for (int p = 0; p < winograd_points; p++) m[p] = CRESSET_LOAD_f32(from + p * stride);
            CRESSET_UNROLLED for (int i = 0; i < 6; i++) WINOGRAD_OUTPUT(m + i * 6, 1, half + i * 4, 1);
            int64_t left = end - channel;
            if (bias) memcpy(&shift, bias + channel, (size_t)minimum(left, 16) * sizeof(float));
            CRESSET_UNROLLED for (int j = 0; j < 4; j++) WINOGRAD_OUTPUT(half + j, 4, y + j, 4);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++)
                    STORE_PIXEL(corner + (i * g->out[1] + j) * channels + channel, y[i * 4 + j] + shift, left);
        }
        if (w->activation && !rectifies) activate_tile(w, corner + begin, end - begin, rows, columns);
    }
}

/// A panel's products and results, for the transformed inputs from `place` on.
static void compute_panel(
    const struct work *w, struct winograd_block inputs, int64_t place, const float *packed,
    struct winograd_block products, int64_t panel, int64_t first, int64_t count) {
    for (int p = 0; p < winograd_points; p++)
        w->product(
            inputs.data + p * inputs.point_stride + place * winograd_lane, inputs.tiles * winograd_lane, count,
            w->lanes, packed + p * w->point_stride, products.data + p * products.point_stride);
    transform_output(w, products, panel, first, count);
}

// MARK: Each thread takes its tiles from input to result, a group at a time

static void compute_tiles(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t group = divide_up(end - begin, divide_up(end - begin, w->group));
    int64_t input_count = winograd_block_count(w->lanes, winograd_lane, group);
    int64_t product_count = winograd_block_count(1, winograd_panel, group);
    float *scratch = winograd_make_scratch(input_count + product_count);
    struct winograd_block inputs = winograd_block_at(scratch, w->lanes, winograd_lane, group);
    struct winograd_block products = winograd_block_at(scratch + input_count, 1, winograd_panel, group);
    for (int64_t first = begin; first < end; first += group) {
        int64_t count = minimum(end - first, group);
        winograd_transform_input(w->g, w->x, w->zeros, first, count, inputs, 0);
        for (int64_t panel = 0; panel < w->panels; panel++)
            compute_panel(w, inputs, 0, w->packed + panel * panel_stride(w), products, panel, first, count);
    }
    winograd_free_scratch(scratch, input_count + product_count);
}

// MARK: Threads share the transformed inputs and divide the panels

static void transform_shared(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    winograd_transform_input(w->g, w->x, w->zeros, w->first + begin, end - begin, w->inputs, begin);
}

/// Over (panel, group of tiles), so that a panel is packed once.
static void compute_shared(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t product_count = winograd_block_count(1, winograd_panel, w->group);
    int64_t packed_count = w->packed ? 0 : panel_stride(w);
    float *scratch = winograd_make_scratch(product_count + packed_count), *own = scratch + product_count;
    struct winograd_block products = winograd_block_at(scratch, 1, winograd_panel, w->group);
    int64_t groups = divide_up(w->count, w->group);
    for (int64_t index = begin; index < end; index++) {
        int64_t place = index % groups * w->group, panel = index / groups;
        int64_t count = minimum(w->count - place, w->group);
        if (!w->packed && (index == begin || place == 0))
            for (int64_t lane = 0; lane < w->lanes; lane++) winograd_pack_lane(&w->weight, panel, lane, own);
        const float *packed = w->packed ? w->packed + panel * panel_stride(w) : own;
        compute_panel(w, w->inputs, place, packed, products, panel, w->first + place, count);
    }
    winograd_free_scratch(scratch, product_count + packed_count);
}

static void share_tiles(struct work *w, int64_t tiles) {
    // So many at a time that their inputs stay in the third-level cache.
    int64_t most = 2097152 / (winograd_points * winograd_lane * w->lanes);
    most = divide_up(tiles, divide_up(tiles, most < 64 ? 64 : most));
    w->group = minimum(w->group, most);
    int64_t count = winograd_block_count(w->lanes, winograd_lane, most);
    float *scratch = winograd_make_scratch(count);
    for (w->first = 0; w->first < tiles; w->first += most) {
        w->count = minimum(tiles - w->first, most);
        w->inputs = winograd_block_at(scratch, w->lanes, winograd_lane, most);
        cresset_parallel_for(w->count, 1, transform_shared, w);
        cresset_parallel_for(divide_up(w->count, w->group) * w->panels, 1, compute_shared, w);
    }
    winograd_free_scratch(scratch, count);
}

/// Tiles that are multiplied together. Where the packed weight leaves room for them in the second-level cache, few;
/// elsewhere more, since the weight is read once for each group; so few, though, that every thread gets some.
static int64_t group_of(const struct work *w, int64_t tiles, bool shared) {
    if (shared) {
        int64_t fair = tiles * w->panels / cresset_thread_count();
        return fair < 8 ? 8 : minimum(fair, 64);
    }
    return w->panels * panel_stride(w) <= 196608 || w->lanes > 16 ? 14 : 28;
}

/// Whether each thread should read only its part of the weight, since that is larger than the third-level cache or used
/// for a few tiles.
static bool shares(const struct work *w, int64_t tiles) {
    return w->panels * panel_stride(w) > 4194304 || tiles < 8 * cresset_thread_count();
}

void cresset_winograd_convolution(
    const cresset_winograd_geometry *g, const float *x, const float *packed, const float *weight,
    const int64_t strides[4], const cresset_winograd_epilogue *epilogue, float *out) {
    int64_t tiles = winograd_tile_count(g);
    float *zeros = winograd_make_scratch(g->in_channels), *own = NULL;
    memset(zeros, 0, (size_t)g->in_channels * sizeof(float));
    struct work w = {
        .g = g, .x = x, .packed = packed, .weight = {weight, strides, g->in_channels, g->out_channels},
        .zeros = zeros, .epilogue = epilogue, .activation = cr_unary_kernel(epilogue->op, CR_F32), .out = out,
        .product = winograd_best_product(), .lanes = divide_up(g->in_channels, winograd_lane),
        .panels = divide_up(g->out_channels, winograd_panel),
        .point_stride = winograd_packed_point_stride(g->in_channels)};
    bool sharing = shares(&w, tiles);
    w.group = group_of(&w, tiles, sharing);
    if (sharing) {
        share_tiles(&w, tiles);
    } else {
        if (!packed) {
            own = winograd_make_scratch(w.panels * panel_stride(&w));
            winograd_pack(&w.weight, own);
            w.packed = own;
        }
        cresset_parallel_for(tiles, 1, compute_tiles, &w);
    }
    winograd_free_scratch(own, w.panels * panel_stride(&w));
    winograd_free_scratch(zeros, g->in_channels);
}
