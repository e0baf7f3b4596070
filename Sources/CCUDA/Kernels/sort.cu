// Stable sorting along one axis. Elements become unsigned keys in the desired order, each with its position in the
// line; lines that fit in a block are sorted by a bitonic network (in which positions break ties), longer ones by eight
// bits per pass from the lowest. A unit has an ELEMENT and a KEY; in one with INDEX, elements are the indices of a
// scatter, and sorted keys are the result.
#include "device.h"
#include "sort.h"

typedef ELEMENT T;
typedef KEY K;

#define NOTHING 0xffffffffu

// Keys in ascending order, NaN last; zeros are equal.
DEVICE u64 key_of(double v) {
    u64 bits = double_to_bits(v + 0.0);
    return v != v ? ~0ull : bits >> 63 ? ~bits : bits | 1ull << 63;
}
DEVICE u32 key_of(float v) {
    u32 bits = float_to_bits(v + 0.0f);
    return v != v ? ~0u : bits >> 31 ? ~bits : bits | 1u << 31;
}
DEVICE u16 key_of_half(u16 bits, u16 infinity) {
    u16 magnitude = bits & 0x7fff;
    if (magnitude > infinity) return 0xffff;
    if (magnitude == 0) return 0x8000;
    return bits >> 15 ? (u16)~bits : (u16)(bits | 0x8000);
}
DEVICE u16 key_of(f16 v) { return key_of_half(v.bits, 0x7c00); }
DEVICE u16 key_of(bf16 v) { return key_of_half(v.bits, 0x7f80); }
DEVICE u64 key_of(i64 v) { return (u64)v ^ 1ull << 63; }
DEVICE u32 key_of(i32 v) { return (u32)v ^ 1u << 31; }
DEVICE u16 key_of(i16 v) { return (u16)((u16)v ^ 0x8000u); }
DEVICE u8 key_of(i8 v) { return (u8)((u8)v ^ 0x80u); }
DEVICE u8 key_of(u8 v) { return v; }
DEVICE u8 key_of(bool8 v) { return v.value; }

DEVICE K wanted_key(const cresset_sort_parameters &p, T v) {
#ifdef INDEX
    return v == p.skipped ? NOTHING : (K)v;
#else
    return (K)(p.descending ? ~key_of(v) : key_of(v));
#endif
}

// Writes the results for one position of a line, where the element number `from` belongs.
DEVICE void put(const cresset_sort_parameters &p, const i64 (&at)[3], i64 place, u32 from) {
    T v = ((const T *)p.x)[at[0] + from * p.steps[0]];
    ((T *)p.values)[at[1] + place * p.steps[1]] = v;
    p.indices[at[2] + place * p.steps[2]] = from;
}

// Key and position of an element of a block, ordered as one value.
#ifdef WIDE
struct entry {
    u64 key;
    u32 place;
};
struct entries {
    u64 *keys;
    u16 *places;
    DEVICE entries(u64 *shared, int count) : keys(shared), places((u16 *)(shared + count)) {}
    DEVICE entry get(int i) const { return {keys[i], places[i]}; }
    DEVICE void set(int i, entry e) {
        keys[i] = e.key;
        places[i] = (u16)e.place;
    }
};
DEVICE bool is_after(entry a, entry b) { return a.key > b.key || (a.key == b.key && a.place > b.place); }
DEVICE entry entry_of(K key, u32 place) { return {key, place}; }
DEVICE K key_in(entry e) { return e.key; }
DEVICE u32 place_in(entry e) { return e.place; }
#else
typedef u64 entry;
struct entries {
    u64 *all;
    DEVICE entries(u64 *shared, int) : all(shared) {}
    DEVICE entry get(int i) const { return all[i]; }
    DEVICE void set(int i, entry e) { all[i] = e; }
};
DEVICE bool is_after(entry a, entry b) { return a > b; }
DEVICE entry entry_of(K key, u32 place) { return (u64)key << 32 | place; }
DEVICE K key_in(entry e) { return (K)(e >> 32); }
DEVICE u32 place_in(entry e) { return (u32)e; }
#endif

