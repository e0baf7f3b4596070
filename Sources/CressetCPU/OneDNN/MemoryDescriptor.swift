import COneDNN
import CressetBackend

/// oneDNN's description of a tensor: lengths, type, and a layout that may be left to it.
final class MemoryDescriptor: @unchecked Sendable {
    let handle: dnnl_memory_desc_t

    /// Takes ownership of the handle.
    init(owning handle: dnnl_memory_desc_t) { self.handle = handle }

    /// A copy of a descriptor that a primitive owns.
    init(copying handle: const_dnnl_memory_desc_t) {
        var copy: dnnl_memory_desc_t?
        OneDNN.check(dnnl_memory_desc_clone(&copy, handle), "memory descriptor")
        self.handle = copy!
    }

    /// A tensor whose strides are known.
    ///
    /// oneDNN recognises layouts by all strides, including those of axes of length 1: they should be those of a dense
    /// tensor with that layout.
    convenience init(lengths: [Int], strides: [Int], dtype: DType) {
        var handle: dnnl_memory_desc_t?
        OneDNN.check(
            dnnl_memory_desc_create_with_strides(
                &handle, Int32(lengths.count), lengths.map(Int64.init), dtype.oneDNN!, strides.map(Int64.init)),
            "memory descriptor")
        self.init(owning: handle!)
    }

    /// A tensor whose layout the primitive chooses.
    convenience init(anyLayout lengths: [Int], dtype: DType) {
        var handle: dnnl_memory_desc_t?
        OneDNN.check(
            dnnl_memory_desc_create_with_tag(
                &handle, Int32(lengths.count), lengths.map(Int64.init), dtype.oneDNN!, dnnl_format_tag_any),
            "memory descriptor")
        self.init(owning: handle!)
    }

    deinit { dnnl_memory_desc_destroy(handle) }

    var byteCount: Int { dnnl_memory_desc_get_size(handle) }

    static func == (a: MemoryDescriptor, b: MemoryDescriptor) -> Bool {
        dnnl_memory_desc_equal(a.handle, b.handle) != 0
    }
}
