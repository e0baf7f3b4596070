import CCUDA
import CressetBackend

/// cuDNN's response to a call that it rejected. Often not an error: not every engine can do everything.
package struct CudnnError: Error, CustomStringConvertible {
    let call: StaticString
    let status: Int32
    let message: String

    package var description: String { "\(call): \(message) (\(status))" }
}

/// Numbers of `cudnn_graph.h`.
enum Cudnn {
    /// cudnnBackendDescriptorType_t.
    enum Kind: Int32 {
        case pointwise = 0
        case convolution = 1
        case engine = 2
        case engineConfiguration = 3
        case engineHeuristic = 4
        case executionPlan = 5
        case convolutionForward = 10
        case convolutionBackwardFilter = 11
        case convolutionBackwardData = 12
        case pointwiseOperation = 13
        case operationGraph = 15
        case variantPack = 16
        case tensor = 17
        case deviceProperties = 38
    }

    /// cudnnBackendAttributeType_t.
    enum ValueType: Int32 {
        case handle = 0
        case dataType = 1
        case boolean = 2
        case int64 = 3
        case float = 4
        case pointer = 6
        case convolutionMode = 7
        case heuristicMode = 8
        case nanPropagation = 10
        case numericalNote = 11
        case pointwiseMode = 14
        case descriptor = 15
        case character = 24
    }

    /// cudnnBackendAttributeName_t.
    enum Attribute: Int32 {
        case pointwiseMode = 0
        case pointwisePrecision = 1
        case pointwiseNaNPropagation = 2
        case convolutionComputeType = 100
        case convolutionMode = 101
        case convolutionDilations = 102
        case convolutionStrides = 103
        case convolutionPaddingAfter = 104
        case convolutionPaddingBefore = 105
        case convolutionAxes = 106
        case heuristicMode = 200
        case heuristicGraph = 201
        case heuristicResults = 202
        case heuristicDeviceProperties = 204
        case configurationEngine = 300
        case planHandle = 400
        case planConfiguration = 401
        case planWorkspaceSize = 402
        case planDeviceProperties = 407
        case forwardAlpha = 700
        case forwardBeta = 701
        case forwardConvolution = 702
        case forwardWeight = 703
        case forwardX = 704
        case forwardY = 705
        case backwardDataAlpha = 706
        case backwardDataBeta = 707
        case backwardDataConvolution = 708
        case backwardDataWeight = 709
        case backwardDataDX = 710
        case backwardDataDY = 711
        case backwardFilterAlpha = 712
        case backwardFilterBeta = 713
        case backwardFilterConvolution = 714
        case backwardFilterDW = 715
        case backwardFilterX = 716
        case backwardFilterDY = 717
        case pointwiseOperator = 750
        case pointwiseX = 751
        case pointwiseB = 752
        case pointwiseY = 753
        case graphHandle = 800
        case graphOperations = 801
        case tensorAlignment = 900
        case tensorDataType = 901
        case tensorLengths = 902
        case tensorStrides = 903
        case tensorIdentifier = 906
        case tensorIsVirtual = 907
        case variantIdentifiers = 1000
        case variantPointers = 1001
        case variantWorkspace = 1003
        case engineNumericalNotes = 1303
        case devicePropertiesJSON = 2702
    }

    /// cudnnDataType_t.
    static func dataType(_ dtype: DType) -> Int32 {
        switch dtype {
        case .float32: 0
        case .float64: 1
        case .float16: 2
        case .bfloat16: 9
        default: fatalError("cuDNN has no convolutions for \(dtype)")
        }
    }

    /// CUDNN_CROSS_CORRELATION, of cudnnConvolutionMode_t.
    static let crossCorrelation: Int32 = 1
    /// CUDNN_PROPAGATE_NAN, of cudnnNanPropagation_t.
    static let propagateNaN: Int32 = 1

    /// cudnnPointwiseMode_t.
    enum PointwiseMode: Int32 {
        case add = 0
        case relu = 100
    }

    /// cudnnBackendHeurMode_t.
    enum HeuristicMode: Int32 {
        case fallback = 2
        case a = 3
    }

    /// cudnnBackendNumericalNote_t.
    enum NumericalNote: Int32 {
        case tensorCore = 0
        case downConvertsInputs = 1
        case reducedPrecisionSums = 2
        case nondeterministic = 4
    }
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

/// The target of plans: a device given by its handle, or the description of one that is not present.
package final class CudnnTarget: @unchecked Sendable {
    let library: cresset_cudnn
    let handle: cr_dnn_handle?
    let description: CudnnDescriptor?

    /// The device whose context is current; its work goes into `stream`.
    init(_ library: cresset_cudnn, stream: cr_stream) {
        self.library = library
        description = nil
        var handle: cr_dnn_handle?
        func hold(_ status: Int32, _ call: String) {
            mustHold(status == 0, "\(call): \(String(cString: library.cudnnGetErrorString(status))) (\(status))")
        }
        hold(library.cudnnCreate(&handle), "cudnnCreate")
        hold(library.cudnnSetStream(handle, stream), "cudnnSetStream")
        self.handle = handle
    }

    /// A device described by cuDNN's JSON (from 9.8 on).
    package init(describedBy json: String) throws {
        let (library, _) = try CUDALibraries.openCudnn(major: 13)
        self.library = library
        handle = nil
        let properties = try CudnnDescriptor(library, .deviceProperties)
        let bytes = Array(json.utf8) + [0]
        try properties.set(.devicePropertiesJSON, .character, bytes.count, bytes)
        try properties.finalize()
        description = properties
    }
}
