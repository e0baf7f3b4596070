// Conversions between any two types of elements: Converted<TO>::of(load(x)).
#pragma once
#include "device.h"

// Values beyond int64 are clamped and NaN becomes 0, as on the CPU; narrower integers take the low bits of that.
template <class F> DEVICE i64 clamped(F v) {
    return v != v ? 0
         : v >= (F)9223372036854775808.0 ? 9223372036854775807ll
         : v < (F)-9223372036854775808.0 ? -9223372036854775807ll - 1 : (i64)v;
}
DEVICE i64 whole(float v) { return clamped(v); }
DEVICE i64 whole(double v) { return clamped(v); }
template <class E> DEVICE E whole(E v) { return v; }

template <class E> struct Converted {
    template <class C> static DEVICE E of(C v) { return (E)whole(v); }
};
template <> struct Converted<f32> {
    template <class C> static DEVICE f32 of(C v) { return (f32)v; }
};
template <> struct Converted<f64> {
    template <class C> static DEVICE f64 of(C v) { return (f64)v; }
};
template <> struct Converted<f16> {
    template <class C> static DEVICE f16 of(C v) { return store<f16>((float)v); }
};
template <> struct Converted<bf16> {
    template <class C> static DEVICE bf16 of(C v) { return store<bf16>((float)v); }
};
template <> struct Converted<bool8> {
    template <class C> static DEVICE bool8 of(C v) { return store<bool8>((u8)(v != 0)); }
};