// Several short lines per block, or one.
KERNEL(sort_block, 1024)(cresset_sort_parameters p) {
    DYNAMIC_SHARED(u64, shared);
    entries all(shared, p.block_elements);
    i64 first = (i64)blockIdx.x * (p.block_elements / p.width);
    for (int i = threadIdx.x; i < p.block_elements; i += blockDim.x) {
        i64 line = first + i / p.width, at[1];
        int place = i & (p.width - 1);
        // Padding comes after all real elements.
        entry e = entry_of((K)~(K)0, place);
        if (line < p.line_count && place < p.count) {
            offsets_of(p.lines, p.first_line + line, at);
            e = entry_of(wanted_key(p, ((const T *)p.x)[at[0] + place * p.steps[0]]), place);
        }
        all.set(i, e);
    }
    for (int size = 2; size <= p.width; size *= 2) {
        for (int distance = size / 2; distance; distance /= 2) {
            __syncthreads();
            for (int pair = threadIdx.x; pair < p.block_elements / 2; pair += blockDim.x) {
                int low = 2 * pair - (pair & (distance - 1)), high = low + distance;
                bool ascends = (low & size & (p.width - 1)) == 0;
                entry a = all.get(low), b = all.get(high);
                if (is_after(a, b) == ascends) {
                    all.set(low, b);
                    all.set(high, a);
                }
            }
        }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < p.block_elements; i += blockDim.x) {
        i64 line = first + i / p.width;
        int place = i & (p.width - 1);
        if (line >= p.line_count || place >= p.count) continue;
        entry e = all.get(i);
#ifdef INDEX
        ((K *)p.sorted_keys)[line * p.count + place] = key_in(e);
        p.sorted_order[line * p.count + place] = place_in(e);
#else
        i64 at[3];
        offsets_of(p.lines, p.first_line + line, at);
        put(p, at, place, place_in(e));
#endif
    }
}
EXPORT(sort_block)

// The keys of all elements, in the order of positions.
KERNEL(sort_keys, 256)(cresset_sort_parameters p) {
    i64 width = (i64)gridDim.x * 256, all = p.line_count * p.count;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < all; i += width) {
        i64 line, place, at[1];
        divide(i, p.count, line, place);
        offsets_of(p.lines, p.first_line + line, at);
        ((K *)p.sorted_keys)[i] = wanted_key(p, ((const T *)p.x)[at[0] + place * p.steps[0]]);
        p.sorted_order[i] = (u32)place;
    }
}
EXPORT(sort_keys)

DEVICE u32 digit_of(K key, int shift) { return (u32)(key >> shift) & 255; }

// How often each digit occurs in a tile.
KERNEL(sort_count, 256)(cresset_sort_parameters p) {
    SHARED(u32, counts, [256]);
    i64 line, tile;
    divide(blockIdx.x, p.tiles, line, tile);
    counts[threadIdx.x] = 0;
    __syncthreads();
    const K *keys = (const K *)p.keys + line * p.count;
    i64 end = smaller((tile + 1) * cresset_sort_tile, p.count);
    for (i64 i = tile * cresset_sort_tile + threadIdx.x; i < end; i += 256)
        atomicAdd(&counts[digit_of(keys[i], p.shift)], 1u);
    __syncthreads();
    p.histogram[(line * 256 + threadIdx.x) * p.tiles + tile] = counts[threadIdx.x];
}
EXPORT(sort_count)

// For each of 256 threads, the sum of the values of those before it; `sum` is the total.
DEVICE u32 sum_before(u32 own, u32 *partial, u32 &sum) {
    u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32, upto = own;
    UNROLL for (int d = 1; d < 32; d *= 2) {
        u32 other = __shfl_up_sync(0xffffffffu, upto, d);
        if (lane >= d) upto += other;
    }
    if (lane == 31) partial[warp] = upto;
    __syncthreads();
    u32 before = 0;
    sum = 0;
    UNROLL for (u32 w = 0; w < 8; w++) {
        if (w < warp) before += partial[w];
        sum += partial[w];
    }
    __syncthreads();
    return before + upto - own;
}

