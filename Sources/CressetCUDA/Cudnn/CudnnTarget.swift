import CCUDA
import CressetBackend

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
