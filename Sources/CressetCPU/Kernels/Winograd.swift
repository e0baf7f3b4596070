import CKernels
import CressetBackend

/// A convolution, or one of its gradients, by Winograd's algorithm: float32, kernels of 3 x 3, stride 1, one group.
///
/// It multiplies a quarter as often as the direct sum; its rounding errors are about twice as large. Infinity and NaN
/// reach all of the tile (4 x 4 results) that they touch.
package struct WinogradConvolution {
    package enum Pass: Sendable { case forward, inputGradient, weightGradient }

    private let pass: Pass
    private let weightIsFixed: Bool
    private var loops = cresset_winograd_geometry()

    /// Nil if the algorithm does not apply, is switched off or would take longer.
    ///
    /// The choice depends on shapes alone, so that results are the same from run to run, with any number of threads; and
    /// with a fixed weight on those of one picture, so that predictions do not depend on what else is in the batch.
    ///
    /// - Parameters:
    ///   - pass: What to compute.
    ///   - x: The input, or its gradient.
    ///   - weight: The weight, or its gradient.
    ///   - out: The result, or its gradient.
    ///   - geometry: The convolution's geometry.
    ///   - weightIsFixed: Whether the transformed weight is kept.
    ///   - evenIfSlower: Whether it is used wherever it applies.
    package init?(
        _ pass: Pass, x: Operand, weight: Operand, out: Operand, geometry: ConvolutionGeometry,
        weightIsFixed: Bool = false, evenIfSlower: Bool = false
    ) {
        guard Self.applies(to: x, weight: weight, out: out, geometry: geometry) else { return nil }
        self.pass = pass
        self.weightIsFixed = weightIsFixed
        // The input's gradient is a convolution of the result's, with the weight turned around.
        let (from, to) = pass == .inputGradient ? (out, x) : (x, out)
        let padding = geometry.window.paddingBefore.map { Int64(pass == .inputGradient ? 2 - $0 : $0) }
        loops.batch = Int64(x.shape[0])
        loops.in_channels = Int64(from.shape[1])
        loops.out_channels = Int64(to.shape[1])
        loops.in = (Int64(from.shape[2]), Int64(from.shape[3]))
        loops.out = (Int64(to.shape[2]), Int64(to.shape[3]))
        loops.padding = (padding[0], padding[1])
        guard evenIfSlower || isFaster else { return nil }
    }

    private static func applies(
        to x: Operand, weight: Operand, out: Operand, geometry: ConvolutionGeometry
    ) -> Bool {
        guard CPUBackend.usesWinograd, x.shape.count == 4, geometry.groups == 1, weight.shape[2] == 3,
            weight.shape[3] == 3, weight.dtype == .float32, x.dtype == .float32, out.dtype == .float32
        else { return false }
        let window = geometry.window
        return (0..<2).allSatisfy { window.stride[$0] == 1 && window.dilation[$0] == 1 }
            && x.isChannelsLast && out.isChannelsLast
    }

    /// Compares the estimated times of both algorithms, in multiplications.
    ///
    /// The factors come from measurements on AVX-512: transforming a number takes as long as 16 multiplications; reading
    /// a transformed weight 10 for each of its numbers, which counts if there are few tiles; transforming it 20.
    private var isFaster: Bool {
        let batch = weightIsFixed ? 1 : loops.batch
        let pixels = Double(batch * loops.out.0 * loops.out.1)
        let tiles = Double(batch * ((loops.out.0 + 3) / 4) * ((loops.out.1 + 3) / 4))
        let lanes = Double((loops.in_channels + 15) / 16 * 16)
        let panels = Double((loops.out_channels + 31) / 32 * 32)
        let packing = weightIsFixed ? 0.0 : 20
        let own = 36 * (tiles * lanes * panels + 16 * tiles * (lanes + panels) + (10 + packing) * lanes * panels)
        let direct = 9 * Double(loops.in_channels * loops.out_channels) * (pixels + packing)
        return own < 0.9 * direct
    }

    // MARK: Computing

    /// The result, or the input's gradient: `from` is what the convolution reads.
    package func run(
        _ from: Operand, weight: Operand, bias: Operand? = nil, addend: Operand? = nil, epilogue: Epilogue = .none,
        into out: Operand
    ) {
        var loops = loops
        var end = cresset_winograd_epilogue(bias: bias?.floats, addend: addend?.floats, op: -1, a: 0, b: 0)
        if case .pointwise(let op, let a, let b) = epilogue { (end.op, end.a, end.b) = (op.rawValue, a, b) }
        let (first, strides) = turned(weight)
        withTransformed(weight) {
            cresset_winograd_convolution(&loops, from.floats, $0, first, strides, &end, out.floats)
        }
    }

    /// The weight's gradient.
    package func runWeightGradient(_ gradient: Operand, _ x: Operand, into weight: Operand) {
        var loops = loops
        cresset_winograd_weight_gradient(
            &loops, gradient.floats, x.floats, weight.strides.map { Int64($0) }, weight.floats)
    }

    /// Calls `body` with the transformed weight, which is kept until the weight changes; with nil if it is not fixed, and
    /// transformed when it is used.
    private func withTransformed(_ weight: Operand, _ body: (UnsafeMutablePointer<Float>?) -> Void) {
        guard weightIsFixed, let storage = weight.storage else { return body(nil) }
        let key = TransformedWeight(view: StorageView(weight, in: storage), isTurned: pass == .inputGradient)
        let copy = storage.derivedValues.value(for: key) {
            let count = Int(cresset_winograd_packed_count(loops.in_channels, loops.out_channels))
            let copy = CPUBackend.shared.allocate(byteCount: count * MemoryLayout<Float>.stride)
            let (first, strides) = turned(weight)
            cresset_winograd_pack(
                first, strides, loops.in_channels, loops.out_channels, copy.pointer.assumingMemoryBound(to: Float.self))
            return copy
        }
        body(copy.pointer.assumingMemoryBound(to: Float.self))
        withExtendedLifetime(copy) {}
    }

    /// The weight's first tap and strides; for the input's gradient from the last tap backwards, with the channels
    /// exchanged.
    private func turned(_ weight: Operand) -> (first: UnsafePointer<Float>, strides: [Int64]) {
        let strides = weight.strides.map { Int64($0) }
        guard pass == .inputGradient else { return (UnsafePointer(weight.floats), strides) }
        let last = UnsafePointer(weight.floats) + 2 * (weight.strides[2] + weight.strides[3])
        return (last, [strides[1], strides[0], -strides[2], -strides[3]])
    }
}

/// The key of a transformed weight.
private struct TransformedWeight: Hashable, Sendable {
    let view: StorageView
    /// Whether it is for the input's gradient.
    let isTurned: Bool
}
