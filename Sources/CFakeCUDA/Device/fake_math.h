// Bit and integer intrinsics and mathematical functions that CUDA has and C++ lacks.
#pragma once
#include <math.h>
#include <string.h>

#define INFINITY_F32 __builtin_inff()
#define NAN_F32 bits_to_float(0x7fffffffu)
#define INFINITY_F64 __builtin_inf()
#define NAN_F64 bits_to_double(0x7fffffffffffffffull)

template <class To, class From> static inline To fake_bits(From x) {
    static_assert(sizeof(To) == sizeof(From), "the types must have the same size");
    To r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
}
static inline float bits_to_float(u32 x) { return fake_bits<float>(x); }
static inline u32 float_to_bits(float x) { return fake_bits<u32>(x); }
static inline double bits_to_double(u64 x) { return fake_bits<double>(x); }
static inline u64 double_to_bits(double x) { return fake_bits<u64>(x); }
static inline float __int_as_float(int x) { return fake_bits<float>(x); }
static inline int __float_as_int(float x) { return fake_bits<int>(x); }
static inline float __uint_as_float(unsigned x) { return fake_bits<float>(x); }
static inline unsigned __float_as_uint(float x) { return fake_bits<unsigned>(x); }
static inline double __longlong_as_double(long long x) { return fake_bits<double>(x); }
static inline long long __double_as_longlong(double x) { return fake_bits<long long>(x); }

// float16 via bits: compilers use library calls that may be missing.
static inline float widen(f16 h) {
    u32 sign = (u32)(h.bits & 0x8000) << 16;
    float magnitude = bits_to_float((u32)(h.bits & 0x7fff) << 13) * 0x1p112f;
    u32 bits = float_to_bits(magnitude);
    if (magnitude >= 65536) bits |= 0x7f800000;
    return bits_to_float(bits | sign);
}
static inline f16 narrow_f16(float x) {
    u32 bits = float_to_bits(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return {0x7fff};
    u32 r;
    if (magnitude >= 0x477ff000) {
        r = 0x7c00;
    } else if (magnitude < 0x38800000) {
        // The last bit of 0.5 corresponds to float16's smallest numbers.
        r = float_to_bits(bits_to_float(magnitude) + 0.5f) - 0x3f000000;
    } else {
        r = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    }
    return {(u16)(r | sign)};
}

static inline u32 multiply_high(u32 a, u32 b) { return (u32)((u64)a * b >> 32); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return multiply_high(a, b); }
static inline int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static inline long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline unsigned __brev(unsigned x) { return __builtin_bitreverse32(x); }
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)((((u64)high << 32 | low) << (shift & 31)) >> 32);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((u64)high << 32 | low) >> (shift & 31));
}

#define FAKE_MIN_MAX(R, A, B)                                             \
    static inline R min(A a, B b) { return (R)a < (R)b ? (R)a : (R)b; } \
    static inline R max(A a, B b) { return (R)a > (R)b ? (R)a : (R)b; }
FAKE_MIN_MAX(int, int, int)
FAKE_MIN_MAX(unsigned, unsigned, unsigned)
FAKE_MIN_MAX(unsigned, int, unsigned)
FAKE_MIN_MAX(unsigned, unsigned, int)
FAKE_MIN_MAX(long, long, long)
FAKE_MIN_MAX(unsigned long, unsigned long, unsigned long)
FAKE_MIN_MAX(long long, long long, long long)
FAKE_MIN_MAX(unsigned long long, unsigned long long, unsigned long long)
FAKE_MIN_MAX(unsigned long long, long long, unsigned long long)
FAKE_MIN_MAX(unsigned long long, unsigned long long, long long)
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }

static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline double __dsqrt_rn(double x) { return sqrt(x); }
static inline float __frcp_rn(float x) { return 1 / x; }
static inline float __frsqrt_rn(float x) { return (float)(1 / sqrt((double)x)); }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }
static inline int __float2int_rn(float x) { return (int)rintf(x); }
static inline int __float2int_rz(float x) { return (int)x; }
static inline int __float2int_rd(float x) { return (int)floorf(x); }
static inline unsigned __float2uint_rz(float x) { return (unsigned)x; }
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned x) { return (float)x; }
static inline float __double2float_rn(double x) { return (float)x; }

static inline float fake_rsqrtf(float x) { return (float)(1 / sqrt((double)x)); }
static inline double fake_rsqrt(double x) { return 1 / sqrt(x); }
// sin(pi x), exact where x is a multiple of a half.
static inline double fake_sinpi(double x) {
    double r = fmod(x, 2);
    if (r > 1) r -= 2;
    if (r < -1) r += 2;
    if (r > 0.5) r = 1 - r;
    if (r < -0.5) r = -1 - r;
    return sin(r * 3.14159265358979323846);
}
static inline double fake_cospi(double x) { return fake_sinpi(fmod(fabs(x), 2) + 0.5); }
// The normal distribution's quantile, refined by Halley's rule.
static inline double fake_erfinv(double y) {
    if (!(y > -1 && y < 1)) return y == 1 ? INFINITY_F64 : y == -1 ? -INFINITY_F64 : NAN_F64;
    double l = log1p(-y * y), t = 2 / (3.14159265358979323846 * 0.147) + l / 2;
    double x = copysign(sqrt(sqrt(t * t - l / 0.147) - t), y);
    for (int i = 0; i < 3; i++) {
        double e = (erf(x) - y) / (1.12837916709551257390 * exp(-x * x));
        x -= e / (1 + x * e);
    }
    return x;
}
#define rsqrtf(x) fake_rsqrtf(x)
#define rsqrt(x) fake_rsqrt(x)
#define sinpif(x) ((float)fake_sinpi(x))
#define cospif(x) ((float)fake_cospi(x))
#define sinpi(x) fake_sinpi(x)
#define cospi(x) fake_cospi(x)
#define erfinvf(x) ((float)fake_erfinv(x))
#define erfinv(x) fake_erfinv(x)
#define normcdff(x) (0.5f * erfcf(-(x) * 0.70710678118654752440f))
#define normcdf(x) (0.5 * erfc(-(x) * 0.70710678118654752440))
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __powf(x, y) powf(x, y)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
#define __sincosf(x, s, c) sincosf(x, s, c)
