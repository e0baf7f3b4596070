@_exported import Cresset
import Synchronization

/// A tensor that training changes.
///
/// Its layer holds the only reference to it: a model belongs to one task at a time, while tensors cross tasks freely.
public final class Parameter: @unchecked Sendable, CustomStringConvertible {
    // The value without a leaf, and the leaf that marks it. Both change only through the task that owns the model.
    private var storage: Tensor
    private let leaf: Tensor
    /// Whether gradients are computed for it. A frozen parameter takes no part in a backward pass.
    public var requiresGradient: Bool

    /// What a replica computes with instead of its own value: a copy of the original's, connected to it.
    var standIn: Tensor?

    /// A parameter with the initial value `value`. Traps for integers.
    ///
    /// - Parameters:
    ///   - value: The initial value.
    ///   - requiresGradient: Whether it is trained.
    public init(_ value: Tensor, requiresGradient: Bool = true) {
        storage = value.detached().inParameterOrder
        leaf = Tensor.gradientLeaf()
        self.requiresGradient = requiresGradient
    }

    /// The tensor that the network computes with; replacing it keeps the parameter's identity.
    ///
    /// Traps if the new shape or device differs.
    public var value: Tensor {
        get {
            if let standIn { return standIn }
            return requiresGradient && recordsGradients ? storage.asLeaf(leaf) : storage
        }
        set {
            guard newValue.shape == storage.shape else {
                fatalError("Parameter: a value of shape \(newValue.shape) does not fit the shape \(storage.shape)")
            }
            requireDevice("Parameter", newValue, storage)
            storage = newValue.detached().inParameterOrder
        }
    }

    /// Takes a value, whatever device it is on.
    func replace(_ value: Tensor) { storage = value.detached().inParameterOrder }

    /// Lends the tensor for changing in place, without copying it if nothing else holds it.
    ///
    /// Traps if it comes back with another shape or dtype, or on another device.
    ///
    /// - Parameter change: Changes the value in place.
    public func update<R>(_ change: (inout Tensor) throws -> R) rethrows -> R {
        try storage.changed("Parameter", change)
    }

    /// The lengths of the axes.
    public var shape: Shape { storage.shape }
    /// The number of elements.
    public var elementCount: Int { storage.elementCount }
    /// The type of the elements.
    public var dtype: DType { storage.dtype }
    /// Where the elements are.
    public var device: Device { storage.device }

    public var description: String { "Parameter containing:\n\(requiresGradient ? storage.asLeaf(leaf) : storage)" }

    /// Copies the memory if something else holds it too; returns the address afterwards.
    package func ownMemory() -> Int { storage.ownMemory() }

    var gradientKey: Tensor { leaf }

    /// Calls `hook` with the parameter's gradient in every backward pass, as soon as it is complete; unless nil, its
    /// result replaces the gradient. See `Tensor.onGradient(_:)`.
    @discardableResult
    public func onGradient(_ hook: @escaping @Sendable (_ gradient: Tensor) -> Tensor?) -> GradientHook {
        leaf.onGradient(hook)
    }
}

/// A tensor that belongs to a layer and its state dict but that gradients never change: running statistics, counters.
public final class Buffer: @unchecked Sendable, CustomStringConvertible {
    private var storage: Tensor

    /// Creates one with these options.
    ///
    /// - Parameter value: The initial value.
    public init(_ value: Tensor) { storage = value.detached() }

    /// The tensor. Traps if a new one has another shape or is on another device.
    public var value: Tensor {
        get { storage }
        set {
            guard newValue.shape == storage.shape else {
                fatalError("Buffer: a value of shape \(newValue.shape) does not fit the shape \(storage.shape)")
            }
            requireDevice("Buffer", newValue, storage)
            BufferChanges.current?.note(self)
            storage = newValue.detached()
        }
    }

    /// Takes a value, whatever device it is on.
    func replace(_ value: Tensor) { storage = value.detached() }

    /// Lends the tensor for changing in place. Traps if it comes back with another shape or dtype.
    ///
    /// - Parameter change: Changes the value in place.
    public func update<R>(_ change: (inout Tensor) throws -> R) rethrows -> R {
        BufferChanges.current?.note(self)
        return try storage.changed("Buffer", change)
    }

    /// Copies the memory if something else holds it too; returns the address afterwards.
    package func ownMemory() -> Int { storage.ownMemory() }

    public var shape: Shape { storage.shape }
    public var elementCount: Int { storage.elementCount }
    public var dtype: DType { storage.dtype }
    public var device: Device { storage.device }
    public var description: String { "Buffer containing:\n\(storage)" }
}

/// The buffers that change during a piece of work: if the work is recorded, each replay changes them.
package final class BufferChanges: @unchecked Sendable {
    @TaskLocal fileprivate static var current: BufferChanges?

    private var known: Set<ObjectIdentifier> = []
    /// In the order of their first change.
    package private(set) var buffers: [Buffer] = []

    package init() {}

    /// Notes which buffers `body` changes on this thread.
    package func noting<R>(_ body: () throws -> R) rethrows -> R {
        try BufferChanges.$current.withValue(self) { try body() }
    }

    fileprivate func note(_ buffer: Buffer) {
        if known.insert(ObjectIdentifier(buffer)).inserted { buffers.append(buffer) }
    }
}

private func requireDevice(_ owner: StaticString, _ new: Tensor, _ old: Tensor) {
    if new.device == old.device { return }
    fatalError(
        "\(owner): a value on \(new.device) for one on \(old.device)\n  hint: move the value with to(_:), or the whole "
            + "module")
}

extension Tensor {
    /// Filters are channels-last on a GPU, as its convolutions read them; gradients and optimizers' states follow.
    fileprivate var inParameterOrder: Tensor {
        device != .cpu && rank >= 4 ? withoutGradients { channelsLast() } : self
    }

    /// Lends the tensor for a change that keeps its shape and dtype; its history is dropped.
    fileprivate mutating func changed<R>(
        _ owner: StaticString, _ change: (inout Tensor) throws -> R
    ) rethrows -> R {
        let (shape, dtype, device) = (shape, dtype, device)
        defer {
            guard self.shape == shape, self.dtype == dtype, self.device == device else {
                fatalError(
                    "\(owner): a change from \(dtype) \(shape) on \(device) to \(self.dtype) \(self.shape) on "
                        + "\(self.device)")
            }
            if requiresGradient { self = detached() }
        }
        return try change(&self)
    }
}

extension Gradients {
    /// The gradient with respect to `parameter`.
    public subscript(_ parameter: Parameter) -> Tensor? {
        get { self[parameter.gradientKey] }
        set { self[parameter.gradientKey] = newValue }
    }

    /// The gradient with respect to a table whose rows were looked up; see `Gradients.rows(of:)` for tensors.
    public func rows(of parameter: Parameter) -> SparseRows? { rows(of: parameter.gradientKey) }

    /// Sets the gradient of a table to row-sparse values.
    public mutating func setRows(_ rows: SparseRows, of parameter: Parameter) {
        setRows(rows, of: parameter.gradientKey)
    }
}
