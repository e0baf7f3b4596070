import Cresset

/// A part of a network: a layer, or a class that contains layers.
///
/// Parts are found by reflection over stored properties that are ``Parameter``, ``Buffer``, `Module`, or arrays and
/// optionals of these. Names are those of PyTorch's state dicts: `runningMean` becomes `running_mean`, the third
/// element of `layers` becomes `layers.2`. Reflection runs when the structure is requested, never in a step.
///
/// ```swift
/// final class Classifier: Layer {
///     let hidden = Linear(784, 128)
///     let output = Linear(128, 10)
///     func forward(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
/// }
/// ```
public protocol Module: AnyObject, CustomStringConvertible {
    /// The name under which modules of this class are printed: the class's own by default.
    static var className: String { get }
    /// The text between the parentheses when the module is printed, as PyTorch writes it: `3, 64, kernel_size=7`.
    var details: String { get }
    /// Whether the module behaves as in training, set for a whole model with ``Module/train(_:)`` and ``Module/eval()``.
    ///
    /// A module for which it matters stores it: `var isTraining = true`. For other modules it is that of the first
    /// module inside that stores it; if there is none it traps, because any answer would be silently wrong.
    var isTraining: Bool { get set }
}

/// A module that maps one tensor to another.
///
/// A layer implements `forward`; callers write `layer(x)`, which lets hooks see the result.
public protocol Layer: Module {
    /// The computation of the layer. Call `layer(x)` instead: hooks see only that.
    ///
    /// - Parameter x: The input.
    func forward(_ x: Tensor) -> Tensor
}

extension Layer {
    /// The layer's result, reported to the hook of ``withForwardHook(_:body:)`` if there is one.
    ///
    /// - Parameter x: The input.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard let hook = ForwardHook.current else { return forward(x) }
        return hook.result(of: self, x)
    }
}

extension Module {
    public static var className: String { String(describing: self) }
    public var details: String { "" }
    public var isTraining: Bool {
        get {
            guard let keeper = namedModules.first(where: { $0.module.keepsMode }) else {
                fatalError(
                    "\(Self.className) does not know whether it is training\n  hint: declare `var isTraining = true` in "
                        + "it; train() and eval() will set it")
            }
            return keeper.module.isTraining
        }
        set {}
    }

    /// Whether ``isTraining`` is a stored property.
    var keepsMode: Bool {
        mirrors.contains { $0.children.contains { $0.label == "isTraining" } }
    }

    /// The stored properties class by class, those of the superclasses first.
    var mirrors: [Mirror] {
        sequence(first: Mirror(reflecting: self), next: \.superclassMirror).reversed()
    }
}

extension Module {
    /// Puts the whole tree into training mode, or out of it.
    ///
    /// - Parameter isTraining: Whether it is for training, or else for inference.
    @discardableResult
    public func train(_ isTraining: Bool = true) -> Self {
        for (_, module) in namedModules { module.isTraining = isTraining }
        return self
    }

    /// Puts the whole tree into evaluation mode: running statistics are used, nothing is dropped.
    @discardableResult
    public func eval() -> Self { train(false) }

    /// Calls `body` with every module of the tree, this one first.
    public func apply(_ body: (any Module) throws -> Void) rethrows {
        for (_, module) in namedModules { try body(module) }
    }
}
