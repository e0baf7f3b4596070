import Synchronization

/// Numbers used alongside tensors on a GPU, and short tables of indices and weights: filling one costs as much as the
/// operator that needs it, and a program uses only a few, again and again.
enum DeviceConstants {
    private struct Key: Hashable {
        let value: Scalar
        let dtype: DType
        let device: Device
    }

    private static let capacity = 1024
    private static let known = Mutex<[Key: Tensor]>([:])
    private static let tables = Mutex<[TableKey: Tensor]>([:])

    private enum TableKey: Hashable {
        case integers([Int], Device)
        case fractions([Double], DType, Device)
    }

    /// Longer ones are copied each time.
    private static let longestTable = 1 << 14

    /// `value` as a tensor without axes. It is shared: nothing changes it in place, since it has two owners.
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

    /// `values` as int64 on `device`; on a GPU shared like ``tensor(_:_:_:)``, so that a recorded step, which cannot
    /// copy from the host, finds what earlier steps used.
    static func table(_ values: [Int], on device: Device) -> Tensor {
        table(.integers(values, device), count: values.count, device) { Tensor(values, device: device) }
    }

    /// `values` as `dtype` on `device`, likewise.
    static func table(_ values: [Double], dtype: DType, on device: Device) -> Tensor {
        table(.fractions(values, dtype, device), count: values.count, device) {
            Tensor(values, device: device).to(dtype)
        }
    }

    private static func table(_ key: @autoclosure () -> TableKey, count: Int, _ device: Device, _ make: () -> Tensor)
        -> Tensor
    {
        guard device != .cpu, count <= longestTable else { return make() }
        let key = key()
        if let table = tables.withLock({ $0[key] }) { return table }
        let table = make()
        if device.isCapturing { return table }
        tables.withLock {
            if $0.count >= capacity / 4 { $0.removeAll() }
            $0[key] = table
        }
        return table
    }

    /// All cached constants: recorded work reads some of them at their addresses, and keeps them alive.
    static var all: [Tensor] { known.withLock { Array($0.values) } + tables.withLock { Array($0.values) } }
}
