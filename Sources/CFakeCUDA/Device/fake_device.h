// What the vocabulary of device.h and CUDA means on the CPU. Threads of a block take turns on one host thread: a
// barrier or shuffle switches to the next.
#pragma once
#include "fake_abi.h"
#include "fake_math.h"
#include "fake_atomics.h"

#define threadIdx (fake_current->thread)
#define blockIdx (fake_running_block.block)
#define blockDim (fake_running_block.block_size)
#define gridDim (fake_running_block.grid_size)
static constexpr int warpSize = 32;

#define FAKE_TEXT_OF(x) #x
#define FAKE_TEXT(x) FAKE_TEXT_OF(x)
#define FAKE_HERE __FILE__ ":" FAKE_TEXT(__LINE__)

#define DEVICE inline
#define __device__
#define __host__
#define __forceinline__ inline
#define __align__(n) alignas(n)
#define UNROLL

// Kernels. The size of the single parameter and the maximum number of threads are stored with the kernel.
template <auto F> struct FakeEntry;
template <class P, void (*F)(P)> struct FakeEntry<F> {
    static_assert(sizeof(P) <= 4096, "a kernel's parameters have at most 4 KiB");
    static constexpr unsigned bytes = sizeof(P);
    static void call(const void *parameters) { F(*(const P *)parameters); }
};
#define KERNEL(name, threads) FAKE_KERNEL(name, threads)
#define KERNEL_WITH_ROOM(name, threads, blocks) FAKE_KERNEL(name, threads)
#define FAKE_KERNEL(name, threads)                                             \
    static constexpr unsigned name##_most_threads = threads;                   \
    static_assert(name##_most_threads <= 1024, "a block has at most 1024 threads"); \
    static void name
#define EXPORT(name) FAKE_EXPORT(name)
#define FAKE_EXPORT(name)                                                                      \
    extern "C" __attribute__((visibility("default"))) const fake_kernel name##_fake_kernel = { \
        FakeEntry<&name>::call, FakeEntry<&name>::bytes, name##_most_threads};

// Shared memory.
static inline unsigned char *fake_shared(fake_shared_array *array) {
    if (array->epoch != fake_running_block.epoch) fake_open_shared(array);
    return array->memory + fake_strip;
}
#define SHARED(T, name, dims)                                                             \
    using name##_type = T dims;                                                           \
    alignas(16) static unsigned char name##_memory[sizeof(name##_type) + 2 * fake_strip]; \
    static fake_shared_array name##_array = {0, sizeof(name##_type), name##_memory, #name}; \
    name##_type &name = *(name##_type *)fake_shared(&name##_array)
#define DYNAMIC_SHARED(T, name) T *name = (T *)fake_running_block.dynamic_shared

// Barriers and exchanges between the lanes of a warp.
#define __syncthreads() fake_sync_threads(FAKE_HERE)
#define FAKE_SYNC_WARP(mask, ...) fake_sync_warp(mask, FAKE_HERE)
#define __syncwarp(...) FAKE_SYNC_WARP(__VA_ARGS__ __VA_OPT__(, ) 0xffffffffu)

template <class T> static inline T fake_lane_value(unsigned mask, T v, unsigned source, const char *where) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 32 or 64 bits");
    T r;
    fake_shuffle(mask, &v, source, &r, sizeof(T), where);
    return r;
}
template <class T>
static inline T fake_shfl(const char *where, unsigned mask, T v, int source, int width = 32) {
    unsigned lane = fake_current->lane;
    return fake_lane_value(mask, v, (lane & ~(width - 1u)) | ((unsigned)source & (width - 1u)), where);
}
template <class T>
static inline T fake_shfl_xor(const char *where, unsigned mask, T v, int distance, int width = 32) {
    unsigned lane = fake_current->lane, source = lane ^ (unsigned)distance;
    return fake_lane_value(mask, v, source >= (lane & ~(width - 1u)) + width ? lane : source, where);
}
template <class T>
static inline T fake_shfl_up(const char *where, unsigned mask, T v, unsigned distance, int width = 32) {
    unsigned lane = fake_current->lane, own = lane & (width - 1u);
    return fake_lane_value(mask, v, distance > own ? lane : lane - distance, where);
}
template <class T>
static inline T fake_shfl_down(const char *where, unsigned mask, T v, unsigned distance, int width = 32) {
    unsigned lane = fake_current->lane, own = lane & (width - 1u);
    return fake_lane_value(mask, v, own + distance >= (unsigned)width ? lane : lane + distance, where);
}
#define __shfl_sync(...) fake_shfl(FAKE_HERE, __VA_ARGS__)
#define __shfl_xor_sync(...) fake_shfl_xor(FAKE_HERE, __VA_ARGS__)
#define __shfl_up_sync(...) fake_shfl_up(FAKE_HERE, __VA_ARGS__)
#define __shfl_down_sync(...) fake_shfl_down(FAKE_HERE, __VA_ARGS__)
#define __ballot_sync(mask, vote) fake_ballot(mask, (vote) != 0, FAKE_HERE)
#define __any_sync(mask, vote) (int)(fake_ballot(mask, (vote) != 0, FAKE_HERE) != 0)
#define __all_sync(mask, vote) (int)(fake_ballot(mask, (vote) == 0, FAKE_HERE) == 0)

template <class T> static inline T __ldg(const T *p) { return *p; }
template <class T> static inline T __ldcs(const T *p) { return *p; }
template <class T> static inline T __ldcg(const T *p) { return *p; }
template <class T> static inline void __stcs(T *p, T v) { *p = v; }
template <class T> static inline void __stcg(T *p, T v) { *p = v; }
