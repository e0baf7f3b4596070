import CCUDA
import CressetBackend

extension CUDABackend {
    package func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double
    ) {
        let kernel = kernel(
            .running, "move", variant: mean.dtype.variant, defines: ["ELEMENT=\(mean.dtype.kernelName)"])
        let parameters = cresset_running_statistics(
            mean: mean.pointer, variance: variance.pointer, batch_mean: batchMean.pointer,
            batch_variance: batchVariance.pointer, counter: counter?.pointer.assumingMemoryBound(to: Int64.self),
            share: share, correction: correction, channels: Int32(mean.elementCount))
        launch(kernel, grid: max(1, (mean.elementCount + 255) / 256), block: 256, parameters)
    }
}
