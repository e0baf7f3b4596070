// Winograd's convolution F(4 x 4, 3 x 3); internal, not imported by Swift.
//
// The result is made of tiles of 4 x 4, each from 6 x 6 elements of the input. Both transformed, a tile and a kernel
// are 36 numbers (points) that are multiplied one by one; over many tiles and channels that is a matrix product for
// each point, (tiles x input channels) by (input channels x output channels).
#pragma once
#include <stdbool.h>

#include "cresset_winograd.h"
#include "kernel.h"

enum {
    winograd_points = 36,
    /// Transformed inputs are stored for 16 channels at a time, products for a panel of 32 output channels.
    winograd_lane = 16,
    winograd_panel = 32
};

/// A group of tiles between transforms: point after point, lane after lane (of 16 or 32 channels), tile after tile.
struct winograd_block {
    float *data;
    /// Tiles that there is room for.
    int64_t tiles;
    /// From point to point. An odd number of cache lines, so that the points of a tile do not compete for the same
    /// place in the cache.
    int64_t point_stride;
};

static inline int64_t winograd_point_stride(int64_t lanes, int64_t lane, int64_t tiles) {
    return lanes * lane * tiles + 16;
}

/// The tiles of a picture's plane.
struct winograd_tiling {
    int64_t rows, columns;
};

static inline struct winograd_tiling winograd_tiling_of(const cresset_winograd_geometry *g) {
    return (struct winograd_tiling){divide_up(g->out[0], 4), divide_up(g->out[1], 4)};
}

static inline int64_t winograd_tile_count(const cresset_winograd_geometry *g) {
    struct winograd_tiling tiling = winograd_tiling_of(g);
    return g->batch * tiling.rows * tiling.columns;
}

static inline struct winograd_block winograd_block_at(float *data, int64_t lanes, int64_t lane, int64_t tiles) {
    return (struct winograd_block){data, tiles, winograd_point_stride(lanes, lane, tiles)};
}

/// The elements of a block.
static inline int64_t winograd_block_count(int64_t lanes, int64_t lane, int64_t tiles) {
    return winograd_points * winograd_point_stride(lanes, lane, tiles);
}

float *winograd_make_scratch(int64_t count);
void winograd_free_scratch(float *scratch, int64_t count);

/// Transforms the input tiles from `first` on to places from `place` on. `zeros`: as many as there are channels.
void winograd_transform_input(
    const cresset_winograd_geometry *g, const float *x, const float *zeros, int64_t first, int64_t count,
    struct winograd_block block, int64_t place);

/// A weight as it is stored; strides are over (output channel, input channel, row, column).
struct winograd_weight {
    const float *data;
    const int64_t *strides;
    int64_t in_channels, out_channels;
};

void winograd_pack(const struct winograd_weight *weight, float *packed);
/// A lane of input channels in a panel, which begins at `packed`.
void winograd_pack_lane(const struct winograd_weight *weight, int64_t panel, int64_t lane, float *packed);

/// From point to point in a panel of a packed weight.
int64_t winograd_packed_point_stride(int64_t in_channels);

/// products[tiles, 32] = inputs[tiles, channels] panel[channels, 32] of one point; `stride`: from lane to lane.
typedef void (*winograd_product)(
    const float *inputs, int64_t stride, int64_t tiles, int64_t lanes, const float *panel, float *products);

/// sums[16 channels, 32] (+)= inputs[tiles, 16]^T gradients[tiles, 32] of one point; `adds`: to what they are.
typedef void (*winograd_correlation)(
    const float *inputs, const float *gradients, int64_t tiles, bool adds, float *sums);

winograd_correlation winograd_best_correlation(void);

/// The product for this machine's registers.
winograd_product winograd_best_product(void);
