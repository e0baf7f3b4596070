// Devices never mix: an operator computes where its operands are, and they must be on the same device.

extension Tensor {
    /// Traps unless `other` is on this tensor's device; `operation` is named in the message.
    @inlinable func require(sameDevice other: Tensor, _ operation: StaticString) {
        if body.device != other.body.device { failMixed(other, operation) }
    }

    @inlinable func require(sameDevice other: Tensor?, _ operation: StaticString) {
        if let other { require(sameDevice: other, operation) }
    }

    @usableFromInline @inline(never) func failMixed(_ other: Tensor, _ operation: StaticString) -> Never {
        failMixed(other, "\(operation)")
    }

    func failMixed(_ other: Tensor, _ operation: String) -> Never {
        fail(
            operation,
            "a tensor of shape \(shape) on \(device) and one of shape \(other.shape) on \(other.device)",
            hint: "move one with to(_:): both must be on the same device")
    }

    /// This tensor on the device of `other`, if it is a number on the CPU, which may be combined with tensors on any
    /// device; otherwise unchanged.
    func number(beside other: Tensor) -> Tensor {
        rank == 0 && device == .cpu && other.device != .cpu ? to(other.device) : self
    }

    /// Whether an element has 16 bits, so that one rounding too many loses what float32 would have kept.
    var isShort: Bool { dtype == .bfloat16 || dtype == .float16 }

    /// float32 for 16-bit types, otherwise the type itself.
    var raisedDType: DType { isShort ? .float32 : dtype }

    /// This tensor in ``raisedDType``.
    var raisedIfShort: Tensor { to(raisedDType) }

    /// The result of `body` on tensors of 16-bit types converted to float32, rounded once; on others directly.
    static func inFloat32IfShort(_ tensors: [Tensor], _ body: ([Tensor]) -> Tensor) -> Tensor {
        guard tensors.allSatisfy(\.isShort) else { return body(tensors) }
        let type = tensors.reduce(tensors[0].dtype) { $0.promoted(with: $1.dtype) }
        return body(tensors.map { $0.to(.float32) }).to(type)
    }

    /// The numbers in one-element tensors, in order: they are fetched in one piece from each device.
    package static func items(_ tensors: [Tensor]) -> [Double] {
        guard let first = tensors.first else { return [] }
        if first.device == .cpu, tensors.allSatisfy({ $0.device == .cpu }) { return tensors.map { $0.item() } }
        var result = [Double](repeating: 0, count: tensors.count)
        for (device, places) in Dictionary(grouping: tensors.indices, by: { tensors[$0].device }) {
            if device == .cpu {
                for i in places { result[i] = tensors[i].item() }
                continue
            }
            let row = Tensor.concatenated(places.map { tensors[$0].detached().reshaped([1]).to(.float64) })
            for (i, value) in zip(places, row.scalars(as: Double.self)) { result[i] = value }
        }
        return result
    }
}
