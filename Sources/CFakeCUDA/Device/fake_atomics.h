// Blocks and threads take turns, so plain operations are atomic. The types are those supported by CUDA.
#pragma once

#define FAKE_ATOMIC(NAME, T, NEW)          \
    static inline T NAME(T *p, T v) {      \
        T old = *p;                        \
        *p = NEW;                          \
        return old;                        \
    }
#define FAKE_ATOMICS_32(NAME, NEW) FAKE_ATOMIC(NAME, int, NEW) FAKE_ATOMIC(NAME, unsigned, NEW)
#define FAKE_ATOMICS_U64(NAME, NEW) FAKE_ATOMICS_32(NAME, NEW) FAKE_ATOMIC(NAME, unsigned long long, NEW)
#define FAKE_ATOMICS_64(NAME, NEW) FAKE_ATOMICS_U64(NAME, NEW) FAKE_ATOMIC(NAME, long long, NEW)

FAKE_ATOMIC(atomicAdd, int, (int)((unsigned)old + (unsigned)v))
FAKE_ATOMIC(atomicAdd, unsigned, old + v)
FAKE_ATOMIC(atomicAdd, unsigned long long, old + v)
FAKE_ATOMIC(atomicAdd, float, old + v)
FAKE_ATOMIC(atomicAdd, double, old + v)
FAKE_ATOMIC(atomicSub, int, (int)((unsigned)old - (unsigned)v))
FAKE_ATOMIC(atomicSub, unsigned, old - v)
FAKE_ATOMICS_64(atomicMax, old > v ? old : v)
FAKE_ATOMICS_64(atomicMin, old < v ? old : v)
FAKE_ATOMICS_64(atomicAnd, old & v)
FAKE_ATOMICS_64(atomicOr, old | v)
FAKE_ATOMICS_64(atomicXor, old ^ v)
FAKE_ATOMICS_U64(atomicExch, v)
FAKE_ATOMIC(atomicExch, float, v)
FAKE_ATOMIC(atomicInc, unsigned, old >= v ? 0 : old + 1)
FAKE_ATOMIC(atomicDec, unsigned, old == 0 || old > v ? v : old - 1)

#define FAKE_CAS(T)                                          \
    static inline T atomicCAS(T *p, T expected, T desired) { \
        T old = *p;                                          \
        if (old == expected) *p = desired;                   \
        return old;                                          \
    }
FAKE_CAS(int)
FAKE_CAS(unsigned)
FAKE_CAS(unsigned short)
FAKE_CAS(unsigned long long)

static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}
