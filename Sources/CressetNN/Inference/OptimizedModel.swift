import Cresset
import Synchronization

/// What a network computes with when it is prepared for inference.
public enum InferencePrecision: Sendable {
    /// The type of its weights.
    case own
    /// Products and convolutions in bfloat16, as `withAutocast` describes.
    case bfloat16
    /// Convolutions and linear layers in integers of 8 bits, on the CPU. The scales come from inputs like those that the
    /// network will see, and those of weights from the weights, one for each output channel.
    case int8(Int8Calibration)
}

extension Layer {
    /// The network prepared for inference: normalisation folded into weights, weights packed, constants computed, memory
    /// planned, and all requests to the device put in order, once.
    ///
    /// ```swift
    /// let fast = try model.eval().optimized(for: batch)
    /// let scores = fast(batch)
    /// let small = try model.optimized(for: batch, in: .int8(Int8Calibration([batch, another])))
    /// ```
    ///
    /// Inputs of other shapes are prepared for when they come. On a GPU the run is recorded as a graph.
    ///
    /// - Parameters:
    ///   - example: An input of the shape that is usual; the network must be on its device.
    ///   - precision: What to compute with.
    /// - Throws: `PlanError` if the network computes differently for different numbers, draws random numbers or trains.
    public func optimized(for example: Tensor, in precision: InferencePrecision = .own) throws(PlanError)
        -> OptimizedModel
    {
        let model = try OptimizedModel(self, precision, on: example.device)
        try model.prepare(for: example)
        return model
    }
}

/// A network prepared for inference: what ``Layer/optimized(for:in:)`` returns.
///
/// It keeps the weights that the network had then; prepare it again after changing them. Results are float32 where
/// products are in other types, and tensors of their own. Any number of threads may call it.
public final class OptimizedModel: CustomStringConvertible, @unchecked Sendable {
    // Preparing and replaying are guarded by the lock; a plan runs outside of it.
    private let lock = Mutex(())
    private let planner: InferencePlanner?
    private let recorded: RecordedFunction?
    private var plans: [Key: InferencePlan] = [:]

    /// The shapes that are prepared for at most.
    private static let capacity = 8

    /// What a run is prepared for.
    private struct Key: Hashable {
        let shape: Shape
        let dtype: DType
        let threads = threadCount
    }

    init(_ model: any Layer, _ precision: InferencePrecision, on device: Device) throws(PlanError) {
        let body = { (x: Tensor) in
            guard case .bfloat16 = precision else { return model(x) }
            let result = withAutocast(.bfloat16) { model(x) }
            return result.dtype == .bfloat16 ? result.to(.float32) : result
        }
        if device == .cpu {
            var calibration: Int8Calibration?
            if case .int8(let given) = precision { calibration = given }
            planner = try InferencePlanner(calibration, body)
            recorded = nil
        } else {
            if case .int8 = precision { throw PlanError("integers of 8 bits are for the CPU, not for \(device)") }
            planner = nil
            recorded = RecordedFunction { [body($0[0])] }
        }
    }

    func prepare(for example: Tensor) throws(PlanError) { _ = try plan(for: example) }

    /// The network's result.
    ///
    /// Traps if the network cannot be prepared for the input's shape, which can only happen with another shape than that
    /// of the example.
    ///
    /// - Parameter x: The input.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let plan: InferencePlan?
        do { plan = try self.plan(for: x) } catch { fatalError("\(error)") }
        if let plan { return plan.run([x])[0] }
        // What a recording returns is overwritten by its next run.
        return lock.withLock { _ in recorded!([x])[0].cloned() }
    }

    private func plan(for x: Tensor) throws(PlanError) -> InferencePlan? {
        guard let planner else { return nil }
        let key = Key(shape: x.shape, dtype: x.dtype)
        let result = lock.withLock { _ in
            Result { () throws(PlanError) in
                if let plan = plans[key] { return plan }
                let plan = try planner.plan(for: x)
                if plans.count >= Self.capacity { plans.removeAll() }
                plans[key] = plan
                return plan
            }
        }
        return try result.get()
    }

    /// What is prepared, a line for each shape: `[16, 3, 224, 224]: 57 calls, 77 MiB`.
    public var description: String {
        let lines = lock.withLock { _ in
            plans.map { "\n  \($0.shape): \($1.callCount) calls, \(($1.byteCount + (1 << 20) - 1) >> 20) MiB" }
        }
        return "OptimizedModel" + lines.sorted().joined() + (recorded.map { "\n  \($0)" } ?? "")
    }
}
