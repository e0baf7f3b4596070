import CressetCPU

/// How the scales of activations are found, from values that a network has on pictures like those it will see.
public struct Int8Calibration: Sendable {
    /// Which values are cut off so that the others are stored more finely.
    public enum Method: Sendable, Hashable {
        /// Where the mean square of the error is least.
        case leastSquares
        /// The largest ones: all but this share, 0 to 1, of the values are kept.
        case percentile(Double)
        /// None.
        case extremes
    }

    /// The inputs, of the shape that the network is prepared for.
    public var batches: [Tensor]
    public var method: Method

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - batches: Inputs, such as a few batches of training pictures; 100 pictures are enough.
    ///   - method: Which values are cut off.
    public init(_ batches: [Tensor], method: Method = .leastSquares) {
        self.batches = batches
        self.method = method
    }
}

/// How large the values of each block of memory in a plan were, seen while it ran on some inputs.
struct ActivationRanges: Sendable {
    /// The largest value that is kept, and whether there were negative ones.
    private let ranges: [Int: (largest: Float, isSigned: Bool)]

    /// Runs a plan on all inputs twice: for the extremes, and to count.
    init(_ graph: PlanGraph, _ calibration: Int8Calibration) {
        let plan = InferencePlan(asItIs: graph)
        var histograms: [Int: MagnitudeHistogram] = [:]
        for isFirst in [true, false] {
            for batch in calibration.batches {
                plan.run([batch]) { place, operand in
                    guard operand.dtype == .float32, let block = place.block else { return }
                    operand.rows { row in
                        if isFirst {
                            histograms[block, default: MagnitudeHistogram()].addExtremes(of: row)
                        } else {
                            histograms[block]!.count(row)
                        }
                    }
                }
            }
        }
        ranges = histograms.mapValues { (calibration.method.largest(of: $0), $0.hasNegatives) }
    }

    /// The scale that several blocks share; nil if nothing is known of one.
    func scale(of blocks: [Int]) -> QuantizedScale? {
        let known = blocks.compactMap { ranges[$0] }
        if known.count < blocks.count { return nil }
        return QuantizedScale(
            largest: known.reduce(0) { max($0, $1.largest) }, isSigned: known.contains(where: \.isSigned))
    }
}

extension Int8Calibration.Method {
    /// The largest value to keep.
    fileprivate func largest(of histogram: MagnitudeHistogram) -> Float {
        switch self {
        case .extremes: histogram.extreme
        case .percentile(let share): histogram.percentile(share)
        case .leastSquares: histogram.leastSquares
        }
    }
}

extension Operand {
    /// Calls `body` with pieces that are dense, and together all of a dense tensor, or of some channels of one that is
    /// channels-last.
    fileprivate func rows(_ body: (Operand) -> Void) {
        if isContiguous || isChannelsLast { return body(flat(pointer, elementCount)) }
        guard shape.count == 4, strides[1] == 1 else { return }
        for n in 0..<shape[0] {
            for y in 0..<shape[2] {
                for x in 0..<shape[3] {
                    let offset = n * strides[0] + y * strides[2] + x * strides[3]
                    body(flat(pointer + offset * dtype.itemSize, shape[1]))
                }
            }
        }
    }

    private func flat(_ pointer: UnsafeMutableRawPointer, _ count: Int) -> Operand {
        Operand(pointer: pointer, dtype: dtype, shape: [count], strides: [1])
    }
}
