import COneDNN
import CressetBackend

/// The library: its version, its single engine, and error handling.
enum OneDNN {
    static let version: (major: Int, minor: Int) = {
        guard cresset_onednn_problem() == nil, let version = dnnl_version() else { return (0, 0) }
        return (Int(version.pointee.major), Int(version.pointee.minor))
    }()

    /// The CPU. Created on first use, after the version is checked: an older library has different structures under the
    /// same names.
    nonisolated(unsafe) static let engine: dnnl_engine_t = {
        do throws(CPULibraryError) { try CPUBackend.checkLibraries() } catch { fatalError(error.description) }
        var engine: dnnl_engine_t?
        check(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine")
        return engine!
    }()

    /// On a CPU a stream stores nothing about the calls made through it, so all threads share one.
    nonisolated(unsafe) static let stream: dnnl_stream_t = {
        var stream: dnnl_stream_t?
        check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "stream")
        return stream!
    }()

    /// Whether oneDNN supports bfloat16 on this processor: it requires AVX-512 (or an ARM that has the type).
    static let supportsBFloat16: Bool = {
        var descriptor: dnnl_primitive_desc_t?
        let matrix = MemoryDescriptor(lengths: [16, 16], strides: [16, 1], dtype: .bfloat16)
        let status = dnnl_matmul_primitive_desc_create(
            &descriptor, engine, matrix.handle, matrix.handle, nil, matrix.handle, nil)
        if let descriptor { dnnl_primitive_desc_destroy(descriptor) }
        return status == dnnl_success
    }()

    /// Whether the processor has instructions for bfloat16 products (`avx512_bf16`, AMX). Without them they take longer than
    /// float32 ones.
    static let hasBFloat16Instructions: Bool = {
        guard cresset_onednn_problem() == nil else { return false }
        let level = dnnl_cpu_isa_avx512_core_bf16.rawValue
        return dnnl_get_effective_cpu_isa().rawValue & level == level
    }()

    /// Whether the processor has instructions for products of integers of 8 bits (VNNI). Without them sums of two products
    /// are held to 16 bits.
    static let hasInt8Instructions: Bool = {
        guard cresset_onednn_problem() == nil else { return false }
        let found = dnnl_get_effective_cpu_isa().rawValue
        return [dnnl_cpu_isa_avx512_core_vnni, dnnl_cpu_isa_avx2_vnni].contains {
            found & $0.rawValue == $0.rawValue
        }
    }()

    /// The name of the implementation that was picked.
    static func implementation(of descriptor: dnnl_primitive_desc_t) -> String {
        var name: UnsafePointer<CChar>?
        check(dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name), "query")
        return name.map { String(cString: $0) } ?? ""
    }

    /// Traps unless `status` is success.
    @inline(__always)
    static func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) {
        if status != dnnl_success { fail(status, operation()) }
    }

    static func fail(_ status: dnnl_status_t, _ operation: String) -> Never {
        if status == dnnl_out_of_memory {
            OutOfMemory.end(
                "\(operation): oneDNN has not enough memory", hint: "a smaller batch or smaller pictures need less")
        }
        let reason =
            switch status {
            case dnnl_invalid_arguments: "invalid arguments"
            case dnnl_unimplemented: "not implemented for these types and layouts"
            case dnnl_runtime_error: "runtime error"
            default: "status \(status.rawValue)"
            }
        fatalError("\(operation): oneDNN failed: \(reason)")
    }
}

extension DType {
    /// oneDNN's name of the type; nil if it has none.
    var oneDNN: dnnl_data_type_t? {
        switch self {
        case .float32: dnnl_f32
        case .float64: dnnl_f64
        case .bfloat16: dnnl_bf16
        case .float16: dnnl_f16
        case .int32: dnnl_s32
        case .int8: dnnl_s8
        case .uint8: dnnl_u8
        case .int64, .int16, .bool: nil
        }
    }
}
