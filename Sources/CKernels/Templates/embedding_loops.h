// The loops of embedding bags for one type, included once for each. The includer defines NAME and REAL. Features are
// processed in strips that stay in registers while the bag's rows are read.

#define FN(name) CRESSET_JOIN(name, CRESSET_JOIN(_, NAME))

static inline REAL FN(factor)(const cresset_embedding_bags *b, int64_t at) {
    return b->weights ? ((const REAL *)b->weights)[at] : 1;
}

CRESSET_VECTOR static void FN(bags)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_embedding_bags *b = w->bags;
    for (int64_t bag = begin; bag < end; bag++) {
        REAL share = 1;
        if (b->mode == cresset_bag_mean) share = 1 / (REAL)maximum(members(b, bag), 1);
        for (int64_t first = 0; first < b->features; first += strip) {
            int64_t count = minimum(b->features - first, strip);
            REAL sums[strip] = {0};
            for (int64_t at = b->starts[bag]; at < b->starts[bag + 1]; at++) {
                if (b->numbers[at] == b->padding) continue;
                const REAL *row = (const REAL *)w->x + b->numbers[at] * b->features + first;
                REAL factor = FN(factor)(b, at);
                if (count == strip)
                    for (int64_t i = 0; i < strip; i++) sums[i] += row[i] * factor;
                else
                    for (int64_t i = 0; i < count; i++) sums[i] += row[i] * factor;
            }
            REAL *out = (REAL *)w->out + bag * b->features + first;
            for (int64_t i = 0; i < count; i++) out[i] = sums[i] * share;
        }
    }
}

/// NaN is larger than any number; the first of equal values wins.
CRESSET_VECTOR static void FN(largest)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_embedding_bags *b = w->bags;
    for (int64_t bag = begin; bag < end; bag++) {
        REAL *out = (REAL *)w->out + bag * b->features;
        int64_t *places = w->places + bag * b->features;
        for (int64_t i = 0; i < b->features; i++) {
            out[i] = 0;
            places[i] = -1;
        }
        for (int64_t at = b->starts[bag]; at < b->starts[bag + 1]; at++) {
            int64_t number = b->numbers[at];
            if (number == b->padding) continue;
            const REAL *row = (const REAL *)w->x + number * b->features;
            for (int64_t i = 0; i < b->features; i++) {
                bool wins = places[i] < 0 || row[i] > out[i] || (row[i] != row[i] && out[i] == out[i]);
                out[i] = wins ? row[i] : out[i];
                places[i] = wins ? number : places[i];
            }
        }
    }
}

/// The features from `begin` to `end` of the whole table's gradient: threads write disjoint features, and rows come in
/// order.
CRESSET_VECTOR static void FN(gradient)(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_embedding_bags *b = w->bags;
    REAL *out = (REAL *)w->out;
    for (int64_t row = 0; row < b->rows; row++)
        memset(out + row * b->features + begin, 0, (size_t)(end - begin) * sizeof(REAL));
    for (int64_t bag = 0; bag < b->bags; bag++) {
        const REAL *gradient = (const REAL *)w->x + bag * b->features;
        if (b->mode == cresset_bag_max) {
            const int64_t *places = w->places + bag * b->features;
            for (int64_t i = begin; i < end; i++)
                if (places[i] >= 0) out[places[i] * b->features + i] += gradient[i];
            continue;
        }
        REAL share = b->mode == cresset_bag_mean ? 1 / (REAL)maximum(members(b, bag), 1) : 1;
        for (int64_t at = b->starts[bag]; at < b->starts[bag + 1]; at++) {
            if (b->numbers[at] == b->padding) continue;
            REAL factor = FN(factor)(b, at) * share, *row = out + b->numbers[at] * b->features;
            _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = begin; i < end; i++)
                row[i] += gradient[i] * factor;
        }
    }
}

#undef FN
#undef NAME
#undef REAL
