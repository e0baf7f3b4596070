import CCUDA
import CressetBackend

extension CUDABackend {
    package var randomGeometry: RandomGeometry {
        RandomGeometry(
            multiprocessors: properties.multiprocessorCount,
            threadsPerMultiprocessor: properties.threadsPerMultiprocessor)
    }

    /// Fills a dense operand with the random numbers that PyTorch draws on this model of GPU.
    package func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand) {
        let count = out.elementCount
        if count == 0 { return }
        mustHold(offset % 4 == 0, "random: an offset of \(offset) is not a multiple of 4")
        var parameters = cresset_random()
        parameters.out = Int64(Int(bitPattern: out.pointer))
        parameters.count = Int64(count)
        parameters.seed = seed
        parameters.offset = offset
        if isCapturing { parameters.slot = Int64(Int(bitPattern: randomSlot().memory.pointer)) }
        let number = parameters.take(distribution, dtype: out.dtype)
        let dtype = out.dtype
        let kernel = kernel(
            .random, "random_draw", variant: number * 16 + Int(dtype.rawValue),
            defines: [
                "ELEMENT=\(dtype.kernelName)", "REAL=\(dtype == .float64 ? "double" : "float")",
                "DISTRIBUTION=\(number)",
            ])
        launch(kernel, grid: randomGeometry.threads(count) / 256, block: 256, parameters)
    }
}

extension cresset_random {
    /// Sets the numbers of a distribution, and returns the number by which the kernel identifies it.
    fileprivate mutating func take(_ distribution: RandomDistribution, dtype: DType) -> Int {
        switch distribution {
        case .uniform(let low, let high):
            mustHold(dtype.isFloatingPoint, "random: uniform numbers cannot be \(dtype)")
            (a, b) = (low, high)
            return 0
        case .normal(let mean, let standardDeviation):
            mustHold(dtype.isFloatingPoint, "random: normal numbers cannot be \(dtype)")
            (a, b) = (mean, standardDeviation)
            return 1
        case .bernoulli(let probability, let value):
            (a, b) = (probability, value)
            return 2
        case .integers(let low, let count):
            (self.low, range) = (low, count)
            return distribution.numbersPerBlock(dtype) == 4 ? 3 : 4
        }
    }
}
