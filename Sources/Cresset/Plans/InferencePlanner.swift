import CressetCPU
import Synchronization

/// Makes plans of one network for inputs of different shapes.
package final class InferencePlanner {
    private let body: (Tensor) -> Tensor
    private let quantization: (ranges: ActivationRanges, names: [String])?

    /// A planner; with a calibration, its plans compute in integers of 8 bits.
    ///
    /// - Parameters:
    ///   - calibration: Inputs from which the scales of activations come, all of one shape; nil for floating point.
    ///   - body: The network. It must compute the same for any numbers in its input.
    /// - Throws: ``PlanError`` if it does not.
    package init(_ calibration: Int8Calibration? = nil, _ body: @escaping (Tensor) -> Tensor) throws(PlanError) {
        self.body = body
        guard let calibration else {
            quantization = nil
            return
        }
        guard let first = calibration.batches.first else { throw PlanError("there are no inputs to calibrate with") }
        if !calibration.batches.allSatisfy({ $0.shape == first.shape && $0.dtype == first.dtype && $0.device == .cpu })
        {
            throw PlanError("the inputs to calibrate with have different shapes, types or devices")
        }
        let graph = try Self.graph(first, body)
        quantization = (ActivationRanges(graph, calibration), graph.calls.map { "\($0.name)" })
    }

    private static func graph(_ input: Tensor, _ body: (Tensor) -> Tensor) throws(PlanError) -> PlanGraph {
        // Folded and converted weights are then there already.
        _ = withoutGradients { body(input) }
        return try InferencePlan.graph([input]) { [body($0[0])] }
    }

    /// A plan for inputs like `example`, on the CPU.
    ///
    /// - Throws: ``PlanError`` if the network does not compute the same for any numbers in its input.
    package func plan(for example: Tensor) throws(PlanError) -> InferencePlan {
        let graph = try Self.graph(example, body)
        let plan = InferencePlan(graph)
        try check(plan, example)
        guard let quantization else { return plan }
        guard graph.calls.map({ "\($0.name)" }) == quantization.names else {
            throw PlanError("it computes otherwise for \(example.shape) than for the shape that it was calibrated with")
        }
        var quantizer = Quantizer(graph, quantization.ranges)
        return InferencePlan(quantizer.quantized())
    }

    /// Throws unless the plan and the network agree about another input.
    private func check(_ plan: InferencePlan, _ example: Tensor) throws(PlanError) {
        let other = example.dtype.isFloatingPoint ? (example * 0.75).flipped(axes: [0, example.rank - 1]) : example
        let (expected, found) = withoutGradients { (body(other), plan.run([other])[0]) }
        guard found.isClose(to: expected) else {
            throw PlanError("another input gives other numbers when its calls are repeated")
        }
    }
}

extension Tensor {
    /// Whether two results are the same but for rounding; NaN are equal.
    fileprivate func isClose(to other: Tensor) -> Bool {
        guard shape == other.shape, dtype == other.dtype else { return false }
        guard dtype.isFloatingPoint, elementCount > 0 else { return (self .== other).all().item() != 0 }
        let (a, b) = (to(.float64).scalars(as: Double.self), other.to(.float64).scalars(as: Double.self))
        let scale = b.reduce(0) { Swift.max($0, $1.isFinite ? $1.magnitude : 0) }
        return zip(a, b).allSatisfy { $0 == $1 || ($0 - $1).magnitude <= 1e-3 * scale || ($0.isNaN && $1.isNaN) }
    }
}
