import Cresset
import Glibc

/// The limited-memory BFGS method (Broyden, Fletcher, Goldfarb, Shanno): steps that use the curvature seen in recent
/// steps.
///
/// For few parameters and the loss of a whole data set. It evaluates the loss several times per step, so it takes a
/// closure that computes the loss, and computes the gradients itself:
///
/// ```swift
/// let optimizer = try LBFGS(model.parameters, lineSearch: .strongWolfe)
/// for _ in 0..<20 { try optimizer.step { model(x).meanSquaredError(y) } }
/// ```
///
/// *Source*: Nocedal and Wright, "Numerical Optimization", 2006, algorithms 7.4 and 3.5.
public final class LBFGS: Optimizer {
    /// How far to move along a direction.
    public enum LineSearch: String, Sendable {
        /// The learning rate times the direction.
        case none
        /// Until the loss has fallen and flattened enough.
        case strongWolfe
    }

    public let name = "LBFGS"
    var list: GroupList
    var history = History()

    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - maxIter: The maximum number of iterations per step.
    ///   - maxEval: The maximum number of evaluations per step; if nil, 5/4 of the iterations.
    ///   - toleranceGrad: A step ends once no element of the gradient is larger.
    ///   - toleranceChange: A step ends once the parameters or the loss change by less.
    ///   - historySize: The number of steps from which the curvature is estimated.
    ///   - lineSearch: How the length of a step is determined; nil to use the learning rate.
    ///   - maximize: Whether to maximise the loss.
    /// - Throws: ``OptimizerError`` if an option is out of range or there is more than one group.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1, maxIter: Int = 20, maxEval: Int? = nil, toleranceGrad: Double = 1e-7,
        toleranceChange: Double = 1e-9, historySize: Int = 100, lineSearch: LineSearch = .none, maximize: Bool = false
    ) throws(OptimizerError) {
        list = try GroupList(
            P.groups(parameters),
            defaults: [
                .lr: lr, .maximumIterations: Double(maxIter), .maximumEvaluations: Double(maxEval ?? maxIter * 5 / 4),
                .gradientTolerance: toleranceGrad, .changeTolerance: toleranceChange,
                .historySize: Double(historySize), .strongWolfe: lineSearch == .strongWolfe ? 1 : 0,
                .maximize: maximize ? 1 : 0,
            ], check: Self.check)
        if list.groups.count != 1 { throw Self.oneGroup }
    }

    private static let oneGroup = OptimizerError.conflict(
        "LBFGS takes only one group: it treats all parameters as one vector")

    @Sendable private static func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireTruths()
        try group.requireNotNegative(.gradientTolerance, .changeTolerance)
        for option: ParameterGroup.Option in [.maximumIterations, .maximumEvaluations, .historySize] {
            try group.require(option, "1 to a million") { $0 >= 1 && $0 <= 1e6 }
        }
    }

    public var groups: [ParameterGroup] {
        get { list.groups }
        _modify { yield &list.groups }
    }

    public func add(_ group: ParameterGroup) throws(OptimizerError) { throw Self.oneGroup }

    public func check(_ group: ParameterGroup) throws(OptimizerError) { try Self.check(group) }

    public var needsLoss: Bool { true }

    /// Throws: one gradient is not enough for this rule, which evaluates the loss itself.
    ///
    /// - Parameter gradients: The gradients of the parameters.
    public func step(_ gradients: Gradients) throws(OptimizerError) { throw .needsLoss }

    /// Updates the parameters so that `loss`, which is evaluated as often as needed, becomes smaller (or larger, with
    /// `maximize`).
    ///
    /// - Returns: The loss before the step.
    /// - Throws: What `loss` throws, or ``OptimizerError/lossNotFinite(_:)`` or
    ///   ``OptimizerError/gradientNotFinite(parameter:)``; the parameters are then unchanged.
    @discardableResult
    public func step(_ loss: () throws -> Tensor) throws -> Double {
        let (values, saved) = (list.groups[0].parameters.map { p in withoutGradients { p.value } }, history)
        do {
            return try withoutActuallyEscaping(loss) { try run($0) }
        } catch {
            for (parameter, value) in zip(list.groups[0].parameters, values) { parameter.value = value }
            history = saved
            throw error
        }
    }

    /// A step may not begin or end at a loss or gradient that is not finite.
    private func check(_ point: LossPoint, _ group: ParameterGroup) throws(OptimizerError) {
        guard point.value.isFinite else { throw .lossNotFinite(point.value) }
        if point.gradient.largest.isFinite { return }
        var start = 0
        for (parameter, name) in zip(group.parameters, group.names) {
            let part = point.gradient.narrowed(axis: 0, start: start, count: parameter.elementCount)
            if !part.largest.isFinite { throw .gradientNotFinite(parameter: name) }
            start += parameter.elementCount
        }
    }

    private func run(_ loss: @escaping () throws -> Tensor) throws -> Double {
        let group = list.groups[0]
        let vector = ParameterVector(parameters: group.parameters, sign: group.isOn(.maximize) ? -1 : 1)
        let tolerance = (gradient: group[.gradientTolerance], change: group[.changeTolerance])
        var point = try vector.evaluate(loss)
        let first = point.value * vector.sign
        try check(point, group)
        history.evaluations += 1
        var evaluations = 1
        if point.gradient.largest <= tolerance.gradient { return first }
        for iteration in 1...Int(group[.maximumIterations]) {
            let isFirst = history.iterations == 0
            history.iterations += 1
            let direction = history.nextDirection(point.gradient, limit: Int(group[.historySize]))
            (history.previousGradient, history.previousLoss) = (point.gradient, point.value)
            history.direction = direction
            history.length = group[.lr]
            if isFirst { history.length *= min(1, 1 / point.gradient.abs().sum().item()) }
            let slope = point.gradient.dot(direction)
            if slope > -tolerance.change { break }
            let isLast = iteration == Int(group[.maximumIterations])
            let used = try advance(
                vector, &point, slope: slope, isLast: isLast,
                limit: max(0, Int(group[.maximumEvaluations]) - evaluations), group, loss)
            try check(point, group)
            evaluations += used
            history.evaluations += used
            if isLast || evaluations >= Int(group[.maximumEvaluations]) || point.gradient.largest <= tolerance.gradient
                || (direction * history.length).largest <= tolerance.change
                || abs(point.value - history.previousLoss) < tolerance.change
            {
                break
            }
        }
        return first
    }

    /// Moves along the direction, as far as the line search decides or by the given length; returns how often the loss
    /// was evaluated on the way.
    private func advance(
        _ vector: ParameterVector, _ point: inout LossPoint, slope: Double, isLast: Bool, limit: Int,
        _ group: ParameterGroup, _ loss: @escaping () throws -> Tensor
    ) throws -> Int {
        let (start, direction) = (vector.value, history.direction!)
        guard group.isOn(.strongWolfe) else {
            vector.value = start + direction * history.length
            // If the step ends here, the new gradient is not needed.
            if isLast { return 0 }
            point = try vector.evaluate(loss)
            return 1
        }
        var search = WolfeSearch(start: point, slope: slope, direction: direction, limit: limit) { length in
            vector.value = start + direction * length
            return try vector.evaluate(loss)
        }
        (history.length, point) = try search.run(from: history.length)
        vector.value = start + direction * history.length
        return search.evaluations
    }
}
