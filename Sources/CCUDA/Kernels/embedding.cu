// Embedding bags: neighbouring threads have neighbouring features of a bag, VECTOR each, and loop over its indices.
#include "device.h"
#include "embedding.h"

typedef ELEMENT T;
enum { V = VECTOR };

KERNEL(embedding_bags, 256)(cresset_embedding_parameters p) {
    i64 bag, strip, strips = p.features / V, number = (i64)blockIdx.x * 256 + threadIdx.x;
    if (number >= p.bags * strips) return;
    bag = number / strips;
    strip = number - bag * strips;
    const T *table = (const T *)p.table + strip * V, *weights = (const T *)p.weights;
    T sums[V], members = 0;
    UNROLL for (int k = 0; k < V; k++) sums[k] = 0;
    i64 end = p.starts[bag + 1];
    for (i64 at = p.starts[bag]; at < end; at++) {
        i64 row = p.numbers[at];
        if (row == p.padding) continue;
        Vec<T, V> own = *(const Vec<T, V> *)(table + row * p.features);
        T factor = weights ? weights[at] : (T)1;
        UNROLL for (int k = 0; k < V; k++) sums[k] += own.v[k] * factor;
        members += 1;
    }
    T share = p.is_mean && members > 0 ? 1 / members : (T)1;
    Vec<T, V> result;
    UNROLL for (int k = 0; k < V; k++) result.v[k] = sums[k] * share;
    *(Vec<T, V> *)((T *)p.out + bag * p.features + strip * V) = result;
}
EXPORT(embedding_bags)

// NaN is larger than any number; the first of equal values wins.
KERNEL(embedding_largest, 256)(cresset_embedding_parameters p) {
    i64 bag, feature, number = (i64)blockIdx.x * 256 + threadIdx.x;
    if (number >= p.bags * p.features) return;
    bag = number / p.features;
    feature = number - bag * p.features;
    const T *table = (const T *)p.table + feature;
    T most = 0;
    i64 place = -1, end = p.starts[bag + 1];
    for (i64 at = p.starts[bag]; at < end; at++) {
        i64 row = p.numbers[at];
        if (row == p.padding) continue;
        T v = table[row * p.features];
        if (place < 0 || v > most || (v != v && most == most)) {
            most = v;
            place = row;
        }
    }
    ((T *)p.out)[number] = most;
    p.places[number] = place;
}
EXPORT(embedding_largest)

// One warp per bag: finds the bag of each index, and its share of the bag's gradient.
KERNEL(embedding_owners, 256)(cresset_embedding_parameters p) {
    i64 bag = (i64)blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
    bool is_there = bag < p.bags;
    i64 begin = is_there ? p.starts[bag] : 0, end = is_there ? p.starts[bag + 1] : 0;
    T share = 1;
    if (p.is_mean) {
        int members = 0;
        for (i64 at = begin + lane; at < end; at += 32) members += p.numbers[at] != p.padding;
        members = warp_sum(members);
        share = 1 / (T)(members > 1 ? members : 1);
    }
    for (i64 at = begin + lane; at < end; at += 32) {
        p.owners[at] = (u32)bag;
        ((T *)p.factors)[at] = p.weights ? ((const T *)p.weights)[at] * share : share;
    }
}
EXPORT(embedding_owners)
