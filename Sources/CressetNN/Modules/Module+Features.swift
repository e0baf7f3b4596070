import Cresset

/// A name for which no features could be obtained.
public struct FeatureError: ExplainedError, Sendable, Hashable {
    public let name: String
    /// The names that are available: those whose results were seen.
    public let available: [String]
    /// Whether the model has a module with that name.
    public let exists: Bool

    public var explanation: Explanation {
        let problem = exists ? "it was not called, or returns more than one tensor" : "there is no such module"
        let names = available.prefix(20).joined(separator: ", ") + (available.count > 20 ? ", …" : "")
        return Explanation(
            "no features at \"\(name)\": \(problem)",
            hint: "available names: \(names); custom modules report their result with observed(_:)")
    }
}

extension Layer {
    /// The results of parts of the model, by name, for one input.
    ///
    /// ```swift
    /// let features = try resnet.features(at: ["layer3", "layer4.1"], x)
    /// features["layer3"]!.shape   // [1, 256, 14, 14]
    /// ```
    /// Every layer called while the model runs is seen, and other modules that report their result with
    /// ``Module/observed(_:)``. If one is called several times (as an activation often is) the last result is returned.
    /// Nothing is fused with its neighbours here, so this is slower than a plain call.
    ///
    /// - Parameters:
    ///   - names: The names of layers, such as `layer3`.
    ///   - x: The input.
    /// - Throws: ``FeatureError`` for a name whose result was not seen, listing those that were.
    public func features(at names: [String], _ x: Tensor) throws(FeatureError) -> [String: Tensor] {
        var seen: [ObjectIdentifier: Tensor] = [:]
        let output = withForwardHook {
            seen[ObjectIdentifier($0)] = $1
        } body: {
            self(x)
        }
        seen[ObjectIdentifier(self)] = output
        let modules = namedModules
        var result: [String: Tensor] = [:]
        for name in names {
            guard let module = modules.first(where: { $0.name == name })?.module,
                let value = seen[ObjectIdentifier(module)]
            else {
                let available = modules.filter { !$0.name.isEmpty && seen[ObjectIdentifier($0.module)] != nil }
                throw FeatureError(
                    name: name, available: available.map(\.name), exists: modules.contains { $0.name == name })
            }
            result[name] = value
        }
        return result
    }
}

/// Runs `body`, calling `hook` after every layer called in it, with its result.
///
/// For statistics of activations, or to look at intermediate shapes. An inner hook replaces the outer one in its scope.
public func withForwardHook<R>(
    _ hook: @escaping (_ module: any Module, _ output: Tensor) -> Void, body: () throws -> R
) rethrows -> R {
    try ForwardHook.$current.withValue(ForwardHook(hook)) { try body() }
}

extension Module {
    /// Reports `output` to ``withForwardHook(_:body:)`` as this module's result, and returns it.
    ///
    /// For modules that are not a ``Layer`` because they take more than one tensor. Layers do not need it.
    public func observed(_ output: Tensor) -> Tensor {
        ForwardHook.current?.show(self, output)
        return output
    }
}

/// The closure that is called with results while a scope of ``withForwardHook(_:body:)`` is open.
///
/// It never leaves the task that opened the scope, and so neither does what its closure captures.
final class ForwardHook: @unchecked Sendable {
    @TaskLocal static var current: ForwardHook?

    private let hook: (any Module, Tensor) -> Void
    /// Called before a layer.
    private let entering: (any Layer) -> Void
    /// The last module reported, so that one that reports itself is not reported again by its container.
    private var last: ObjectIdentifier?

    init(
        _ hook: @escaping (any Module, Tensor) -> Void, entering: @escaping (any Layer) -> Void = { _ in }
    ) {
        self.hook = hook
        self.entering = entering
    }

    func show(_ module: any Module, _ output: Tensor) {
        last = ObjectIdentifier(module)
        hook(module, output)
    }

    /// The result of `layer`, reported once.
    func result(of layer: any Layer, _ x: Tensor) -> Tensor {
        last = nil
        entering(layer)
        let output = layer.forward(x)
        if last != ObjectIdentifier(layer) { show(layer, output) }
        return output
    }
}
