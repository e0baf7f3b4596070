import CCUDA
import CressetBackend

/// cuDNN's response to a call that it rejected. Often not an error: not every engine can do everything.
package struct CudnnError: Error, CustomStringConvertible {
    let call: StaticString
    let status: Int32
    let message: String

    package var description: String { "\(call): \(message) (\(status))" }
}

/// A descriptor of cuDNN's graph API, destroyed with its last reference.
package final class CudnnDescriptor: @unchecked Sendable {
    let library: cresset_cudnn
    private(set) var handle: cr_dnn_descriptor?
    /// Descriptors that this one refers to.
    private var references: [CudnnDescriptor] = []

    init(_ library: cresset_cudnn, _ kind: Cudnn.Kind) throws(CudnnError) {
        self.library = library
        try check(library.cudnnBackendCreateDescriptor(kind.rawValue, &handle), "cudnnBackendCreateDescriptor")
    }

    deinit { if let handle { _ = library.cudnnBackendDestroyDescriptor(handle) } }

    func check(_ status: Int32, _ call: StaticString) throws(CudnnError) {
        if status == 0 { return }
        var text = [CChar](repeating: 0, count: 1024)
        library.cudnnGetLastErrorString(&text, 1023)
        let message = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        throw CudnnError(
            call: call, status: status,
            message: message.isEmpty ? String(cString: library.cudnnGetErrorString(status)) : message)
    }

    // MARK: Attributes

    func set(
        _ attribute: Cudnn.Attribute, _ type: Cudnn.ValueType, _ count: Int, _ values: UnsafeRawPointer
    ) throws(CudnnError) {
        try check(
            library.cudnnBackendSetAttribute(handle, attribute.rawValue, type.rawValue, Int64(count), values),
            "cudnnBackendSetAttribute")
    }

    /// Sets a value of one of cuDNN's enumerations.
    func set(_ attribute: Cudnn.Attribute, _ type: Cudnn.ValueType, _ value: Int32) throws(CudnnError) {
        var value = value
        try set(attribute, type, 1, &value)
    }

    func set(_ attribute: Cudnn.Attribute, _ dtype: DType) throws(CudnnError) {
        try set(attribute, .dataType, Cudnn.dataType(dtype))
    }

    func set(_ attribute: Cudnn.Attribute, _ values: [Int64]) throws(CudnnError) {
        try set(attribute, .int64, values.count, values)
    }

    func set(_ attribute: Cudnn.Attribute, _ value: Float) throws(CudnnError) {
        var value = value
        try set(attribute, .float, 1, &value)
    }

    func set(_ attribute: Cudnn.Attribute, _ value: Bool) throws(CudnnError) {
        var value = value
        try set(attribute, .boolean, 1, &value)
    }

    func set(_ attribute: Cudnn.Attribute, _ values: CudnnDescriptor...) throws(CudnnError) {
        try set(attribute, values)
    }

    func set(_ attribute: Cudnn.Attribute, _ values: [CudnnDescriptor]) throws(CudnnError) {
        references += values
        try set(attribute, .descriptor, values.count, values.map(\.handle))
    }

    func get(_ attribute: Cudnn.Attribute) throws(CudnnError) -> Int64 {
        var (value, count): (Int64, Int64) = (0, 0)
        try check(
            library.cudnnBackendGetAttribute(
                handle, attribute.rawValue, Cudnn.ValueType.int64.rawValue, 1, &count, &value),
            "cudnnBackendGetAttribute")
        return value
    }

    /// Fills descriptors created by the caller; returns how many.
    func get(_ attribute: Cudnn.Attribute, into results: [CudnnDescriptor]) throws(CudnnError) -> Int {
        var handles = results.map(\.handle)
        var count: Int64 = 0
        try check(
            library.cudnnBackendGetAttribute(
                handle, attribute.rawValue, Cudnn.ValueType.descriptor.rawValue, Int64(results.count), &count, &handles),
            "cudnnBackendGetAttribute")
        return Int(min(count, Int64(results.count)))
    }

    /// The enumeration values that an attribute holds.
    func numbers(_ attribute: Cudnn.Attribute, _ type: Cudnn.ValueType) throws(CudnnError) -> [Int32] {
        var values = [Int32](repeating: -1, count: 64)
        var count: Int64 = 0
        try check(
            library.cudnnBackendGetAttribute(handle, attribute.rawValue, type.rawValue, 64, &count, &values),
            "cudnnBackendGetAttribute")
        return Array(values.prefix(Int(min(count, 64))))
    }

    func finalize() throws(CudnnError) { try check(library.cudnnBackendFinalize(handle), "cudnnBackendFinalize") }
}
