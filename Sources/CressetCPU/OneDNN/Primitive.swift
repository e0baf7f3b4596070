import COneDNN
import CKernels
import CressetBackend
import Synchronization

/// One compiled oneDNN computation, with the memory objects through which it receives its arguments.
///
/// May be run from several threads at a time: each run uses its own set of memory objects, and scratch memory from our
/// allocator.
final class Primitive: @unchecked Sendable {
    private let handle: dnnl_primitive_t
    private let arguments: [(index: Int32, descriptor: MemoryDescriptor)]
    private let scratchpad: MemoryDescriptor
    private let scratchByteCount: Int
    private let idle = Mutex<[Bindings]>([])

    /// Compiles what `descriptor` describes, and takes ownership of it.
    ///
    /// `arguments` are oneDNN's argument indices, in the order in which ``run(_:)`` takes pointers.
    init(descriptor: dnnl_primitive_desc_t, arguments: [(index: Int32, descriptor: MemoryDescriptor)]) {
        var handle: dnnl_primitive_t?
        OneDNN.check(dnnl_primitive_create(&handle, descriptor), "primitive")
        self.handle = handle!
        self.arguments = arguments
        scratchpad = MemoryDescriptor(
            copying: dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0))
        scratchByteCount = scratchpad.byteCount
        dnnl_primitive_desc_destroy(descriptor)
    }

    /// A conversion between two layouts or types of one tensor.
    convenience init(reordering source: MemoryDescriptor, to result: MemoryDescriptor) {
        var descriptor: dnnl_primitive_desc_t?
        let attributes = PrimitiveAttributes()
        OneDNN.check(
            dnnl_reorder_primitive_desc_create(
                &descriptor, source.handle, OneDNN.engine, result.handle, OneDNN.engine, attributes.handle),
            "reorder")
        self.init(descriptor: descriptor!, arguments: [(DNNL_ARG_FROM, source), (DNNL_ARG_TO, result)])
    }

    deinit {
        idle.withLock { for bindings in $0 { bindings.destroy() } }
        dnnl_primitive_destroy(handle)
    }

    /// Computes, with the arguments' memory in the order given to the initialiser.
    func run<let count: Int>(_ pointers: InlineArray<count, UnsafeMutableRawPointer>) {
        assert(count == arguments.count)
        let bindings = idle.withLock { $0.popLast() } ?? makeBindings()
        for i in 0..<count { dnnl_memory_set_data_handle(bindings.base[i].memory, pointers[i]) }
        if scratchByteCount > 0 {
            CPUBackend.withTemporary(byteCount: scratchByteCount) {
                dnnl_memory_set_data_handle(bindings.base[count].memory, $0)
                execute(bindings)
            }
        } else {
            execute(bindings)
        }
        idle.withLock { $0.append(bindings) }
    }

    private func execute(_ bindings: Bindings) {
        OneDNN.check(
            dnnl_primitive_execute(handle, OneDNN.stream, Int32(bindings.count), bindings.base), "execution")
    }

    private func makeBindings() -> Bindings {
        let all = arguments + [(DNNL_ARG_SCRATCHPAD, scratchpad)]
        let bindings = Bindings(count: all.count)
        for (i, argument) in all.enumerated() {
            var memory: dnnl_memory_t?
            // A null handle (DNNL_MEMORY_NONE): each run sets its own.
            OneDNN.check(
                dnnl_memory_create(&memory, argument.descriptor.handle, OneDNN.engine, nil), "memory object")
            bindings.base[i] = dnnl_exec_arg_t(arg: argument.index, memory: memory)
        }
        return bindings
    }

    /// The memory objects of one run.
    private struct Bindings: @unchecked Sendable {
        let base: UnsafeMutablePointer<dnnl_exec_arg_t>
        let count: Int

        init(count: Int) {
            base = .allocate(capacity: count)
            self.count = count
        }

        func destroy() {
            for i in 0..<count { dnnl_memory_destroy(base[i].memory) }
            base.deallocate()
        }
    }
}

/// The ways in which a primitive departs from its definition: what is added to its result, where its scratch memory
/// comes from.
final class PrimitiveAttributes {
    let handle: dnnl_primitive_attr_t
    private var postOperations: dnnl_post_ops_t?

    init() {
        var handle: dnnl_primitive_attr_t?
        OneDNN.check(dnnl_primitive_attr_create(&handle), "attributes")
        self.handle = handle!
        // Scratch memory from the library would stay with every primitive; ours is shared by all.
        OneDNN.check(
            dnnl_primitive_attr_set_scratchpad_mode(self.handle, dnnl_scratchpad_mode_user), "attributes")
    }

    deinit {
        if let postOperations { dnnl_post_ops_destroy(postOperations) }
        dnnl_primitive_attr_destroy(handle)
    }

    /// Multiplies an argument by numbers that are given at each run: one, or one for each index of the axes in `mask`.
    func setScales(of argument: Int32, mask: Int32) {
        OneDNN.check(dnnl_primitive_attr_set_scales_mask(handle, argument, mask), "attributes")
    }

    /// Adds the previous contents of the result's memory, which are integers in steps of `scale`.
    func appendSum(scale: Float, dtype: DType) {
        append { dnnl_post_ops_append_sum($0, scale, 0, dtype.oneDNN!) }
    }

    /// Adds the previous contents of the result's memory.
    func appendSum() {
        append { dnnl_post_ops_append_sum($0, 1, 0, dnnl_data_type_undef) }
    }

    /// Adds another tensor.
    func appendAddition(of addend: MemoryDescriptor) {
        append { dnnl_post_ops_append_binary($0, dnnl_binary_add, addend.handle) }
    }

    func append(_ epilogue: Epilogue) {
        guard let activation = OneDNNActivation(epilogue) else { return }
        append { dnnl_post_ops_append_eltwise($0, activation.algorithm, activation.alpha, activation.beta) }
    }

    private func append(_ body: (dnnl_post_ops_t?) -> dnnl_status_t) {
        if postOperations == nil { OneDNN.check(dnnl_post_ops_create(&postOperations), "post-operations") }
        OneDNN.check(body(postOperations), "post-operations")
        OneDNN.check(dnnl_primitive_attr_set_post_ops(handle, postOperations), "post-operations")
    }
}
