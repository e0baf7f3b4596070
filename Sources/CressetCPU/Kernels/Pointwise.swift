import CKernels
import CressetBackend

// Pointwise operators, copies, reductions and indexing: all of them loops in C.

extension Operand {
    /// Passes the operand to C.
    @inline(__always)
    func withC<R>(_ body: (cresset_operand) -> R) -> R {
        strides.withPointer { body(cresset_operand(data: pointer, strides: $0)) }
    }
}

extension CPUBackend {
    private func require(_ found: Bool, _ what: @autoclosure () -> String, _ dtype: DType) {
        if !found { fatalError("\(what()) does not exist for \(dtype) tensors\n  hint: convert with to(_:)") }
    }

    package func fill(_ out: Operand, with value: Scalar) {
        out.withC { o in
            out.shape.withPointer {
                cresset_fill(out.dtype.rawValue, Int32(out.shape.count), $0, o, value.doubleValue, value.int64Value)
            }
        }
    }

    package func copy(_ source: Operand, to out: Operand) {
        source.withC { x in
            out.withC { o in
                out.shape.withPointer {
                    cresset_copy(source.dtype.rawValue, out.dtype.rawValue, Int32(out.shape.count), $0, x, o)
                }
            }
        }
    }

    package func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        if isWidened(x) { return unaryInFloat32(op, x, a: a, b: b, into: out) }
        let found = x.withC { cx in
            out.withC { o in
                out.shape.withPointer {
                    cresset_unary(
                        op.rawValue, x.dtype.rawValue, out.dtype.rawValue, Int32(out.shape.count), $0, cx, o, a, b)
                }
            }
        }
        require(found, "\(op)", x.dtype)
    }

    // Apart, so that small float32 operators do not pay for what these capture.

    @inline(never)
    private func unaryInFloat32(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        inFloat32([x], results: [out]) { unary(op, $0[0]!, a: a, b: b, into: $1[0]!) }
    }

    @inline(never)
    private func binaryInFloat32(
        _ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand
    ) {
        inFloat32([x, y], results: [out]) { binary(op, $0[0]!, $0[1]!, a: a, b: b, into: $1[0]!) }
    }

    package func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand) {
        if isWidened(x) { return binaryInFloat32(op, x, y, a: a, b: b, into: out) }
        let found = x.withC { cx in
            y.withC { cy in
                out.withC { o in
                    out.shape.withPointer {
                        cresset_binary(
                            op.rawValue, x.dtype.rawValue, out.dtype.rawValue, Int32(out.shape.count), $0, cx, cy, o, a,
                            b)
                    }
                }
            }
        }
        require(found, "\(op)", x.dtype)
    }

    package func binary(
        _ op: BinaryOp, _ dtype: DType, result: DType, count: Int, _ x: UnsafeRawPointer, _ y: UnsafeRawPointer,
        a: Double, b: Double, into out: UnsafeMutableRawPointer
    ) -> Bool {
        cresset_binary_in_order(op.rawValue, dtype.rawValue, result.rawValue, count, x, y, out, a, b)
    }

    package func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand) {
        condition.withC { c in
            x.withC { cx in
                y.withC { cy in
                    out.withC { o in
                        out.shape.withPointer {
                            cresset_select(Int32(out.dtype.itemSize), Int32(out.shape.count), $0, c, cx, cy, o)
                        }
                    }
                }
            }
        }
    }

    package func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand) {
        if isWidened(x) {
            return inFloat32([x], results: [out]) { reduce(op, $0[0]!, axes: axes, into: $1[0]!) }
        }
        var reduced = InlineArray<8, Bool>(repeating: false)
        for axis in axes { reduced[axis] = true }
        let found = withUnsafePointer(to: reduced) { marks in
            marks.withMemoryRebound(to: Bool.self, capacity: 8) { marks in
                x.withC { cx in
                    out.withC { o in
                        x.shape.withPointer {
                            cresset_reduce(op.rawValue, x.dtype.rawValue, Int32(x.shape.count), $0, marks, cx, o)
                        }
                    }
                }
            }
        }
        require(found, "\(op)", x.dtype)
    }

    package func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand) {
        if isWidened(x) {
            return inFloat32([x], results: [out]) { scan(op, $0[0]!, axis: axis, into: $1[0]!) }
        }
        let found = x.withC { cx in
            out.withC { o in
                x.shape.withPointer {
                    cresset_scan(op.rawValue, x.dtype.rawValue, Int32(x.shape.count), $0, Int32(axis), cx, o)
                }
            }
        }
        require(found, "a running \(op)", x.dtype)
    }

    package func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand) {
        if isWidened(x) {
            return inFloat32([x], results: [values]) {
                sort($0[0]!, axis: axis, descending: descending, values: $1[0]!, indices: indices)
            }
        }
        let found = x.withC { cx in
            values.withC { v in
                indices.withC { i in
                    x.shape.withPointer {
                        cresset_sort(x.dtype.rawValue, Int32(x.shape.count), $0, Int32(axis), descending, cx, v, i)
                    }
                }
            }
        }
        require(found, "sort", x.dtype)
    }

    package func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand) {
        x.withC { cx in
            index.withC { i in
                out.withC { o in
                    index.shape.withPointer {
                        cresset_gather(Int32(x.dtype.itemSize), Int32(index.shape.count), $0, Int32(axis), cx, i, o)
                    }
                }
            }
        }
    }

    package func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        if isWidened(out), op != .assign {
            return inFloat32([x, out], results: []) { inputs, _ in
                scatter(op, inputs[0]!, axis: axis, index: index, into: inputs[1]!)
                copy(inputs[1]!, to: out)
            }
        }
        let found = x.withC { cx in
            index.withC { i in
                out.withC { o in
                    index.shape.withPointer {
                        cresset_scatter(
                            op.rawValue, x.dtype.rawValue, Int32(index.shape.count), $0, Int32(axis), cx, i, o)
                    }
                }
            }
        }
        require(found, "scatter", x.dtype)
    }
}
