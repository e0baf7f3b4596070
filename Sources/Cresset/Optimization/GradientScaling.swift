import CressetCUDA

/// The numbers of a gradient scaler, on the device that computes the loss: nothing is read by the host.
package struct LossScale {
    /// The factor of losses: a float32 scalar.
    package private(set) var scale: Tensor
    /// An int32 scalar: the steps with finite gradients since the scale last changed.
    package private(set) var finiteSteps: Tensor
    /// A float32 scalar: 1 if the gradients last unscaled were not all finite, otherwise 0.
    package private(set) var found: Tensor
    /// Whether gradients have been unscaled since the scale was last adapted: what was found then counts, too.
    private var hasUnscaled = false

    package init(_ scale: Float, finiteSteps: Int32, on device: Device) {
        self.scale = Tensor.full([], scale, device: device)
        self.finiteSteps = Tensor.full([], finiteSteps, device: device)
        found = Tensor.full([], Float(0), device: device)
    }

    package var device: Device { scale.device }

    package mutating func move(to device: Device) {
        scale = scale.to(device)
        finiteSteps = finiteSteps.to(device)
        found = found.to(device)
    }

    /// Divides gradients by the scale in place, in one pass that also checks that they are finite.
    ///
    /// - Parameters:
    ///   - gradients: The gradients.
    ///   - anew: Whether what was found in others, for which no step was made, is forgotten.
    package mutating func unscale(_ gradients: inout Gradients, anew: Bool) {
        let result = found.ownedOperand()
        if anew || !hasUnscaled { found.backend.fill(result, with: .float(0)) }
        hasUnscaled = true
        gradients.isUnscaled = true
        gradients.withOperands { groups in
            for (device, operands) in groups where device == self.device {
                device.backend.unscale(operands, by: scale.operand, noting: result)
            }
            for (device, operands) in groups where device != self.device {
                var elsewhere = Tensor.full([], Float(0), device: device)
                device.backend.unscale(operands, by: scale.to(device).operand, noting: elsewhere.ownedOperand())
                found = found.maximum(elsewhere.to(self.device))
            }
        }
    }

    /// Adapts the scale to whether the gradients last unscaled were finite.
    package mutating func adapt(_ rule: ScaleRule) {
        hasUnscaled = false
        let flag = found.operand
        scale.backend.adaptScale(scale.ownedOperand(), tracker: finiteSteps.ownedOperand(), found: flag, rule)
    }

    /// Makes the memory uniquely owned; returns where it is then.
    package mutating func ownMemory() -> [Int] { [scale.ownMemory(), finiteSteps.ownMemory(), found.ownMemory()] }
}

/// A float32 scalar on its way from a device to the host, as it is after all work submitted so far.
package enum PendingNumber {
    case known(Float)
    case pending(PendingRead)

    package init(_ x: Tensor) {
        switch x.device.kind {
        case .cpu, .guarded: self = .known(Float(x.item()))
        case .cuda(let ordinal): self = .pending(CUDABackend.device(ordinal).beginReading(x.operand))
        }
    }

    /// The number; nil if the device has not come that far.
    package var value: Float? {
        switch self {
        case .known(let value): value
        case .pending(let read): read.value
        }
    }

    /// The number, once the device has come that far.
    package func wait() -> Float {
        switch self {
        case .known(let value): value
        case .pending(let read): read.wait()
        }
    }
}
