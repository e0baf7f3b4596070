// Combines rows of a table, bag by bag.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Raw values of `BagMode`.
enum cresset_bag_mode { cresset_bag_sum, cresset_bag_mean, cresset_bag_max };

/// Bag b holds the indices from starts[b] up to, but not including, starts[b + 1].
typedef struct {
    int64_t bags, rows, features;
    const int64_t *numbers, *starts;
    /// A factor for each index, of the table's type; NULL for none. Sums only.
    const void *weights;
    /// The index that is ignored; negative for none.
    int64_t padding;
    /// A `cresset_bag_mode`.
    int mode;
    bool is_double;
} cresset_embedding_bags;

/// `places`, for maxima only: the row that each element comes from, -1 in an empty bag, whose elements are 0.
void cresset_embedding_bag(const cresset_embedding_bags *bags, const void *table, int64_t *places, void *out);

/// The gradient of the table, (rows, features); every element is written.
void cresset_embedding_bag_gradient(
    const cresset_embedding_bags *bags, const void *gradient, const int64_t *places, void *out);
