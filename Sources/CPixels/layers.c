// What files hold besides red, green and blue: transparency and inks.
#include "CPixels.h"

void cresset_pixels_lay_over(const uint8_t *rgba, uint8_t *rgb, uint32_t width, uint8_t ground) {
    for (uint32_t x = 0; x < width; x++, rgba += 4, rgb += 3) {
        unsigned a = rgba[3];
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)((rgba[c] * a + ground * (255 - a) + 127) / 255);
    }
}

// round(a * b / 255)
static inline uint8_t scaled(unsigned a, unsigned b) {
    unsigned product = a * b + 128;
    return (uint8_t)(((product >> 8) + product) >> 8);
}

void cresset_pixels_from_inks(const uint8_t *inks, uint8_t *rgb, uint32_t width, uint8_t full) {
    for (uint32_t x = 0; x < width; x++, inks += 4, rgb += 3) {
        // The exclusive or with 255 is the complement.
        unsigned light = inks[3] ^ full;
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(light - scaled(255u - (inks[c] ^ full), light));
    }
}
