import CCUDA
import CressetBackend

extension CUDABackend {
    /// One launch for every 128 tensors of a type.
    package func unscale(_ tensors: [Operand], by scale: Operand, noting found: Operand) {
        var parameters = cresset_unscale()
        parameters.scale = UnsafePointer(scale.pointer.assumingMemoryBound(to: Float.self))
        parameters.found = found.pointer.assumingMemoryBound(to: Float.self)
        var (blocks, dtype) = (0, DType.float32)
        func run() {
            if parameters.count == 0 { return }
            let kernel = kernel(
                .scaler, "unscale", variant: Int(dtype.rawValue), defines: ["ELEMENT=\(dtype.kernelName)"])
            launch(kernel, grid: blocks, block: 256, parameters)
            (parameters.count, blocks) = (0, 0)
        }
        for tensor in tensors where tensor.elementCount > 0 {
            if parameters.count == CRESSET_UNSCALE_TENSORS || tensor.dtype != dtype { run() }
            dtype = tensor.dtype
            let place = Int(parameters.count)
            withUnsafeMutableBytes(of: &parameters.tensors) {
                $0.bindMemory(to: Int64.self)[place] = Int64(Int(bitPattern: tensor.pointer))
            }
            withUnsafeMutableBytes(of: &parameters.counts) {
                $0.bindMemory(to: Int64.self)[place] = Int64(tensor.elementCount)
            }
            withUnsafeMutableBytes(of: &parameters.first) { $0.bindMemory(to: Int32.self)[place] = Int32(blocks) }
            parameters.count += 1
            blocks += (tensor.elementCount + Int(CRESSET_UNSCALE_CHUNK) - 1) / Int(CRESSET_UNSCALE_CHUNK)
        }
        run()
    }

    package func adaptScale(_ scale: Operand, tracker: Operand, found: Operand, _ rule: ScaleRule) {
        let parameters = cresset_scale_rule(
            scale: scale.pointer.assumingMemoryBound(to: Float.self),
            tracker: tracker.pointer.assumingMemoryBound(to: Int32.self),
            found: UnsafePointer(found.pointer.assumingMemoryBound(to: Float.self)), growth_factor: rule.growthFactor,
            backoff_factor: rule.backoffFactor, growth_interval: Int32(clamping: rule.growthInterval))
        // In the unit that float32 gradients need anyway.
        let kernel = kernel(
            .scaler, "adapt_scale", variant: Int(DType.float32.rawValue),
            defines: ["ELEMENT=\(DType.float32.kernelName)"])
        launch(kernel, grid: 1, block: 32, parameters)
    }
}
