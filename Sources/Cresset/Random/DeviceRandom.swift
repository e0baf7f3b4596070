extension Device {
    /// Whether random numbers are drawn by the device itself, as in PyTorch on a GPU, instead of by the generator on
    /// the CPU.
    var drawsRandomNumbers: Bool {
        switch kind {
        case .cpu, .guarded: false
        case .cuda: true
        }
    }
}

extension Tensor {
    /// A tensor of numbers drawn by its device, with the generator's seed and the next of its offsets.
    static func drawnOnDevice(
        _ distribution: RandomDistribution, _ shape: Shape, strides: Shape? = nil, dtype: DType, device: Device,
        generator: Generator
    ) -> Tensor {
        if generator !== Generator.current, device.isCapturing {
            fail(
                "random", "a recorded step draws from a generator other than the current one, which replays advance",
                hint: "pass none, and set the task's own with Generator.$current.withValue")
        }
        let out = Tensor.uninitialized(shape, strides: strides, dtype: dtype, device: device)
        let increment = device.backend.randomGeometry.increment(distribution, dtype, count: out.elementCount)
        guard let ordinal = device.cudaIndex else { fail("random", "\(device) draws no numbers of its own") }
        let (seed, offset) = generator.advance(onGPU: ordinal, by: increment)
        device.backend.random(distribution, seed: seed, offset: offset, into: out.operand)
        return out
    }

    /// For a floating-point type; other types are converted from float32.
    static func floatsDrawnOnDevice(
        _ distribution: RandomDistribution, _ shape: Shape, dtype: DType, device: Device, generator: Generator
    ) -> Tensor {
        drawnOnDevice(
            distribution, shape, dtype: dtype.isFloatingPoint ? dtype : .float32, device: device, generator: generator
        ).to(dtype)
    }
}
