extension Tensor {
    /// Numbers uniformly distributed over `range`, equal to PyTorch's from the same seed, on the CPU or on a GPU.
    ///
    /// The upper bound is never included, whatever the type: a number that is rounded up to it becomes the lower bound.
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - range: The half-open range of the numbers.
    ///   - dtype: Floating-point types are drawn as such; integers are converted from float32.
    ///   - device: The device of the new tensor.
    ///   - generator: The source of random numbers; by default the current generator.
    public static func uniform(
        _ shape: Shape, in range: Range<Double> = 0..<1, dtype: DType = .float32, device: Device = .current,
        generator: Generator = .current
    ) -> Tensor {
        if device.drawsRandomNumbers {
            return floatsDrawnOnDevice(
                .uniform(low: range.lowerBound, high: range.upperBound), shape, dtype: dtype, device: device,
                generator: generator)
        }
        return drawn(shape, dtype, device) {
            let (low, high) = (range.lowerBound, range.upperBound)
            switch dtype {
            case .bfloat16: generator.fillUniform($0, from: low, to: high) { BFloat16($0).floatValue }
            case .float16: generator.fillUniform($0, from: low, to: high) { Float(Float16($0)) }
            default: generator.fillUniform($0, from: low, to: high)
            }
        } double: {
            generator.fillUniform($0, from: range.lowerBound, to: range.upperBound)
        }
    }

    /// Normally distributed numbers, equal to PyTorch's from the same seed (on a GPU except for the last bits).
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - mean: The mean.
    ///   - standardDeviation: The standard deviation.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    ///   - generator: The source of random numbers; by default the current generator.
    public static func normal(
        _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32,
        device: Device = .current, generator: Generator = .current
    ) -> Tensor {
        Generator.check(standardDeviation: standardDeviation)
        if device.drawsRandomNumbers {
            return floatsDrawnOnDevice(
                .normal(mean: mean, standardDeviation: standardDeviation), shape, dtype: dtype, device: device,
                generator: generator)
        }
        return drawn(shape, dtype, device) {
            generator.fillNormal($0, mean: mean, standardDeviation: standardDeviation)
        } double: {
            generator.fillNormal($0, mean: mean, standardDeviation: standardDeviation)
        }
    }

    private static func drawn(
        _ shape: Shape, _ dtype: DType, _ device: Device, single: (UnsafeMutableBufferPointer<Float>) -> Void,
        double: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> Tensor {
        if dtype == .float64 {
            return Tensor(dtype: .float64, shape: shape, device: device) { double($0.bindMemory(to: Double.self)) }
        }
        let numbers = Tensor(dtype: .float32, shape: shape, device: .cpu) { single($0.bindMemory(to: Float.self)) }
        return numbers.to(dtype).to(device)
    }

    /// Integers (int64) in `range`, all equally likely.
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - range: The half-open range of the numbers.
    ///   - device: The device of the new tensor.
    ///   - generator: The source of random numbers; by default the current generator.
    public static func integers(
        _ shape: Shape, in range: Range<Int>, device: Device = .current, generator: Generator = .current
    ) -> Tensor {
        let low = Int64(range.lowerBound)
        if device.drawsRandomNumbers, !range.isEmpty {
            let count = UInt64(bitPattern: Int64(range.upperBound) &- low)
            return drawnOnDevice(
                .integers(low: low, count: count), shape, dtype: .int64, device: device, generator: generator)
        }
        return Tensor(dtype: .int64, shape: shape, device: device) {
            generator.fillIntegers(
                $0.bindMemory(to: Int64.self), in: low..<Int64(range.upperBound))
        }
    }

    /// The integers from 0 up to, but excluding, `count` in random order.
    ///
    /// - Parameters:
    ///   - count: The number of elements.
    ///   - device: The device of the new tensor.
    ///   - generator: The source of random numbers; by default the current generator.
    public static func permutation(_ count: Int, device: Device = .current, generator: Generator = .current) -> Tensor {
        Tensor(generator.permutation(count: count), device: device)
    }

    /// Ones with `probability`, otherwise zeros.
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - probability: The probability of a 1.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    ///   - generator: The source of random numbers; by default the current generator.
    public static func bernoulli(
        _ shape: Shape, probability: Double, dtype: DType = .float32, device: Device = .current,
        generator: Generator = .current
    ) -> Tensor {
        if device.drawsRandomNumbers, (0...1).contains(probability) {
            return drawnOnDevice(
                .bernoulli(probability: probability, value: 1), shape, dtype: dtype, device: device,
                generator: generator)
        }
        return Tensor(dtype: .float32, shape: shape, device: .cpu) {
            generator.fillBernoulli($0.bindMemory(to: Float.self), probability: probability)
        }.to(dtype).to(device)
    }

    /// This tensor with elements set to zero with `probability` and the others scaled up to keep the mean.
    ///
    /// - Source: Srivastava et al., "Dropout", 2014. Traps unless the probability is in 0…1.
    ///
    /// - Parameters:
    ///   - probability: The probability that an element becomes 0.
    ///   - generator: The source of random numbers; by default the current generator.
    public func dropout(probability: Double, generator: Generator = .current) -> Tensor {
        guard (0...1).contains(probability) else { fail("dropout", "a probability of \(probability) is not in 0…1") }
        return probability == 0 ? self : self * dropoutFactors(probability: probability, generator: generator)
    }

    /// The factors by which dropout multiplies the elements: zeros with `probability`, 1 / (1 - probability) otherwise.
    func dropoutFactors(probability: Double, generator: Generator = .current) -> Tensor {
        if probability == 1 { return .zeros(shape, dtype: dtype, device: device) }
        let keep = 1 - probability
        if device.drawsRandomNumbers {
            return .drawnOnDevice(
                .bernoulli(probability: keep, value: 1 / keep), shape, strides: denseStrides, dtype: dtype,
                device: device, generator: generator)
        }
        return .bernoulli(shape, probability: keep, dtype: dtype, device: device, generator: generator) / keep
    }
}
