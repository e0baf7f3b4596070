import Synchronization
import CressetCPU

/// Numbers used alongside tensors, and on a GPU short tables of indices and weights: filling one costs as much as the
/// operator that needs it, and a program uses only a few, again and again.
enum DeviceConstants {
    private struct Key: Hashable {
        /// Equal for the same digits only: zeros of both signs differ, and NaN is found again.
        let bits: UInt64
        let isInteger: Bool
        let dtype: DType
        let device: Device

        init(_ value: Scalar, _ dtype: DType, _ device: Device) {
            (bits, isInteger) =
                switch value {
                case .float(let value): (value.bitPattern, false)
                case .integer(let value): (UInt64(bitPattern: value), true)
                case .boolean(let value): (value ? 1 : 0, true)
                }
            self.dtype = dtype
            self.device = device
        }
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
        let key = Key(value, dtype, device)
        if let tensor = known.withLock({ $0[key] }) { return tensor }
        let tensor = made(value, dtype, device)
        // What is filled while a graph is recorded has no contents before the graph runs.
        if device.isCapturing { return tensor }
        known.withLock {
            if $0.count >= capacity { $0.removeAll() }
            $0[key] = tensor
        }
        return tensor
    }

    private static func made(_ value: Scalar, _ dtype: DType, _ device: Device) -> Tensor {
        if device != .cpu { return .filled([], value, dtype: dtype, device: device) }
        // Not from the pool, whose statistics tell what a program's tensors use.
        let byteCount = 64
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        let storage = Storage(pointer: memory, byteCount: byteCount) { memory, _ in memory.deallocate() }
        let tensor = Tensor(
            body: TensorBody(
                storage: storage, pointer: memory, shape: [], strides: [], dtype: dtype, device: device))
        // Not as a part of what may be recorded now: it is the same for ever.
        CPUBackend.shared.fill(tensor.operand, with: value)
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
