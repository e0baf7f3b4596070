import Glibc

/// Fills memory with numbers from a distribution.
///
/// Each function names the PyTorch call whose numbers it gives; single and double precision draw different numbers in
/// PyTorch, and so they do here.
extension Generator {
    /// Fills `buffer` with numbers in [`low`, `high`), like `torch.Tensor.uniform_` (or `torch.rand` for 0 and 1).
    public func fillUniform(_ buffer: UnsafeMutableBufferPointer<Float>, from low: Double = 0, to high: Double = 1) {
        fillUniform(buffer, from: low, to: high) { $0 }
    }

    /// Fills `buffer` with numbers of [`low`, `high`) that a shorter type holds exactly, as `torch.Tensor.uniform_` does in
    /// that type; `rounded` rounds to it.
    @inline(__always)
    func fillUniform(
        _ buffer: UnsafeMutableBufferPointer<Float>, from low: Double, to high: Double, rounded: (Float) -> Float
    ) {
        let (low, high) = (Float(low), Float(high))
        let width = high - low
        let (first, end) = (rounded(low), rounded(high))
        withStream { stream in
            for i in buffer.indices {
                let value = rounded(Generator.fused(stream.uniform(), width, low))
                // It may have been rounded up to the excluded bound.
                buffer[i] = value == end ? first : value
            }
        }
    }

    /// Fills `buffer` with numbers in [`low`, `high`), like `torch.Tensor.uniform_` in double precision.
    public func fillUniform(_ buffer: UnsafeMutableBufferPointer<Double>, from low: Double = 0, to high: Double = 1) {
        let width = high - low
        withStream { stream in
            for i in buffer.indices {
                let value = low.addingProduct(stream.uniform(), width)
                buffer[i] = value == high ? low : value
            }
        }
    }

    /// Fills `buffer` with numbers from the normal distribution, like `torch.Tensor.normal_` (or `torch.randn` for mean
    /// 0 and standard deviation 1).
    ///
    /// *Traps* if `standardDeviation` is negative.
    ///
    /// - Parameters:
    ///   - buffer: The memory to fill.
    ///   - mean: The mean.
    ///   - standardDeviation: The standard deviation.
    public func fillNormal(
        _ buffer: UnsafeMutableBufferPointer<Float>, mean: Double = 0, standardDeviation: Double = 1
    ) {
        Generator.check(standardDeviation: standardDeviation)
        withStream { stream in
            guard buffer.count >= BoxMuller.blockCount, let base = buffer.baseAddress else {
                for i in buffer.indices {
                    buffer[i] = Float(mean.addingProduct(stream.normal(), standardDeviation))
                }
                return
            }
            for i in buffer.indices { buffer[i] = stream.uniform() }
            BoxMuller.transformBlocks(buffer) {
                BoxMuller.transform($0, mean: Float(mean), deviation: Float(standardDeviation))
            } redrawing: {
                for i in 0..<BoxMuller.blockCount { base[buffer.count - BoxMuller.blockCount + i] = stream.uniform() }
            }
        }
    }

    /// Fills `buffer` with numbers from the normal distribution, like `torch.Tensor.normal_` in double precision.
    ///
    /// *Traps* if `standardDeviation` is negative.
    ///
    /// - Parameters:
    ///   - buffer: The memory to fill.
    ///   - mean: The mean.
    ///   - standardDeviation: The standard deviation.
    public func fillNormal(
        _ buffer: UnsafeMutableBufferPointer<Double>, mean: Double = 0, standardDeviation: Double = 1
    ) {
        Generator.check(standardDeviation: standardDeviation)
        withStream { stream in
            guard buffer.count >= BoxMuller.blockCount, let base = buffer.baseAddress else {
                for i in buffer.indices { buffer[i] = mean.addingProduct(stream.normal(), standardDeviation) }
                return
            }
            for i in buffer.indices { buffer[i] = stream.uniform() }
            BoxMuller.transformBlocks(buffer) {
                BoxMuller.transform($0, mean: mean, deviation: standardDeviation)
            } redrawing: {
                for i in 0..<BoxMuller.blockCount { base[buffer.count - BoxMuller.blockCount + i] = stream.uniform() }
            }
        }
    }

    /// Fills `buffer` with numbers from the exponential distribution, like `torch.Tensor.exponential_`.
    ///
    /// *Traps* unless `rate` is positive.
    public func fillExponential(_ buffer: UnsafeMutableBufferPointer<Float>, rate: Double = 1) {
        if !(rate > 0) { fatalError("fillExponential: the rate must be positive, got \(rate)") }
        withStream { stream in
            for i in buffer.indices { buffer[i] = Float(stream.exponential() / rate) }
        }
    }

    /// Fills `buffer` with 1 with the given probability and 0 otherwise, like `torch.Tensor.bernoulli_(p)`; this is how
    /// `dropout` draws what it keeps.
    ///
    /// *Traps* unless `probability` is from 0 to 1.
    public func fillBernoulli(_ buffer: UnsafeMutableBufferPointer<Float>, probability: Double) {
        if !(0...1).contains(probability) {
            fatalError("fillBernoulli: a probability must be from 0 to 1, got \(probability)")
        }
        withStream { stream in
            for i in buffer.indices { buffer[i] = stream.uniform(Double.self) < probability ? 1 : 0 }
        }
    }

    /// Fills `buffer` with 1 with each element's own probability and 0 otherwise, like
    /// `torch.bernoulli(probabilities)`.
    ///
    /// *Traps* unless there are as many probabilities as elements.
    ///
    /// - Parameters:
    ///   - buffer: The memory to fill.
    ///   - probabilities: The probability of a 1 at each position.
    public func fillBernoulli(
        _ buffer: UnsafeMutableBufferPointer<Float>, probabilities: UnsafeBufferPointer<Float>
    ) {
        if probabilities.count != buffer.count {
            fatalError("fillBernoulli: \(probabilities.count) probabilities do not fit \(buffer.count) elements")
        }
        withStream { stream in
            for i in buffer.indices { buffer[i] = stream.uniform(Float.self) < probabilities[i] ? 1 : 0 }
        }
    }

    /// Fills `buffer` with integers in `range`, like `torch.randint(low, high)`.
    ///
    /// *Traps* if `range` is empty.
    public func fillIntegers(_ buffer: UnsafeMutableBufferPointer<Int64>, in range: Range<Int64>) {
        if range.isEmpty { fatalError("fillIntegers: the range \(range) is empty") }
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
        withStream { stream in
            for i in buffer.indices {
                buffer[i] = range.lowerBound &+ Int64(bitPattern: stream.integer(below: width))
            }
        }
    }

    static func check(standardDeviation: Double) {
        if !(standardDeviation >= 0) {
            fatalError("fillNormal: a standard deviation must not be negative, got \(standardDeviation)")
        }
    }

    /// `a * b + c`, rounded once on every machine: the product of two floats is exact in double precision.
    @inline(__always)
    static func fused(_ a: Float, _ b: Float, _ c: Float) -> Float { Float(Double(a) * Double(b) + Double(c)) }
}
