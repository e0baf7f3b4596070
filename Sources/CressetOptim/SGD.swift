import Cresset

/// Stochastic gradient descent, with momentum, dampening, weight decay and Nesterov's look ahead.
///
/// v = momentum v + (1 - dampening) (g + weightDecay p); p = p - lr v (or lr (g + momentum v) with Nesterov). The first
/// step sets v to the gradient, undampened, as PyTorch does.
///
/// *Source*: Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
public final class SGD: Optimizer {
    public var groups: [ParameterGroup] {
        get { list.groups }
        set { list.groups = newValue }
    }
    private var list: GroupList
    private var momenta: [ObjectIdentifier: Tensor] = [:]

    /// - Throws: ``OptimizerError`` where an option is out of range, unknown, or a parameter is given twice.
    public init(
        _ groups: [ParameterGroup], lr: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
        weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        list = try GroupList(
            groups,
            defaults: [
                .lr: lr, .momentum: momentum, .dampening: dampening, .weightDecay: weightDecay,
                .nesterov: nesterov ? 1 : 0, .maximize: maximize ? 1 : 0,
            ], check: SGD.check)
    }

    public convenience init(
        _ parameters: [Parameter], lr: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
        weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try self.init(
            [ParameterGroup(parameters)], lr: lr, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
            nesterov: nesterov, maximize: maximize)
    }

    @Sendable private static func check(_ group: ParameterGroup) throws(OptimizerError) {
        for option: ParameterGroup.Option in [.lr, .momentum, .weightDecay] {
            try group.require(option, "0 or more") { $0 >= 0 && $0.isFinite }
        }
        try group.require(.dampening, "a number", \.isFinite)
        if group[.nesterov] != 0 && (group[.momentum] <= 0 || group[.dampening] != 0) {
            throw .conflict("Nesterov's rule needs a momentum above 0 and no dampening")
        }
    }

    public func add(_ group: ParameterGroup) throws(OptimizerError) { try list.add(group) }

    public func step(_ gradients: Gradients) {
        for group in groups {
            // Parameters whose momentum begins now are a call of their own.
            var fresh: [SGDUpdate] = []
            var running: [SGDUpdate] = []
            for parameter in group.parameters where parameter.requiresGradient {
                guard let gradient = gradients[parameter] else { continue }
                let key = ObjectIdentifier(parameter)
                if group[.momentum] != 0 && momenta[key] == nil {
                    momenta[key] = withoutGradients { Tensor.zeros(like: parameter.value) }
                    fresh.append(SGDUpdate(parameter: parameter, gradient: gradient, key: key))
                } else {
                    running.append(SGDUpdate(parameter: parameter, gradient: gradient, key: key))
                }
            }
            run(fresh, group, isFirst: true)
            run(running, group, isFirst: false)
        }
    }

    private struct SGDUpdate {
        let parameter: Parameter
        let gradient: Tensor
        let key: ObjectIdentifier
    }

    private func run(_ updates: [SGDUpdate], _ group: ParameterGroup, isFirst: Bool) {
        if updates.isEmpty { return }
        let options = SGDStep(
            lr: group[.lr], momentum: group[.momentum], dampening: group[.dampening],
            weightDecay: group[.weightDecay], nesterov: group[.nesterov] != 0, maximize: group[.maximize] != 0,
            isFirst: isFirst)
        let usesMomentum = group[.momentum] != 0
        let targets = updates.map { update in
            update.parameter.update { value in
                FusedStep.SGDTarget(
                    parameter: value.ownedOperand(), gradient: update.gradient,
                    momentum: usesMomentum ? momenta[update.key]!.ownedOperand() : nil)
            }
        }
        FusedStep.sgd(targets, options, device: updates[0].gradient.device)
    }
}
