import Glibc
/// The Box-Muller transform as PyTorch applies it to tensors of 16 elements and more: sixteen uniform numbers, eight
/// radii and eight angles, become sixteen normal ones.
///
/// Logarithm, sine and cosine are Cephes' single-precision polynomials (S. Moshier, `logf.c` and `sinf.c`), evaluated
/// in the order in which PyTorch's AVX2 kernel evaluates them. The system's `logf` is as accurate, but its last bit
/// differs, and then the same seed would not give the same weights.
enum BoxMuller {
    /// How many numbers are transformed together.
    static let blockCount = 16

    /// Calls `transform` on each whole block of `buffer`, and, if some elements are left over, on the last 16 once
    /// more, after `redraw` has put fresh uniform numbers there.
    static func transformBlocks<T>(
        _ buffer: UnsafeMutableBufferPointer<T>, _ transform: (UnsafeMutablePointer<T>) -> Void,
        redrawing redraw: () -> Void
    ) {
        guard let base = buffer.baseAddress else { return }
        for start in stride(from: 0, through: buffer.count - blockCount, by: blockCount) { transform(base + start) }
        if buffer.count % blockCount != 0 {
            redraw()
            transform(base + buffer.count - blockCount)
        }
    }

    /// Replaces 16 uniform numbers in [0, 1) at `pointer` with normal ones.
    static func transform(_ pointer: UnsafeMutablePointer<Float>, mean: Float, deviation: Float) {
        var first = SIMD8<Float>()
        var second = SIMD8<Float>()
        for i in 0..<8 {
            first[i] = pointer[i]
            second[i] = pointer[i + 8]
        }
        // [0, 1) becomes (0, 1], whose logarithm is finite.
        let radius = (logarithm(1 - first) * -2).squareRoot()
        let (sine, cosine) = sineAndCosine(second * Float(2 * Double.pi))
        let one = fused(radius * cosine, SIMD8(repeating: deviation), mean)
        let other = fused(radius * sine, SIMD8(repeating: deviation), mean)
        for i in 0..<8 {
            pointer[i] = one[i]
            pointer[i + 8] = other[i]
        }
    }

    /// Replaces 16 uniform numbers in [0, 1) at `pointer` with normal ones, in double precision with the system's
    /// library.
    static func transform(_ pointer: UnsafeMutablePointer<Double>, mean: Double, deviation: Double) {
        for i in 0..<8 {
            let radius = (-2 * log(1 - pointer[i])).squareRoot()
            let angle = 2 * Double.pi * pointer[i + 8]
            pointer[i] = mean.addingProduct(radius * cos(angle), deviation)
            pointer[i + 8] = mean.addingProduct(radius * sin(angle), deviation)
        }
    }

    /// The natural logarithm of positive, normal numbers.
    @inline(__always)
    static func logarithm(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let bits = unsafeBitCast(x, to: SIMD8<UInt32>.self)
        // x = mantissa * 2^exponent with the mantissa in [1/2, 1), then moved to [sqrt(1/2), sqrt(2)).
        var mantissa = unsafeBitCast((bits & 0x007F_FFFF) | 0x3F00_0000, to: SIMD8<Float>.self)
        var exponent = SIMD8<Float>(SIMD8<Int32>(truncatingIfNeeded: bits &>> 23) &- 126)
        let isSmall = mantissa .< 0.707106781186547524
        exponent.replace(with: exponent - 1, where: isSmall)
        mantissa = (mantissa - 1) + SIMD8<Float>(repeating: 0).replacing(with: mantissa, where: isSmall)
        let square = mantissa * mantissa
        var series = SIMD8<Float>(repeating: 7.0376836292e-2)
        series = fused(series, mantissa, -1.1514610310e-1)
        series = fused(series, mantissa, 1.1676998740e-1)
        series = fused(series, mantissa, -1.2420140846e-1)
        series = fused(series, mantissa, 1.4249322787e-1)
        series = fused(series, mantissa, -1.6668057665e-1)
        series = fused(series, mantissa, 2.0000714765e-1)
        series = fused(series, mantissa, -2.4999993993e-1)
        series = fused(series, mantissa, 3.3333331174e-1)
        // ln 2 in two parts, so that the product with the exponent is exact.
        series = fused(series * mantissa, square, exponent * -2.12194440e-4)
        series = series - square * 0.5
        return (mantissa + series) + exponent * 0.693359375
    }

    /// The sine and cosine of angles from 0 to 2 pi.
    @inline(__always)
    static func sineAndCosine(_ x: SIMD8<Float>) -> (SIMD8<Float>, SIMD8<Float>) {
        // The octant, rounded up to an even number: angles are reduced to [-pi/4, pi/4] around a multiple of pi/2.
        let octant =
            (SIMD8<Int32>(truncatingIfNeeded: SIMD8<Int32>(x * 1.27323954473516, rounding: .towardZero)) &+ 1) & ~1
        let multiple = SIMD8<Float>(octant)
        // pi/4 in three parts, so that nothing is lost in the subtraction.
        var angle = x + multiple * -0.78515625
        angle = angle + multiple * -2.4187564849853515625e-4
        angle = fused(multiple, SIMD8(repeating: -3.77489497744594108e-8), angle)
        let square = angle * angle
        var cosine = SIMD8<Float>(repeating: 2.443315711809948e-5)
        cosine = fused(cosine, square, -1.388731625493765e-3)
        cosine = fused(cosine, square, 4.166664568298827e-2)
        cosine = fused(cosine * square, square, square * -0.5) + 1
        var sine = SIMD8<Float>(repeating: -1.9515295891e-4)
        sine = fused(sine, square, 8.3321608736e-3)
        sine = fused(sine, square, -1.6666654611e-1)
        sine = fused(sine * square, angle, angle)
        let keeps = (octant & 2) .== 0
        let sineSign = SIMD8<UInt32>(truncatingIfNeeded: octant & 4) &<< 29
        let cosineSign = SIMD8<UInt32>(truncatingIfNeeded: ~(octant &- 2) & 4) &<< 29
        return (
            flipped(cosine.replacing(with: sine, where: keeps), sineSign),
            flipped(sine.replacing(with: cosine, where: keeps), cosineSign)
        )
    }

    /// `a * b + c` rounded once, as PyTorch's compiler fuses it, even on machines without such an instruction: the
    /// product of two floats is exact in double precision.
    @inline(__always)
    private static func fused(_ a: SIMD8<Float>, _ b: SIMD8<Float>, _ c: SIMD8<Float>) -> SIMD8<Float> {
        SIMD8<Float>(SIMD8<Double>(a) * SIMD8<Double>(b) + SIMD8<Double>(c))
    }

    @inline(__always)
    private static func fused(_ a: SIMD8<Float>, _ b: SIMD8<Float>, _ c: Float) -> SIMD8<Float> {
        fused(a, b, SIMD8(repeating: c))
    }

    @inline(__always)
    private static func flipped(_ x: SIMD8<Float>, _ signs: SIMD8<UInt32>) -> SIMD8<Float> {
        unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) ^ signs, to: SIMD8<Float>.self)
    }
}
