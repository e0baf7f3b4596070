import CCUDA
import CressetBackend

/// Numbers of `cublasLt.h`, `cublas_api.h` and `library_types.h`.
enum CublasLt {
    // cudaDataType
    static func dataType(_ dtype: DType) -> Int32 {
        switch dtype {
        case .float32: 0
        case .float64: 1
        case .float16: 2
        case .bfloat16: 14
        default: fatalError("cuBLASLt has no matrix products for \(dtype)")
        }
    }

    // cublasComputeType_t
    static let compute32F: Int32 = 68
    static let compute64F: Int32 = 70
    static let compute32FFastTF32: Int32 = 77

    // cublasLtMatmulDescAttributes_t
    static let transposesA: Int32 = 3
    static let transposesB: Int32 = 4
    static let epilogue: Int32 = 7
    static let biasPointer: Int32 = 8
    static let biasDataType: Int32 = 26

    // cublasLtEpilogue_t: one element per row of the (column-major) result.
    static let epilogueBias: UInt32 = 4

    // cublasLtMatrixLayoutAttribute_t
    static let batchCount: Int32 = 5
    static let batchStride: Int32 = 6

    // cublasLtMatmulPreferenceAttributes_t
    static let maximumWorkspace: Int32 = 1
    /// For A, B, C and D, in that order.
    static let leastAlignment: Int32 = 5
}

/// cuBLASLt for one device.
final class CublasLtHandle: @unchecked Sendable {
    let library: cresset_cublaslt
    let handle: cr_lt_handle
    /// Kept permanently and shared by all products: they run one after another.
    let workspace: Storage

    init(_ backend: CUDABackend) {
        library = backend.libraries.cublasLt
        backend.activate()
        var handle: cr_lt_handle?
        check(library.cublasLtCreate(&handle), "cublasLtCreate")
        self.handle = handle!
        workspace = backend.allocate(32 << 20, for: .cublasLt, inCapture: false)
    }
}

/// A product as cuBLASLt sees it: D = op(A) op(B), all column-major, so that D's rows are the columns of a row-major
/// result, and A is the right operand.
final class CublasLtProduct: @unchecked Sendable {
    /// A row-major matrix.
    struct Matrix {
        var rows, columns: Int
        /// Elements from one line to the next: rows, or columns if `isTransposed`.
        var leading: Int
        var isTransposed: Bool
        var batchStride: Int
        var alignment: Int
        var dtype: DType
    }

    private let owner: CublasLtHandle
    /// The bias's address is part of the descriptor, so only one call at a time may use it.
    private let descriptor: Locked<cr_lt_descriptor>
    private let layouts: (a: cr_lt_layout, b: cr_lt_layout, d: cr_lt_layout)
    private var heuristic: cr_lt_heuristic
    private let isDouble: Bool
    private let hasBias: Bool

    /// Nil if cuBLASLt has no algorithm for it.
    init?(
        _ owner: CublasLtHandle, left: Matrix, right: Matrix, result: Matrix, batch: Int, hasBias: Bool,
        allowsTF32: Bool
    ) {
        self.owner = owner
        self.hasBias = hasBias
        let library = owner.library
        isDouble = left.dtype == .float64
        let compute =
            isDouble
            ? CublasLt.compute64F
            : left.dtype == .float32 && allowsTF32 ? CublasLt.compute32FFastTF32 : CublasLt.compute32F
        var descriptor: cr_lt_descriptor?
        check(
            library.cublasLtMatmulDescCreate(&descriptor, compute, CublasLt.dataType(isDouble ? .float64 : .float32)),
            "cublasLtMatmulDescCreate")
        self.descriptor = Locked(descriptor!)
        func set<T>(_ attribute: Int32, _ value: T) {
            withUnsafePointer(to: value) {
                check(
                    library.cublasLtMatmulDescSetAttribute(descriptor, attribute, $0, MemoryLayout<T>.size),
                    "cublasLtMatmulDescSetAttribute")
            }
        }
        if right.isTransposed { set(CublasLt.transposesA, Int32(1)) }
        if left.isTransposed { set(CublasLt.transposesB, Int32(1)) }
        if hasBias {
            set(CublasLt.epilogue, CublasLt.epilogueBias)
            set(CublasLt.biasDataType, CublasLt.dataType(result.dtype))
            // Algorithms are chosen for an address with this alignment; each call sets its own.
            set(CublasLt.biasPointer, owner.workspace.pointer)
        }
        layouts = (
            Self.layout(library, right, batch), Self.layout(library, left, batch), Self.layout(library, result, batch)
        )
        heuristic = cr_lt_heuristic()
        if !choose(descriptor!, [right.alignment, left.alignment, result.alignment, result.alignment]) { return nil }
    }

