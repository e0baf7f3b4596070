import Cresset

/// An activation that works element by element, which an operator before it may compute in its own pass.
package protocol PointwiseActivation: Layer {
    /// What the layer does, as a backend understands it.
    var epilogue: Epilogue { get }
}

/// A layer that can compute layers that follow it along with its own result.
package protocol AbsorbingLayer: Layer {
    /// How many of the layers that follow it one call can compute too, and that call; nil for none. Whether their parts
    /// really share a pass over memory is decided in each call: it depends on modes, frozen parameters and the device.
    ///
    /// - Parameter next: The layers that follow this one.
    func absorbing(_ next: ArraySlice<any Layer>) -> (count: Int, call: (Tensor) -> Tensor)?
}

extension Optional where Wrapped == any Layer {
    /// The epilogue that this activation is: none without an activation, nil for one that cannot be fused.
    var epilogue: Epilogue? {
        switch self {
        case nil: Epilogue.none
        case let activation?: (activation as? any PointwiseActivation)?.epilogue
        }
    }
}

/// What a sequence of layers calls: as few calls as its layers can be joined to.
struct SequentialPlan {
    let calls: [(Tensor) -> Tensor]

    init(_ layers: [any Layer]) {
        var calls: [(Tensor) -> Tensor] = []
        var rest = layers[...]
        while let layer = rest.popFirst() {
            if let (count, call) = (layer as? any AbsorbingLayer)?.absorbing(rest) {
                calls.append(call)
                rest.removeFirst(count)
            } else {
                calls.append { layer($0) }
            }
        }
        self.calls = calls
    }
}

extension ReLU: PointwiseActivation { package var epilogue: Epilogue { .relu } }
extension ReLU6: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.clamp, a: 0, b: 6) } }
extension Hardtanh: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.clamp, a: lower, b: upper) } }
extension LeakyReLU: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.leakyReLU, a: slope) } }
extension ELU: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.elu, a: alpha) } }
extension SELU: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.selu) } }
extension Sigmoid: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.sigmoid) } }
extension Tanh: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.tanh) } }
extension SiLU: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.silu) } }
extension Mish: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.mish) } }
extension Hardswish: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.hardswish) } }
extension Hardsigmoid: PointwiseActivation { package var epilogue: Epilogue { .pointwise(.hardsigmoid) } }
extension Softplus: PointwiseActivation {
    package var epilogue: Epilogue { .pointwise(.softplus, a: beta, b: threshold) }
}
extension GELU: PointwiseActivation {
    package var epilogue: Epilogue { .pointwise(approximation == .tanh ? .geluTanh : .gelu) }
}
