import CKernels
import CressetBackend

extension CPUBackend {
    /// Softmax, or its logarithm, along one axis. `out` may be the memory of `x`.
    package func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool = false, into out: Operand) {
        if isWidened(x) {
            return inFloat32([x], results: [out]) {
                softmax($0[0]!, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: $1[0]!)
            }
        }
        var geometry = cresset_softmax_geometry(x, x, out, axis: axis)
        cresset_softmax(&geometry, x.pointer, logarithm, emptyIsZero, out.pointer)
    }

    /// The gradient of ``softmax(_:axis:logarithm:emptyIsZero:into:)`` from its result `y`. `out` may be the
    /// memory of either.
    package func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) {
        if isWidened(y) {
            return inFloat32([gradient, y], results: [out]) {
                softmaxGradient($0[0]!, $0[1]!, axis: axis, logarithm: logarithm, into: $1[0]!)
            }
        }
        var geometry = cresset_softmax_geometry(gradient, y, out, axis: axis)
        cresset_softmax_gradient(&geometry, gradient.pointer, y.pointer, logarithm, out.pointer)
    }
}

extension cresset_softmax_geometry {
    /// Three tensors of the same shape.
    fileprivate init(_ x: Operand, _ y: Operand, _ out: Operand, axis: Int) {
        self.init()
        dtype = out.dtype.rawValue
        // A scalar is treated as an axis of one element.
        count = out.shape.isEmpty ? 1 : Int64(out.shape[axis])
        rank = Int32(max(out.shape.count - 1, 0))
        let tensors = (x.strides, y.strides, out.strides)
        if !out.shape.isEmpty { steps = (Int64(tensors.0[axis]), Int64(tensors.1[axis]), Int64(tensors.2[axis])) }
        var lengths = self.lengths
        var strides = self.strides
        var place = 0
        for other in out.shape.indices where other != axis {
            Self.set(&lengths, place, out.shape[other])
            Self.set(&strides.0, place, tensors.0[other])
            Self.set(&strides.1, place, tensors.1[other])
            Self.set(&strides.2, place, tensors.2[other])
            place += 1
        }
        self.lengths = lengths
        self.strides = strides
    }

    /// C arrays are imported as tuples in Swift.
    private static func set<Row>(_ row: inout Row, _ place: Int, _ value: Int) {
        withUnsafeMutableBytes(of: &row) {
            $0.storeBytes(of: Int64(value), toByteOffset: place * MemoryLayout<Int64>.stride, as: Int64.self)
        }
    }
}