    deinit {
        descriptor.withLock { _ = owner.library.cublasLtMatmulDescDestroy($0) }
        for layout in [layouts.a, layouts.b, layouts.d] { _ = owner.library.cublasLtMatrixLayoutDestroy(layout) }
    }

    private static func layout(_ library: cresset_cublaslt, _ matrix: Matrix, _ batch: Int) -> cr_lt_layout {
        var layout: cr_lt_layout?
        let (rows, columns) = matrix.isTransposed ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
        check(
            library.cublasLtMatrixLayoutCreate(
                &layout, CublasLt.dataType(matrix.dtype), UInt64(rows), UInt64(columns), Int64(matrix.leading)),
            "cublasLtMatrixLayoutCreate")
        if batch > 1 {
            var (count, stride) = (Int32(batch), Int64(matrix.batchStride))
            check(
                library.cublasLtMatrixLayoutSetAttribute(layout, CublasLt.batchCount, &count, 4),
                "cublasLtMatrixLayoutSetAttribute")
            check(
                library.cublasLtMatrixLayoutSetAttribute(layout, CublasLt.batchStride, &stride, 8),
                "cublasLtMatrixLayoutSetAttribute")
        }
        return layout!
    }

    /// Asks for the algorithm that cuBLASLt considers fastest.
    private func choose(_ descriptor: cr_lt_descriptor, _ alignments: [Int]) -> Bool {
        let library = owner.library
        var preference: cr_lt_preference?
        check(library.cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate")
        defer { _ = library.cublasLtMatmulPreferenceDestroy(preference) }
        var bytes = owner.workspace.byteCount
        check(
            library.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.maximumWorkspace, &bytes, 8),
            "cublasLtMatmulPreferenceSetAttribute")
        for (i, alignment) in alignments.enumerated() {
            var alignment = UInt32(alignment)
            check(
                library.cublasLtMatmulPreferenceSetAttribute(
                    preference, CublasLt.leastAlignment + Int32(i), &alignment, 4),
                "cublasLtMatmulPreferenceSetAttribute")
        }
        var found: Int32 = 0
        let status = library.cublasLtMatmulAlgoGetHeuristic(
            owner.handle, descriptor, layouts.a, layouts.b, layouts.d, layouts.d, preference, 1, &heuristic, &found)
        return status == 0 && found > 0 && heuristic.state == 0
    }

    /// `result = left right (+ bias)`.
    @inline(__always)
    func run(
        left: UnsafeMutableRawPointer, right: UnsafeMutableRawPointer, bias: UnsafeMutableRawPointer?,
        into result: UnsafeMutableRawPointer, stream: cr_stream
    ) {
        descriptor.withLock { descriptor in
            let library = owner.library
            if hasBias {
                var address = bias
                check(
                    library.cublasLtMatmulDescSetAttribute(descriptor, CublasLt.biasPointer, &address, 8),
                    "cublasLtMatmulDescSetAttribute")
            }
            var single: (Float, Float) = (1, 0)
            var double: (Double, Double) = (1, 0)
            let status = withUnsafeBytes(of: &single) { single in
                withUnsafeBytes(of: &double) { double in
                    let (one, zero) =
                        isDouble
                        ? (double.baseAddress!, double.baseAddress! + 8)
                        : (single.baseAddress!, single.baseAddress! + 4)
                    return withUnsafePointer(to: &heuristic.algorithm) {
                        library.cublasLtMatmul(
                            owner.handle, descriptor, one, right, layouts.a, left, layouts.b, zero, result, layouts.d,
                            result, layouts.d, $0, owner.workspace.pointer, owner.workspace.byteCount, stream)
                    }
                }
            }
            check(status, "cublasLtMatmul")
        }
    }
}
