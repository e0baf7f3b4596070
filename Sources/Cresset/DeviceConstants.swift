import Synchronization

/// Numbers that stand beside tensors on a GPU: filling one costs as much as the operator that it is for, and a program uses
/// few, again and again.
enum DeviceConstants {
    private struct Key: Hashable {
        let value: Scalar
        let dtype: DType
        let device: Device
    }

    private static let capacity = 1024
    private static let known = Mutex<[Key: Tensor]>([:])

    /// `value` as a tensor without axes. It is shared: nobody changes it in place, since two hold it.
    static func tensor(_ value: Scalar, _ dtype: DType, _ device: Device) -> Tensor {
        let key = Key(value: value, dtype: dtype, device: device)
        if let tensor = known.withLock({ $0[key] }) { return tensor }
        let tensor = Tensor.filled([], value, dtype: dtype, device: device)
        // What is filled while a graph is recorded has no contents before the graph runs.
        if device.isCapturing { return tensor }
        known.withLock {
            if $0.count >= capacity { $0.removeAll() }
            $0[key] = tensor
        }
        return tensor
    }

    /// All that are known: recorded work reads some of them at their addresses, and keeps them.
    static var all: [Tensor] { known.withLock { Array($0.values) } }
}
