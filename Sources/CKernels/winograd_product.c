#include "winograd.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// Registers of 512 bits, which the compiler avoids unless told.
#define WIDE __attribute__((target("arch=x86-64-v4"), __min_vector_width__(512)))

// Sums for a few tiles and one or two vectors of output channels stay in registers over all input channels.
#define DEFINE_ROWS(rows, vectors)                                                                                    \
    ALWAYS_INLINE void rows_##rows##_##vectors(                                                                       \
        const float *inputs, int64_t stride, int64_t lanes, const float *panel, float *products) {                    \
        f32x16 sums[rows][vectors];                                                                                   \
        CRESSET_UNROLLED for (int r = 0; r < rows; r++)                                                               \
            CRESSET_UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = (f32x16){0};                              \
        for (int64_t lane = 0; lane < lanes; lane++, inputs += stride)                                                \
            for (int k = 0; k < winograd_lane; k++, panel += winograd_panel) {                                        \
                f32x16 b[vectors];                                                                                    \
                CRESSET_UNROLLED for (int v = 0; v < vectors; v++) b[v] = CRESSET_LOAD_f32(panel + v * 16);           \
                CRESSET_UNROLLED for (int r = 0; r < rows; r++) {                                                     \
                    float a = inputs[r * winograd_lane + k];                                                          \
                    CRESSET_UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] += a * b[v];                        \
                }                                                                                                     \
            }                                                                                                         \
        CRESSET_UNROLLED for (int r = 0; r < rows; r++)                                                               \
            CRESSET_UNROLLED for (int v = 0; v < vectors; v++)                                                        \
                CRESSET_STORE_f32(products + r * winograd_panel + v * 16, sums[r][v]);                                \
    }
#define ROWS_CASE(rows, vectors) case rows: rows_##rows##_##vectors(inputs, stride, lanes, panel, products); break;
#define UP_TO_SIX(X, v) X(1, v) X(2, v) X(3, v) X(4, v) X(5, v) X(6, v)
#define UP_TO_FOURTEEN(X, v) UP_TO_SIX(X, v) X(7, v) X(8, v) X(9, v) X(10, v) X(11, v) X(12, v) X(13, v) X(14, v)

/// The tiles of the next step, of at most `most`, such that all steps are about equal.
static inline int64_t step_of(int64_t left, int64_t most) {
    int64_t steps = divide_up(left, most);
    return (left + steps - 1) / steps;
}

// 6 x 16 sums take 12 registers of 256 bits, of 16.
UP_TO_SIX(DEFINE_ROWS, 1)

CRESSET_VECTOR static void narrow_product(
    const float *from, int64_t stride, int64_t tiles, int64_t lanes, const float *panel, float *to) {
    // A half of the panel at a time, which the first-level cache holds.
    for (int half = 0; half < winograd_panel; half += 16, panel += 16, to += 16) {
        const float *inputs = from;
        float *products = to;
        for (int64_t left = tiles, step; left > 0; left -= step) {
            step = step_of(left, 6);
            switch (step) { UP_TO_SIX(ROWS_CASE, 1) }
            products += step * winograd_panel;
            inputs += step * winograd_lane;
        }
    }
}

#if defined(__x86_64__)
// 14 x 32 sums take 28 registers of 512 bits, of 32.
UP_TO_FOURTEEN(DEFINE_ROWS, 2)

WIDE static void wide_product(
    const float *inputs, int64_t stride, int64_t tiles, int64_t lanes, const float *panel, float *products) {
    while (tiles > 0) {
        int64_t step = step_of(tiles, 14);
        switch (step) { UP_TO_FOURTEEN(ROWS_CASE, 2) }
        products += step * winograd_panel;
        inputs += step * winograd_lane;
        tiles -= step;
    }
}
#endif

// MARK: Sums over tiles

// Tiles that are summed before the sum is added to the others: rounding errors grow with the length of a sum.
enum { short_sum = 64 };

#define DEFINE_CORRELATION(name, attributes, rows, vectors)                                                           \
    attributes static void name(                                                                                      \
        const float *inputs, const float *gradients, int64_t tiles, bool adds, float *sums) {                         \
        for (int64_t begin = 0; begin < tiles; begin += short_sum, adds = true)                                       \
            for (int c = 0; c < winograd_lane; c += rows)                                                             \
                for (int k = 0; k < winograd_panel; k += vectors * 16) {                                              \
                    int64_t end = minimum(begin + short_sum, tiles);                                                  \
                    f32x16 s[rows][vectors], b[vectors];                                                              \
                    CRESSET_UNROLLED for (int r = 0; r < rows; r++)                                                   \
                        CRESSET_UNROLLED for (int v = 0; v < vectors; v++) s[r][v] = (f32x16){0};                     \
                    for (int64_t t = begin; t < end; t++) {                                                           \
                        CRESSET_UNROLLED for (int v = 0; v < vectors; v++)                                            \
                            b[v] = CRESSET_LOAD_f32(gradients + t * winograd_panel + k + v * 16);                     \
                        CRESSET_UNROLLED for (int r = 0; r < rows; r++) {                                             \
                            float a = inputs[t * winograd_lane + c + r];                                              \
                            CRESSET_UNROLLED for (int v = 0; v < vectors; v++) s[r][v] += a * b[v];                   \
                        }                                                                                             \
                    }                                                                                                 \
                    float *to = sums + c * winograd_panel + k;                                                        \
                    CRESSET_UNROLLED for (int r = 0; r < rows; r++)                                                   \
                        CRESSET_UNROLLED for (int v = 0; v < vectors; v++) {                                          \
                            if (adds) s[r][v] += CRESSET_LOAD_f32(to + r * winograd_panel + v * 16);                  \
                            CRESSET_STORE_f32(to + r * winograd_panel + v * 16, s[r][v]);                             \
                        }                                                                                             \
                }                                                                                                     \
    }

DEFINE_CORRELATION(narrow_correlation, CRESSET_VECTOR, 4, 1)
#if defined(__x86_64__)
DEFINE_CORRELATION(wide_correlation, WIDE, 8, 2)
#endif

// MARK: The machine's

#if defined(__x86_64__)
static bool is_wide(void) {
#if defined(CRESSET_WITHOUT_AVX512)
    return false;
#else
    return __builtin_cpu_supports("x86-64-v4");
#endif
}
#endif

winograd_product winograd_best_product(void) {
#if defined(__x86_64__)
    if (is_wide()) return wide_product;
#endif
    return narrow_product;
}

winograd_correlation winograd_best_correlation(void) {
#if defined(__x86_64__)
    if (is_wide()) return wide_correlation;
#endif
    return narrow_correlation;
}
