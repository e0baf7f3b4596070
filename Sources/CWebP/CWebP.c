#include "CWebP.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>

const char *cresset_load_webp(void *library, cresset_webp *table) {
#define REQUIRE(RESULT, NAME, ARGUMENTS)            \
    *(void **)&table->NAME = dlsym(library, #NAME); \
    if (!*(void **)&table->NAME) return #NAME;
    CRESSET_WEBP(REQUIRE)
    return NULL;
}

cresset_webp_status cresset_webp_decode(
    const cresset_webp *webp, const uint8_t *data, size_t size, uint32_t width, uint32_t height, int ground,
    const cresset_layout *layout
) {
    int found_width = 0, found_height = 0;
    if (!webp->WebPGetInfo(data, size, &found_width, &found_height)) return CRESSET_WEBP_BROKEN;
    if ((uint32_t)found_width != width || (uint32_t)found_height != height) return CRESSET_WEBP_OTHER_SIZE;
    bool blends = ground >= 0;
    if (!blends && layout->column_step == 3 && layout->row_step >= (ptrdiff_t)width * 3) {
        size_t room = (size_t)layout->row_step * (height - 1) + (size_t)width * 3;
        uint8_t *end = webp->WebPDecodeRGBInto(data, size, layout->origin, room, (int)layout->row_step);
        return end ? CRESSET_WEBP_OK : CRESSET_WEBP_BROKEN;
    }
    size_t stride = (size_t)width * (blends ? 4 : 3);
    uint8_t *pixels = malloc(stride * height);
    if (!pixels) return CRESSET_WEBP_NO_MEMORY;
    uint8_t *end = blends ? webp->WebPDecodeRGBAInto(data, size, pixels, stride * height, (int)stride)
                          : webp->WebPDecodeRGBInto(data, size, pixels, stride * height, (int)stride);
    for (uint32_t y = 0; end && y < height; y++) {
        uint8_t *row = pixels + y * stride;
        if (blends) cresset_pixels_lay_over(row, row, width, (uint8_t)ground);
        cresset_pixels part = {row, stride, (int32_t)width, 1, 3};
        cresset_pixels_place(&part, layout, (int32_t)y);
    }
    free(pixels);
    return end ? CRESSET_WEBP_OK : CRESSET_WEBP_BROKEN;
}
