// The vocabulary of Cresset's GPU kernels. One source, two targets: NVRTC compiles it for a GPU, clang for the fake
// driver, whose own header replaces the first half.
#pragma once

typedef unsigned char u8;
typedef signed char i8;
typedef unsigned short u16;
typedef short i16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;
typedef float f32;
typedef double f64;
// 16-bit floats and booleans have their own types: they are loaded and stored, never computed with.
struct f16 { u16 bits; };
struct bf16 { u16 bits; };
struct bool8 { u8 value; };

#ifdef __CUDACC_RTC__

#define DEVICE __device__ __forceinline__
// KERNEL(name, maximum threads per block)(parameters) { … } EXPORT(name)
#define KERNEL(name, threads) extern "C" __global__ void __launch_bounds__(threads) name
// The same, where the compiler would rather spill registers than let fewer blocks fit on a multiprocessor: it may use as
// many as leave room for `blocks`.
#define KERNEL_WITH_ROOM(name, threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks) name
#define EXPORT(name)
// An array shared by the threads of a block, initially undefined: SHARED(float, tile, [16][17]);
#define SHARED(T, name, dims) __shared__ __align__(16) T name dims
// The block's dynamic shared memory, as large as the launch specifies: DYNAMIC_SHARED(float, row);
#define DYNAMIC_SHARED(T, name)                                       \
    extern __shared__ __align__(16) unsigned char cresset_dynamic[];  \
    T *name = (T *)cresset_dynamic
#define UNROLL _Pragma("unroll")
#define INFINITY_F32 __int_as_float(0x7f800000)
#define NAN_F32 __int_as_float(0x7fffffff)
#define INFINITY_F64 __longlong_as_double(0x7ff0000000000000ll)
#define NAN_F64 __longlong_as_double(0x7fffffffffffffffll)

DEVICE float bits_to_float(u32 x) { return __uint_as_float(x); }
DEVICE u32 float_to_bits(float x) { return __float_as_uint(x); }
DEVICE double bits_to_double(u64 x) { return __longlong_as_double((i64)x); }
DEVICE u64 double_to_bits(double x) { return (u64)__double_as_longlong(x); }

DEVICE float widen(f16 h) {
    float r;
    asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(h.bits));
    return r;
}
DEVICE f16 narrow_f16(float x) {
    f16 r;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r.bits) : "f"(x));
    return r;
}
DEVICE u32 multiply_high(u32 a, u32 b) { return __umulhi(a, b); }

#else
#include "fake_device.h"
#endif

// Products and sums that are rounded separately: compilers may fuse all others.
#ifdef __CUDACC_RTC__
DEVICE float rounded_product(float a, float b) { return __fmul_rn(a, b); }
DEVICE double rounded_product(double a, double b) { return __dmul_rn(a, b); }
DEVICE float rounded_sum(float a, float b) { return __fadd_rn(a, b); }
DEVICE double rounded_sum(double a, double b) { return __dadd_rn(a, b); }
// Accurate to about 2^-20 for angles within one turn.
DEVICE void fast_sine_cosine(float x, float &sine, float &cosine) { __sincosf(x, &sine, &cosine); }
DEVICE void sine_cosine_pi(double x, double &sine, double &cosine) { sincospi(x, &sine, &cosine); }
#else
DEVICE float rounded_product(float a, float b) { return a * b; }
DEVICE double rounded_product(double a, double b) { return a * b; }
DEVICE float rounded_sum(float a, float b) { return a + b; }
DEVICE double rounded_sum(double a, double b) { return a + b; }
DEVICE void fast_sine_cosine(float x, float &sine, float &cosine) {
    sine = sinf(x);
    cosine = cosf(x);
}
DEVICE void sine_cosine_pi(double x, double &sine, double &cosine) {
    sine = sin(x * 3.14159265358979323846);
    cosine = cos(x * 3.14159265358979323846);
}
#endif

DEVICE float widen(bf16 h) { return bits_to_float((u32)h.bits << 16); }
// Rounds to nearest, ties to even; NaN stays NaN with its upper bits, as on the CPU.
DEVICE bf16 narrow_bf16(float x) {
    u32 bits = float_to_bits(x);
    bf16 r;
    r.bits = x != x ? (u16)(bits >> 16 | 0x40) : (u16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    return r;
}

// The type in which elements of a type are computed with.
template <class T> struct compute_of { typedef T type; };
template <> struct compute_of<f16> { typedef float type; };
template <> struct compute_of<bf16> { typedef float type; };
template <> struct compute_of<bool8> { typedef u8 type; };
template <class T> using compute = typename compute_of<T>::type;

// load(x) gives the value to compute with; store<T>(v) the value to store.
template <class T> DEVICE compute<T> load(T x) { return x; }
template <> DEVICE float load<f16>(f16 x) { return widen(x); }
template <> DEVICE float load<bf16>(bf16 x) { return widen(x); }
template <> DEVICE u8 load<bool8>(bool8 x) { return x.value; }

template <class T> DEVICE T store(compute<T> v) { return v; }
template <> DEVICE f16 store<f16>(float v) { return narrow_f16(v); }
template <> DEVICE bf16 store<bf16>(float v) { return narrow_bf16(v); }
template <> DEVICE bool8 store<bool8>(u8 v) {
    bool8 r;
    r.value = v != 0;
    return r;
}

// N elements moved by one instruction of up to 16 bytes; the address must be a multiple of their total size.
template <class T, int N> struct alignas(sizeof(T) * N) Vec { T v[N]; };

template <class T> DEVICE T larger(T a, T b) { return a > b ? a : b; }
template <class T> DEVICE T smaller(T a, T b) { return a < b ? a : b; }

// Sums over the 32 lanes of a warp; every lane gets the result, and all must take part.
template <class T> DEVICE T warp_sum(T s) {
    UNROLL for (int d = 16; d; d >>= 1) s += __shfl_xor_sync(0xffffffffu, s, d);
    return s;
}
// The sum over a block's threads, for each of them. `partial` is shared and has an element a warp; it may be used again
// after a barrier.
template <class T> DEVICE T block_sum(T s, T *partial) {
    s = warp_sum(s);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = s;
    __syncthreads();
    return warp_sum(threadIdx.x % 32 < blockDim.x / 32 ? partial[threadIdx.x % 32] : (T)0);
}
// The maximum over a warp; NaN wins.
template <class T> DEVICE T warp_max(T s) {
    UNROLL for (int d = 16; d; d >>= 1) {
        T other = __shfl_xor_sync(0xffffffffu, s, d);
        s = s != s ? s : other != other ? other : larger(s, other);
    }
    return s;
}
