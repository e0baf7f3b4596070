import Cresset

extension GradientOptimizer {
    /// What to do if a gradient contains NaN or infinity.
    public enum NonFinitePolicy: Sendable {
        /// Leave the parameters as they are, and continue.
        case skip
        /// Throw an error that names the parameter.
        case stop
    }

    /// Updates every parameter, unless a gradient contains NaN or infinity.
    ///
    /// - Parameters:
    ///   - gradients: The gradients of the parameters.
    ///   - policy: What to do if a gradient is not finite.
    /// - Returns: Whether the step was made.
    /// - Throws: ``OptimizerError/gradientNotFinite(parameter:)`` if `policy` is ``NonFinitePolicy/stop``; nothing has
    ///   changed then.
    @discardableResult
    public func step(_ gradients: Gradients, ifNotFinite policy: NonFinitePolicy) throws(OptimizerError) -> Bool {
        for group in groups {
            guard let name = gradients.firstNotFinite(of: group) else { continue }
            if policy == .stop { throw .gradientNotFinite(parameter: name) }
            return false
        }
        step(gradients)
        return true
    }

    /// Updates every parameter by the gradients of `loss`, unless it or a gradient is NaN or infinite.
    ///
    /// - Returns: Whether the step was made.
    /// - Throws: ``OptimizerError/lossNotFinite(_:)`` or ``OptimizerError/gradientNotFinite(parameter:)`` if `policy`
    ///   is ``NonFinitePolicy/stop``; nothing has changed then.
    @discardableResult
    public func step(minimizing loss: Tensor, ifNotFinite policy: NonFinitePolicy) throws(OptimizerError) -> Bool {
        let value = loss.detached().item()
        if value.isFinite { return try step(loss.gradients(), ifNotFinite: policy) }
        if policy == .stop { throw .lossNotFinite(value) }
        return false
    }
}

extension Gradients {
    /// The name of the first parameter of `group` whose gradient contains NaN or infinity.
    func firstNotFinite(of group: ParameterGroup) -> String? {
        var names: [String] = []
        var largest: [Tensor] = []
        for (parameter, name) in zip(group.parameters, group.names) where parameter.requiresGradient {
            guard let gradient = self[parameter], gradient.elementCount > 0 else { continue }
            names.append(name)
            largest.append(withoutGradients { gradient.detached().abs().amax() })
        }
        return zip(names, Tensor.items(largest)).first { !$1.isFinite }?.0
    }
}