// One block per digit of a line: counts become the number of elements with that digit in earlier tiles.
KERNEL(sort_scan, 256)(cresset_sort_parameters p) {
    SHARED(u32, partial, [8]);
    u32 *counts = p.histogram + (i64)blockIdx.x * p.tiles, total = 0;
    for (i64 first = 0; first < p.tiles; first += 256) {
        i64 i = first + threadIdx.x;
        u32 sum, before = sum_before(i < p.tiles ? counts[i] : 0, partial, sum);
        if (i < p.tiles) counts[i] = total + before;
        total += sum;
    }
    if (threadIdx.x == 0) p.totals[blockIdx.x] = total;
}
EXPORT(sort_scan)

// Moves each element of a tile to its position. A warp takes neighbours, 32 per round, so that equal elements stay in
// order.
KERNEL(sort_scatter, 256)(cresset_sort_parameters p) {
    enum { rounds = cresset_sort_tile / 256 };
    SHARED(u32, next, [8][256]);
    SHARED(u32, partial, [8]);
    u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    i64 line, tile;
    divide(blockIdx.x, p.tiles, line, tile);
    i64 first = tile * cresset_sort_tile + warp * (rounds * 32) + lane;
    const K *keys = (const K *)p.keys + line * p.count;
    UNROLL for (int w = 0; w < 8; w++) next[w][threadIdx.x] = 0;
    __syncthreads();
    K own[rounds];
    UNROLL for (int r = 0; r < rounds; r++) {
        bool is_there = first + r * 32 < p.count;
        own[r] = is_there ? keys[first + r * 32] : (K)0;
        if (is_there) atomicAdd(&next[warp][digit_of(own[r], p.shift)], 1u);
    }
    // One thread per digit: where its elements from each warp begin. Threads wait inside for all counts.
    u32 all, place = sum_before(p.totals[line * 256 + threadIdx.x], partial, all);
    place += p.histogram[(line * 256 + threadIdx.x) * p.tiles + tile];
    UNROLL for (int w = 0; w < 8; w++) {
        u32 count = next[w][threadIdx.x];
        next[w][threadIdx.x] = place;
        place += count;
    }
    __syncthreads();
    K *sorted_keys = (K *)p.sorted_keys + line * p.count;
    u32 *sorted_order = p.sorted_order + line * p.count;
    const u32 *order = p.order + line * p.count;
    UNROLL for (int r = 0; r < rounds; r++) {
        bool is_there = first + r * 32 < p.count;
        u32 digit = digit_of(own[r], p.shift);
        // The lanes with the same digit.
        u32 peers = __ballot_sync(0xffffffffu, is_there);
        UNROLL for (int bit = 0; bit < 8; bit++) {
            bool is_set = digit >> bit & 1;
            u32 set = __ballot_sync(0xffffffffu, is_set);
            peers &= is_set ? set : ~set;
        }
        u32 rank = __popc(peers & ((1u << lane) - 1)), to = next[warp][digit] + rank;
        __syncwarp();
        if (is_there && rank + 1 == __popc(peers)) next[warp][digit] = to + 1;
        __syncwarp();
        if (is_there) {
            sorted_keys[to] = own[r];
            sorted_order[to] = order[first + r * 32];
        }
    }
}
EXPORT(sort_scatter)

KERNEL(sort_finish, 256)(cresset_sort_parameters p) {
    i64 width = (i64)gridDim.x * 256, all = p.line_count * p.count;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < all; i += width) {
        i64 line, place, at[3];
        divide(i, p.count, line, place);
        offsets_of(p.lines, p.first_line + line, at);
        put(p, at, place, p.order[i]);
    }
}
EXPORT(sort_finish)
