import CCUDA
import CressetBackend

/// A request for a pointwise operator: launched at once, or joined to a chain while work is being recorded.
struct PointwiseCall {
    enum Operation {
        /// The names of functions in operators.h.
        case unary(UnaryOp, function: String)
        case binary(BinaryOp, function: String)
        case select
        /// Between two types.
        case convert
        /// Between two tensors of one type.
        case move
        case fill(Scalar)
    }

    let operation: Operation
    var inputs: [Operand]
    var a = 0.0
    var b = 0.0
    var out: Operand

    /// The same request for memory that somebody else keeps alive.
    var withoutStorage: PointwiseCall {
        var call = self
        for i in call.inputs.indices { call.inputs[i].storage = nil }
        call.out.storage = nil
        return call
    }
}

extension CUDABackend {
    /// Launches a kernel for this operator alone.
    func launch(_ call: PointwiseCall) {
        let (inputs, out) = (call.inputs, call.out)
        switch call.operation {
        case .unary(let op, _): launch(op, inputs[0], a: call.a, b: call.b, into: out)
        case .binary(let op, _): launch(op, inputs[0], inputs[1], a: call.a, b: call.b, into: out)
        case .select: launchSelect(inputs[0], inputs[1], inputs[2], into: out)
        case .convert, .move: launchCopy(inputs[0], to: out)
        case .fill(let value): launchFill(out, with: value)
        }
    }
}
