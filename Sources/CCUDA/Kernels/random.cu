// Random numbers as PyTorch draws them on a GPU, so that the same seed gives the same ones: one generator per thread,
// whose counter is the thread's number and the offset; each of its 128-bit blocks goes to elements one grid apart.
//
// ELEMENT is the type stored, REAL the type computed with (double for float64, else float), DISTRIBUTION a number: 0
// uniform, 1 normal, 2 Bernoulli, 3 integers of 32 bits, 4 of 64.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox4x32-10).
#include "device.h"
#include "random.h"

constexpr bool is_double = sizeof(REAL) == 8;
/// How many numbers a block gives.
constexpr int per_block = DISTRIBUTION == 4 || (DISTRIBUTION < 3 && is_double) ? 2 : 4;

DEVICE float fused(float x, float y, float z) { return fmaf(x, y, z); }
DEVICE double fused(double x, double y, double z) { return fma(x, y, z); }

struct Bits { u32 word[4]; };

DEVICE Bits philox(u64 position, u64 thread, u64 seed) {
    Bits c = {{(u32)position, (u32)(position >> 32), (u32)thread, (u32)(thread >> 32)}};
    u32 k0 = (u32)seed, k1 = (u32)(seed >> 32);
    UNROLL for (int round = 0; round < 10; round++) {
        const u32 m0 = 0xD2511F53, m1 = 0xCD9E8D57;
        u32 x = multiply_high(m1, c.word[2]) ^ c.word[1] ^ k0, z = multiply_high(m0, c.word[0]) ^ c.word[3] ^ k1;
        u32 y = m1 * c.word[2], w = m0 * c.word[0];
        c = {{x, y, z, w}};
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    return c;
}

DEVICE u64 mixed53(u32 x, u32 y) { return (u64)x ^ (u64)y << 21; }

/// Numbers in (0, 1], spaced 2^-32 or 2^-53 apart before rounding.
DEVICE void uniform(const Bits &b, float (&r)[4]) {
    UNROLL for (int i = 0; i < 4; i++) r[i] = fused((float)b.word[i], 0x1p-32f, 0x1p-33f);
}
DEVICE void uniform(const Bits &b, double (&r)[2]) {
    UNROLL for (int i = 0; i < 2; i++)
        r[i] = fused((double)mixed53(b.word[2 * i], b.word[2 * i + 1]), 0x1p-53, 0x1p-54);
}

/// The Box-Muller transform: a radius from one number, an angle from the next.
DEVICE void normal(const Bits &b, float (&r)[4]) {
    const float turn = 0x1p-32f * 6.2831855f;
    UNROLL for (int i = 0; i < 4; i += 2) {
        float radius = sqrtf(-2.0f * logf(fused((float)b.word[i], 0x1p-32f, 0x1p-33f)));
        float sine, cosine;
        fast_sine_cosine(fused((float)b.word[i + 1], turn, turn / 2), sine, cosine);
        r[i] = sine * radius;
        r[i + 1] = cosine * radius;
    }
}
DEVICE void normal(const Bits &b, double (&r)[2]) {
    double radius = sqrt(-2.0 * log(fused((double)mixed53(b.word[0], b.word[1]), 0x1p-53, 0x1p-54)));
    double angle = fused((double)mixed53(b.word[2], b.word[3]), 0x1p-52, 0x1p-53);
    double sine, cosine;
    sine_cosine_pi(angle, sine, cosine);
    r[0] = sine * radius;
    r[1] = cosine * radius;
}

/// The number as it is stored and read back: bounds are compared in the element's precision.
DEVICE REAL rounded(REAL x) { return (REAL)load(store<ELEMENT>((compute<ELEMENT>)x)); }

DEVICE void draw(const Bits &b, const cresset_random &p, ELEMENT (&out)[per_block]) {
#if DISTRIBUTION < 3
    REAL r[per_block];
#if DISTRIBUTION == 1
    normal(b, r);
#else
    uniform(b, r);
#endif
#endif
    UNROLL for (int i = 0; i < per_block; i++) {
#if DISTRIBUTION == 0
        REAL low = rounded((REAL)p.a), high = rounded((REAL)p.b), width = rounded(high - low);
        REAL value = rounded(fused(r[i], width, low));
        // (low, high] becomes [low, high).
        out[i] = store<ELEMENT>((compute<ELEMENT>)(value == high ? low : value));
#elif DISTRIBUTION == 1
        out[i] = store<ELEMENT>((compute<ELEMENT>)fused(r[i], (REAL)p.b, (REAL)p.a));
#elif DISTRIBUTION == 2
        // 1 is among the numbers, so that certainty needs a special case.
        bool is_one = r[i] < (REAL)p.a || p.a >= 1;
        out[i] = store<ELEMENT>((compute<ELEMENT>)(is_one ? (REAL)p.b : (REAL)0));
#elif DISTRIBUTION == 3
        out[i] = store<ELEMENT>((compute<ELEMENT>)(i64)((u64)(b.word[i] % (u32)p.range) + (u64)p.low));
#else
        u64 bits = (u64)b.word[2 * i] << 32 | b.word[2 * i + 1];
        out[i] = store<ELEMENT>((compute<ELEMENT>)(i64)((p.range ? bits % p.range : bits) + (u64)p.low));
#endif
    }
}

KERNEL(random_draw, 256)(cresset_random p) {
    u64 seed = p.seed, offset = p.offset;
    if (p.slot) {
        seed += ((const u64 *)p.slot)[0];
        offset += ((const u64 *)p.slot)[1];
    }
    u64 position = offset / 4, thread = (u64)blockIdx.x * 256 + threadIdx.x;
    i64 width = (i64)gridDim.x * 256;
    for (i64 first = (i64)thread; first < p.count; first += width * per_block) {
        ELEMENT numbers[per_block];
        draw(philox(position++, thread, seed), p, numbers);
        UNROLL for (int i = 0; i < per_block; i++)
            if (first + i * width < p.count) ((ELEMENT *)p.out)[first + i * width] = numbers[i];
    }
}
EXPORT(random_draw)
