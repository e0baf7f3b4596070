#include "winograd_transforms.h"
#include "winograd.h"

/// Where the 6 x 6 elements of a tile begin; those in the padding are zeros.
static inline void locate_tile(
    const cresset_winograd_geometry *g, const float *x, const float *zeros, int64_t tile, const float *at[]) {
    struct winograd_tiling tiling = winograd_tiling_of(g);
    int64_t column = tile % tiling.columns, row = tile / tiling.columns % tiling.rows;
    int64_t picture = tile / tiling.columns / tiling.rows;
    int64_t top = row * 4 - g->padding[0], left = column * 4 - g->padding[1];
    const float *plane = x + picture * g->in[0] * g->in[1] * g->in_channels;
    for (int64_t i = 0; i < 6; i++)
        for (int64_t j = 0; j < 6; j++) {
            bool inside = top + i >= 0 && top + i < g->in[0] && left + j >= 0 && left + j < g->in[1];
            at[i * 6 + j] = inside ? plane + ((top + i) * g->in[1] + left + j) * g->in_channels : zeros;
        }
}

CRESSET_VECTOR void winograd_transform_input(
    const cresset_winograd_geometry *g, const float *x, const float *zeros, int64_t first, int64_t count,
    struct winograd_block block, int64_t place) {
    const float *at[winograd_points];
    for (int64_t t = 0; t < count; t++) {
        locate_tile(g, x, zeros, first + t, at);
        for (int64_t channel = 0; channel < g->in_channels; channel += winograd_lane) {
            f32x16 d[winograd_points];
            int64_t left = g->in_channels - channel;
            if (left >= winograd_lane)
                CRESSET_UNROLLED for (int p = 0; p < winograd_points; p++) d[p] = CRESSET_LOAD_f32(at[p] + channel);
            else
                for (int p = 0; p < winograd_points; p++) {
                    d[p] = (f32x16){0};
                    memcpy(&d[p], at[p] + channel, (size_t)left * sizeof(float));
                }
            CRESSET_UNROLLED for (int i = 0; i < 6; i++) WINOGRAD_INPUT(d + i * 6, 1);
            CRESSET_UNROLLED for (int j = 0; j < 6; j++) WINOGRAD_INPUT(d + j, 6);
            float *to = block.data + channel * block.tiles + (place + t) * winograd_lane;
            CRESSET_UNROLLED for (int p = 0; p < winograd_points; p++)
                CRESSET_STORE_f32(to + p * block.point_stride, d[p]);
        }
    }
}
