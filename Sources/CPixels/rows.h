// Rows of pictures.
#pragma once
#include "CPixels.h"

static inline const uint8_t *row_of(const cresset_pixels *p, int y) { return p->pixels + (size_t)y * p->stride; }
static inline uint8_t *row_to(const cresset_pixels *p, int y) { return p->pixels + (size_t)y * p->stride; }
