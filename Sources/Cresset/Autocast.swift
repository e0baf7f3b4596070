// Automatic mixed precision, as torch.autocast: products in a short type, losses in float32, parameters as they are.

/// Runs `body` with matrix products and convolutions computed in `dtype`, everything else as it comes.
///
/// Inputs and weights of float32 are converted on the way in, each weight once between two changes; results are of
/// `dtype`, and so is what follows them until an operator meets float32 again. Losses, products of elements, pools over
/// volumes and samples by a grid are computed in float32, and on a GPU softmax too, as PyTorch has it. Gradients arrive in
/// the type of the parameter. Derivatives are computed in the types of the forward pass, inside or outside.
///
/// ```swift
/// let loss = withAutocast(.bfloat16) { model(x).crossEntropy(y) }
/// optimizer.step(loss.gradients())
/// ```
///
/// - Parameters:
///   - dtype: `.bfloat16` or `.float16`; nil switches it off for a part.
///   - body: What is computed; its result is given on.
/// - Source: `torch.autocast`.
public func withAutocast<R>(_ dtype: DType? = .bfloat16, _ body: () throws -> R) rethrows -> R {
    if let dtype, dtype != .bfloat16 && dtype != .float16 {
        fail("withAutocast", "products in \(dtype)", hint: "bfloat16 and float16 are the types to choose from")
    }
    var mode = Mode.current
    mode.autocast = dtype
    return try Mode.$current.withValue(mode) { try body() }
}

/// The type in which products are computed here; nil outside ``withAutocast(_:_:)``.
public var autocastDType: DType? { Mode.current.autocast }

/// Stands for a weight's copy in another type and order, among the copies that its memory keeps.
private final class CastKey: Sendable {
    static let keys = DType.allCases.map { _ in (CastKey(), CastKey()) }
}

private final class CastCopy: Sendable {
    let tensor: Tensor
    /// How the weight lay that it was made of: others may view the same memory.
    let strides: Shape

    init(_ tensor: Tensor, of strides: Shape) {
        self.tensor = tensor
        self.strides = strides
    }
}

extension Tensor {
    /// This tensor as a product takes it: in the short type inside ``withAutocast(_:_:)``.
    var autocast: Tensor {
        guard let type = Mode.current.autocast, type != dtype, dtype.isShortened else { return self }
        return to(type)
    }

    /// The same for a weight, whose copy is kept until it changes. Filters become channels-last on the way where a GPU
    /// wants them so.
    var autocastWeight: Tensor {
        guard let type = Mode.current.autocast, type != dtype, dtype.isShortened else { return self }
        let original = dtype
        let isWhole = body.pointer == body.storage.pointer && strides == denseStrides
        // A recorded graph converts at each replay: the weight may have changed since.
        guard isWhole, body.edge?.node.isLeaf ?? true, !device.isCapturing else { return to(type) }
        let key = CastKey.keys[Int(type.rawValue)]
        let copy = body.storage.packedWeights.copy(for: rank > 3 ? key.0 : key.1) {
            let order = device != .cpu && rank > 3 ? shape.channelsLastStrides : denseStrides
            let copy = Tensor.uninitialized(shape, strides: order, dtype: type, device: device)
            backend.copy(operand, to: copy.operand)
            return CastCopy(copy, of: strides)
        }
        guard copy.tensor.shape == shape, copy.strides == strides else { return to(type) }
        return copy.tensor.window(shape: shape, strides: copy.tensor.strides).recorded("to", self) { $0.to(original) }
    }

    /// This tensor as losses and what else must not lose digits take it: in float32 inside ``withAutocast(_:_:)``.
    var autocastRaised: Tensor {
        guard dtype == .bfloat16 || dtype == .float16, Mode.current.autocast != nil else { return self }
        return to(.float32)
    }
}

extension DType {
    /// Whether autocast converts it: float64 stays what it is, as do integers.
    fileprivate var isShortened: Bool { self == .float32 || self == .bfloat16 || self == .float16 }
}
