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

/// The values of each block of memory in a plan, seen while it ran on some inputs.
struct ActivationRanges: Sendable {
    private var histograms: [Int: MagnitudeHistogram] = [:]
    private let method: Int8Calibration.Method

    /// Runs a plan on all inputs twice: for the extremes, and to count.
    init(_ graph: PlanGraph, _ calibration: Int8Calibration) {
        method = calibration.method
        let plan = InferencePlan(asItIs: graph)
        var histograms: [Int: MagnitudeHistogram] = [:]
        for pass in 0..<2 {
            for batch in calibration.batches {
                plan.run([batch]) { place, operand in
                    guard operand.dtype == .float32, let block = place.block,
                        operand.isContiguous || operand.isChannelsLast || place.operand.shape.count == 4
                    else { return }
                    operand.rows { row in
                        if pass == 0 {
                            histograms[block, default: MagnitudeHistogram()].addExtremes(of: row)
                        } else {
                            histograms[block]!.count(row)
                        }
                    }
                }
            }
        }
        self.histograms = histograms
    }

    /// The scale that several blocks share; nil if nothing is known of one.
    func scale(of blocks: [Int]) -> QuantizedScale? {
        var (largest, isSigned): (Float, Bool) = (0, false)
        for block in blocks {
            guard let histogram = histograms[block] else { return nil }
            isSigned = isSigned || histogram.hasNegatives
            let value =
                switch method {
                case .extremes: histogram.extreme
                case .percentile(let share): histogram.percentile(share)
                case .leastSquares: histogram.leastSquares
                }
            largest = max(largest, value)
        }
        return QuantizedScale(largest: largest, isSigned: isSigned)
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
