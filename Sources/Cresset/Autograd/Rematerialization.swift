import CressetBackend
import Synchronization

/// How to compute a result again that is large to keep and cheap to make: for rules that need it in the backward pass.
final class Rematerialization: Sendable {
    /// The version of the memory's contents that it makes.
    private let version: DerivedValues
    private let pointer: UInt
    private let make: @Sendable () -> Tensor
    private let made = Mutex<Tensor?>(nil)

    /// The bytes from which on a result is made again rather than kept.
    private static var smallest: Int { 1 << 18 }

    /// Nil if keeping `result` costs little.
    ///
    /// - Parameters:
    ///   - result: What is made.
    ///   - make: Computes the same numbers with the same layout, not recorded.
    init?(of result: Tensor, _ make: @escaping @Sendable () -> Tensor) {
        guard result.elementCount * result.dtype.itemSize >= Self.smallest else { return nil }
        version = result.body.storage.derivedValues
        pointer = UInt(bitPattern: result.body.pointer)
        self.make = make
    }

    /// Whether these are its numbers: they may have been changed in place since.
    func makes(_ x: Tensor) -> Bool {
        x.body.storage.derivedValues === version && UInt(bitPattern: x.body.pointer) == pointer
    }

    /// The numbers, computed on first use.
    func value() -> Tensor {
        made.withLock {
            if let value = $0 { return value }
            let value = make()
            $0 = value
            return value
        }
    }
}

/// A tensor that an operator's rule needs in the backward pass: kept until then, or made again.
struct Saved: Sendable {
    private enum Source {
        case kept(Tensor)
        case made(Rematerialization, Edge)
    }

    private let source: Source
    let shape: Shape

    init(_ x: Tensor) {
        shape = x.shape
        if let edge = x.body.edge, let rematerialization = edge.node.rematerialization, rematerialization.makes(x) {
            source = .made(rematerialization, edge)
        } else {
            source = .kept(x)
        }
    }

    var requiresGradient: Bool {
        switch source {
        case .kept(let x): x.requiresGradient
        case .made: true
        }
    }

    /// The tensor, connected as it was.
    func value() -> Tensor {
        switch source {
        case .kept(let x): return x
        case .made(let rematerialization, let edge):
            let x = rematerialization.value()
            return Tensor(
                body: TensorBody(
                    storage: x.body.storage, pointer: x.body.pointer, shape: x.shape, strides: x.strides,
                    dtype: x.dtype, device: x.device, edge: edge))
        }
    }
}
