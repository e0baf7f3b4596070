import CCUDA
import CressetBackend

extension CUDABackend {
    package func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        if out.elementCount == 0 { return }
        if chains.isRecording {
            let operation = PointwiseCall.Operation.unary(
                op, function: Self.function(cresset_unary_operator(op.rawValue), "\(op)", x.dtype))
            if chains.take(PointwiseCall(operation: operation, inputs: [x], a: a, b: b, out: out), on: self) { return }
        }
        launch(op, x, a: a, b: b, into: out)
    }

    package func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand) {
        if out.elementCount == 0 { return }
        // A kernel of its own reports divisors of zero.
        if chains.isRecording, !(op.needsDivisor && !x.dtype.isFloatingPoint) {
            let operation = PointwiseCall.Operation.binary(
                op, function: Self.function(cresset_binary_operator(op.rawValue), "\(op)", x.dtype))
            if chains.take(PointwiseCall(operation: operation, inputs: [x, y], a: a, b: b, out: out), on: self) {
                return
            }
        }
        launch(op, x, y, a: a, b: b, into: out)
    }

    package func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand) {
        if out.elementCount == 0 { return }
        if chains.isRecording, condition.dtype == .bool,
            chains.take(PointwiseCall(operation: .select, inputs: [condition, x, y], out: out), on: self)
        {
            return
        }
        launchSelect(condition, x, y, into: out)
    }

    // MARK: Alone

    func launch(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        var parameters = cresset_elementwise(out, x)
        parameters.a = a
        parameters.b = b
        let plan = cresset_elementwise_prepare(
            &parameters, 1, Int32(out.dtype.itemSize), Int32(x.dtype.itemSize), 1, 1)
        let kernel = kernel(
            .pointwise, "pointwise", variant: Self.variant(1, Int(op.rawValue), x.dtype, out.dtype, plan.layout),
            defines: Self.defines(
                1, Self.function(cresset_unary_operator(op.rawValue), "\(op)", x.dtype), x.dtype, out.dtype,
                plan.layout))
        launch(kernel, plan, parameters)
    }

    func launch(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand) {
        var parameters = cresset_elementwise(out, x, y)
        parameters.a = a
        parameters.b = b
        if op.needsDivisor && !x.dtype.isFloatingPoint {
            parameters.report = faults.report(.division(op, x.dtype, out.shape))
        }
        let size = Int32(x.dtype.itemSize)
        let plan = cresset_elementwise_prepare(&parameters, 2, Int32(out.dtype.itemSize), size, size, 1)
        let kernel = kernel(
            .pointwise, "pointwise", variant: Self.variant(2, Int(op.rawValue), x.dtype, out.dtype, plan.layout),
            defines: Self.defines(
                2, Self.function(cresset_binary_operator(op.rawValue), "\(op)", x.dtype), x.dtype, out.dtype,
                plan.layout))
        launch(kernel, plan, parameters)
    }

    func launchSelect(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand) {
        var parameters = cresset_elementwise(out, condition, x, y)
        let size = Int32(out.dtype.itemSize)
        let plan = cresset_elementwise_prepare(&parameters, 3, size, 1, size, size)
        let kernel = kernel(
            .pointwise, "pointwise", variant: Self.variant(3, out.dtype.itemSize, .bool, .bool, plan.layout),
            defines: ["INPUTS=3", "STORED=\(out.dtype.kernelBits)", "LAYOUT=\(plan.layout)"])
        launch(kernel, plan, parameters)
    }

    /// A number for a unit of pointwise.cu.
    @inline(__always)
    private static func variant(_ inputs: Int, _ op: Int, _ x: DType, _ out: DType, _ layout: Int32) -> Int {
        Int(layout) | inputs << 2 | Int(x.rawValue) << 4 | Int(out.rawValue) << 8 | op << 12
    }

    /// The definitions of a unit.
    private static func defines(
        _ inputs: Int, _ function: String, _ x: DType, _ out: DType, _ layout: Int32
    ) -> [String] {
        [
            "OPERATOR=\(function)", "INPUTS=\(inputs)", "STORED=\(x.kernelName)", "RESULT=\(out.kernelName)",
            "LAYOUT=\(layout)",
        ]
    }

    /// The function of operators.h that computes an operator. Traps if it does not exist for the type.
    private static func function(_ formulas: cresset_operator, _ name: String, _ x: DType) -> String {
        let formula = x.isFloatingPoint ? formulas.floating : x == .bool ? formulas.boolean : formulas.integer
        guard let formula else {
            fatalError("\(name) does not exist for \(x) tensors\n  hint: convert with to(_:)")
        }
        return (x.isFloatingPoint ? "real_" : "whole_") + String(cString: formula)
    }
}
