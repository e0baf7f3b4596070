import Glibc

extension Generator {
    /// Fills `buffer` with numbers from the normal distribution between `low` and `high`, like
    /// `torch.nn.init.trunc_normal_`.
    ///
    /// If more than three tenths of the distribution are within the bounds, numbers outside are drawn again; otherwise
    /// numbers are drawn uniformly and kept with a probability given by their density.
    ///
    /// *Traps* unless `low < high` and `standardDeviation` is positive.
    ///
    /// - Parameters:
    ///   - buffer: The memory to fill.
    ///   - mean: The mean.
    ///   - standardDeviation: The standard deviation.
    ///   - low: The smallest possible value.
    ///   - high: The largest possible value.
    public func fillTruncatedNormal(
        _ buffer: UnsafeMutableBufferPointer<Float>, mean: Double = 0, standardDeviation: Double = 1,
        from low: Double = -2, to high: Double = 2
    ) {
        if !(low < high) || !(standardDeviation > 0) {
            fatalError(
                "fillTruncatedNormal: needs low < high and a positive standard deviation, got \(low), \(high) and "
                    + "\(standardDeviation)")
        }
        func cumulative(_ x: Double) -> Double { (1 + erf((x - mean) / standardDeviation / 2.0.squareRoot())) / 2 }
        if cumulative(high) - cumulative(low) > 0.3 {
            redrawOutside(buffer, mean: mean, deviation: standardDeviation, low: Float(low), high: Float(high))
        } else {
            acceptByDensity(buffer, mean: mean, deviation: standardDeviation, low: low, high: high)
        }
    }

    private func redrawOutside(
        _ buffer: UnsafeMutableBufferPointer<Float>, mean: Double, deviation: Double, low: Float, high: Float
    ) {
        fillNormal(buffer, mean: mean, standardDeviation: deviation)
        func isOutside(_ value: Float) -> Bool { value < low || value > high }
        guard buffer.contains(where: isOutside) else { return }
        // Every round draws for every element, needed or not: that is how PyTorch consumes the stream.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: buffer.count) { fresh in
            repeat {
                fillNormal(fresh, mean: mean, standardDeviation: deviation)
                for i in buffer.indices where isOutside(buffer[i]) { buffer[i] = fresh[i] }
            } while buffer.contains(where: isOutside)
        }
    }

    private func acceptByDensity(
        _ buffer: UnsafeMutableBufferPointer<Float>, mean: Double, deviation: Double, low: Double, high: Double
    ) {
        let mode = max(low, min(mean, high))
        let peak = Float(-0.5 * ((mode - mean) / deviation) * ((mode - mean) / deviation))
        var isPending = [Bool](repeating: true, count: buffer.count)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: buffer.count) { scratch in
            repeat {
                fillUniform(scratch, from: low, to: high)
                for i in buffer.indices where isPending[i] { buffer[i] = scratch[i] }
                let candidates = Array(scratch)
                fillUniform(scratch)
                for i in buffer.indices where isPending[i] {
                    let distance = (candidates[i] - Float(mean)) / Float(deviation)
                    isPending[i] = log(scratch[i]) > distance * distance * -0.5 - peak
                }
            } while isPending.contains(true)
        }
    }
}
