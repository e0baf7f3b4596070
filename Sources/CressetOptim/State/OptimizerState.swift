import Cresset

/// Everything an optimizer's next step depends on besides the parameters: options, counts and per-parameter state.
///
/// ```swift
/// try optimizer.save(to: "optimizer.safetensors")
/// try optimizer.load(contentsOf: "optimizer.safetensors")
/// try optimizer.load(contentsOf: "checkpoint.pth")  // torch.save({"optimizer": optimizer.state_dict(), …})
/// ```
///
/// Resuming from a saved state gives the same bits as an uninterrupted run.
public struct OptimizerState: Sendable {
    /// PyTorch's name for the optimizer; nil if the file does not say.
    public var optimizer: String?
    public var groups: [Group]

    /// The options of a group by name, and the state of each of its parameters.
    public struct Group: Sendable {
        public var options: [String: Double]
        /// See ``ParameterGroup/carried``.
        public var carried: [String: Double] = [:]
        /// The parameters' names, or their numbers.
        public var names: [String]
        /// One for each parameter; nil if no step has been made.
        public var parameters: [Entry?]

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - options: The options by name.
        ///   - names: The parameters' names.
        ///   - parameters: The state of each parameter; nil before its first step.
        public init(options: [String: Double], names: [String], parameters: [Entry?]) {
            self.options = options
            self.names = names
            self.parameters = parameters
        }

        init(_ group: ParameterGroup, parameters: [Entry?]) {
            options = Dictionary(group.options.map { ($0.key.name, $0.value) }) { $1 }
            carried = group.carried
            names = group.names
            self.parameters = parameters
        }
    }

    /// The state of one parameter.
    public struct Entry: Sendable {
        /// The steps made.
        public var count: Int
        public var numbers: [String: Double]
        /// By PyTorch's names, such as `exp_avg`.
        public var tensors: [String: Tensor]

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - count: The number of steps so far.
        ///   - numbers: Individual numbers by name.
        ///   - tensors: Moments by name.
        public init(count: Int, numbers: [String: Double] = [:], tensors: [String: Tensor] = [:]) {
            self.count = count
            self.numbers = numbers
            self.tensors = tensors
        }
    }

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - optimizer: The name of the rule; nil if unknown.
    ///   - groups: The groups, in order.
    public init(optimizer: String?, groups: [Group]) {
        self.optimizer = optimizer
        self.groups = groups
    }
}

extension OptimizerState {
    /// The groups of `optimizer` with the saved options.
    ///
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` if the state belongs to another optimizer or model.
    func fitted(to optimizer: any Optimizer) throws(OptimizerError) -> [ParameterGroup] {
        if let name = self.optimizer, name != optimizer.name {
            throw .stateMismatch("it belongs to \(name), not \(optimizer.name)")
        }
        var result = optimizer.groups
        guard groups.count == result.count else {
            throw .stateMismatch("it has \(groups.count) groups, not \(result.count)")
        }
        for i in result.indices {
            let saved = groups[i]
            guard saved.parameters.count == result[i].parameters.count else {
                throw .stateMismatch(
                    "group \(i) has \(saved.parameters.count) parameters, not \(result[i].parameters.count)")
            }
            try saved.checkNames(result[i], i)
            result[i].carried = saved.carried
            for (name, value) in saved.options.sorted(by: { $0.key < $1.key }) {
                guard result[i].options[.init(name)] != nil else {
                    throw .stateMismatch("group \(i) has the option \(name), which \(optimizer.name) does not have")
                }
                result[i].options[.init(name)] = value
            }
            try optimizer.check(result[i])
        }
        return result
    }
}

extension OptimizerState.Group {
    /// Names are compared if both sides have them: numbers say nothing.
    fileprivate func checkNames(_ group: ParameterGroup, _ index: Int) throws(OptimizerError) {
        for (saved, own) in zip(names, group.names) where saved != own && Int(saved) == nil && Int(own) == nil {
            throw .stateMismatch("group \(index) has parameter \(saved) instead of \(own)")
        }
    }
}
