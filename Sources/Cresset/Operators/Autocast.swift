// Automatic mixed precision, like torch.autocast: products in a 16-bit type, losses in float32, parameters unchanged.

/// Runs `body` with matrix products and convolutions computed in `dtype`, everything else in the types of its inputs.
///
/// Float32 inputs and weights are converted on the way in, each weight once between two changes; results have type
/// `dtype`, and so does what follows until an operator meets float32 again. Losses, elementwise products, pools over
/// volumes and grid sampling are computed in float32, and on a GPU softmax too, as in PyTorch. Gradients have the type
/// of the parameter. Derivatives are computed in the types of the forward pass, inside or outside.
///
/// ```swift
/// let loss = withAutocast(.bfloat16) { model(x).crossEntropy(y) }
/// optimizer.step(loss.gradients())
/// ```
///
/// - Parameters:
///   - dtype: `.bfloat16` or `.float16`; nil switches it off for a part.
///   - body: The computation; its result is returned.
/// - Source: `torch.autocast`.
public func withAutocast<R>(_ dtype: DType? = .bfloat16, _ body: () throws -> R) rethrows -> R {
    if let dtype, dtype != .bfloat16 && dtype != .float16 {
        fail("withAutocast", "\(dtype) is not supported", hint: "use bfloat16 or float16")
    }
    var mode = Mode.current
    mode.autocast = dtype
    return try Mode.$current.withValue(mode) { try body() }
}

/// The type in which products are currently computed; nil outside ``withAutocast(_:_:)``.
public var autocastDType: DType? { Mode.current.autocast }

/// The key of a weight's copy in another type and order, among the values derived from its storage.
private struct CastKey: Hashable, Sendable {
    let weight: StorageView
    let dtype: DType
    let strides: Shape
}

extension Tensor {
    /// This tensor as a product takes it: in the 16-bit type inside ``withAutocast(_:_:)``.
    var autocast: Tensor {
        guard let type = Mode.current.autocast, type != dtype, dtype.isShortened else { return self }
        return to(type)
    }

    /// The same for a weight, whose copy is cached until it changes. Filters become channels-last if a GPU needs them
    /// so.
    var autocastWeight: Tensor {
        guard let type = Mode.current.autocast, type != dtype, dtype.isShortened else { return self }
        let original = dtype
        // A recorded graph converts at each replay: the weight may have changed since.
        guard body.edge?.node.isLeaf ?? true, !device.isCapturing else { return to(type) }
        let order = device != .cpu && rank > 3 ? shape.channelsLastStrides : denseStrides
        let key = CastKey(weight: StorageView(operand, in: body.storage), dtype: type, strides: order)
        let copy = body.storage.derivedValues.value(for: key) {
            let copy = Tensor.uninitialized(shape, strides: order, dtype: type, device: device)
            backend.copy(operand, to: copy.operand)
            return copy
        }
        return copy.window(shape: shape, strides: order).recorded("to", self) { $0.to(original) }
    }

    /// This tensor as losses and other precision-sensitive operators take it: in float32 inside ``withAutocast(_:_:)``.
    var autocastRaised: Tensor {
        guard dtype == .bfloat16 || dtype == .float16, Mode.current.autocast != nil else { return self }
        return to(.float32)
    }
}

extension DType {
    /// Whether autocast converts it: float64 and integers are left alone.
    fileprivate var isShortened: Bool { self == .float32 || self == .bfloat16 || self == .float16 }
}
