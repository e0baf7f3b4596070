import Cresset

extension Module {
    /// Converts all floating-point parameters and buffers to `dtype`. Call it before creating an optimizer, whose state
    /// has the parameters' types.
    @discardableResult
    public func to(_ dtype: DType) -> Self {
        for parameter in parameters { parameter.value = withoutGradients { parameter.value.to(dtype) } }
        for (_, buffer) in namedBuffers where buffer.dtype.isFloatingPoint { buffer.value = buffer.value.to(dtype) }
        return self
    }

    /// Moves all parameters and buffers to `device`. They keep their identity: an optimizer continues with them, and
    /// moves its state at its next step.
    ///
    /// ```swift
    /// let model = try ModelZoo.make("resnet18").to(CUDA.isAvailable ? .cuda(0) : .cpu)
    /// ```
    @discardableResult
    public func to(_ device: Device) -> Self {
        withoutGradients {
            for parameter in parameters where parameter.device != device {
                parameter.replace(parameter.value.to(device))
            }
            for (_, buffer) in namedBuffers where buffer.device != device { buffer.replace(buffer.value.to(device)) }
        }
        return self
    }
}
