// cuBLASLt's entry points, strict: whatever a GPU would silently misread is rejected by name.
#include "cublaslt.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "entries.h"
#include "memory.h"
#include "state.h"
#include "streams.h"

using namespace fake;

enum { badValue = 7, notSupported = 15 };

struct Preference {
    uint64_t workspace = 0;
    /// For A, B, C and D; 0 if not given.
    uint32_t alignments[4] = {0, 0, 0, 0};
};

/// What the heuristic's algorithm requires, stored in its opaque words.
struct Algorithm {
    uint64_t mark, workspace;
    uint32_t alignments[4];
    uint64_t shape;
};
static_assert(sizeof(Algorithm) <= sizeof(cr_lt_algorithm), "fits");
static constexpr uint64_t algorithmMark = 0x63726573736574;

static Layout &layoutOf(cr_lt_layout layout) { return *static_cast<Layout *>(layout); }
static Descriptor &descriptorOf(cr_lt_descriptor descriptor) { return *static_cast<Descriptor *>(descriptor); }

size_t cublasLtGetVersion() { return 130000; }

int cublasLtCreate(cr_lt_handle *handle) {
    *handle = new int(currentDevice);
    return 0;
}

int cublasLtDestroy(cr_lt_handle handle) {
    delete static_cast<int *>(handle);
    return 0;
}

// MARK: Descriptions

/// Copies an attribute whose size must be that of its field.
template <class T> static int take(T &field, const void *value, size_t size, const char *name) {
    if (size != sizeof(T)) return refuse(badValue, "cuBLASLt: %s has %zu bytes, %zu were given", name, sizeof(T), size);
    memcpy(&field, value, size);
    return 0;
}

static bool isElement(int type) {
    return type == float32 || type == float64 || type == float16 || type == bfloat16;
}

static int checkLeading(const Layout &layout) {
    uint64_t length = layout.order == 0 ? layout.rows : layout.columns;
    if (layout.leading < static_cast<int64_t>(length))
        return refuse(
            badValue, "cuBLASLt: the leading dimension %lld is below the length %llu of a %s",
            static_cast<long long>(layout.leading), static_cast<unsigned long long>(length),
            layout.order == 0 ? "column" : "row");
    return 0;
}

int cublasLtMatrixLayoutCreate(cr_lt_layout *layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    if (!isElement(type)) return refuse(notSupported, "cuBLASLt: matrices of type %d", type);
    if (!rows || !columns) return refuse(badValue, "cuBLASLt: a matrix without elements");
    *layout = new Layout{type, 0, rows, columns, leading, 1, 0};
    return 0;
}

int cublasLtMatrixLayoutDestroy(cr_lt_layout layout) {
    delete static_cast<Layout *>(layout);
    return 0;
}

int cublasLtMatrixLayoutSetAttribute(cr_lt_layout opaque, int attribute, const void *value, size_t size) {
    Layout &layout = layoutOf(opaque);
    switch (attribute) {
    case 0: return take(layout.type, value, size, "a matrix's type");
    case 1:
        if (int status = take(layout.order, value, size, "a matrix's order")) return status;
        return layout.order == 0 || layout.order == 1 ? 0 : refuse(notSupported, "cuBLASLt: order %d", layout.order);
    case 2: return take(layout.rows, value, size, "a matrix's rows");
    case 3: return take(layout.columns, value, size, "a matrix's columns");
    case 4: return take(layout.leading, value, size, "a matrix's leading dimension");
    case 5: return take(layout.batch, value, size, "a matrix's batch count");
    case 6: return take(layout.stride, value, size, "a matrix's batch stride");
    default: return refuse(badValue, "cuBLASLt: attribute %d of a matrix", attribute);
    }
}

int cublasLtMatmulDescCreate(cr_lt_descriptor *descriptor, int compute, int scale) {
    // 64 is float16, 68 float32, 77 float32 by TF32, 70 float64.
    bool isFit = ((compute == 68 || compute == 77) && scale == float32) || (compute == 70 && scale == float64)
        || (compute == 64 && scale == float16);
    if (!isFit) return refuse(badValue, "cuBLASLt: compute type %d does not go with scale type %d", compute, scale);
    auto made = new Descriptor;
    made->compute = compute;
    made->scale = scale;
    *descriptor = made;
    return 0;
}

int cublasLtMatmulDescDestroy(cr_lt_descriptor descriptor) {
    delete static_cast<Descriptor *>(descriptor);
    return 0;
}

static int checkTransposition(int operation) {
    return operation == 0 || operation == 1 ? 0 : refuse(notSupported, "cuBLASLt: operation %d on a matrix", operation);
}

int cublasLtMatmulDescSetAttribute(cr_lt_descriptor opaque, int attribute, const void *value, size_t size) {
    Descriptor &d = descriptorOf(opaque);
    int status = 0;
    switch (attribute) {
    case 2:
        status = take(d.pointerMode, value, size, "the pointer mode");
        return status || d.pointerMode == 0 ? status : refuse(notSupported, "cuBLASLt: pointer mode %d", d.pointerMode);
    case 3:
        status = take(d.transposeA, value, size, "A's operation");
        return status ? status : checkTransposition(d.transposeA);
    case 4:
        status = take(d.transposeB, value, size, "B's operation");
        return status ? status : checkTransposition(d.transposeB);
    case 7: {
        static const int known[] = {1, 2, 4, 6, 32, 36, 512};
        if ((status = take(d.epilogue, value, size, "the epilogue"))) return status;
        bool isKnown = std::find(std::begin(known), std::end(known), d.epilogue) != std::end(known);
        return isKnown ? 0 : refuse(notSupported, "cuBLASLt: epilogue %d", d.epilogue);
    }
    case 8: return take(d.bias, value, size, "the bias's address");
    case 10: return take(d.biasStride, value, size, "the bias's batch stride");
    case 26: return take(d.biasType, value, size, "the bias's type");
    default: return refuse(badValue, "cuBLASLt: attribute %d of a product", attribute);
    }
}

int cublasLtMatmulPreferenceCreate(cr_lt_preference *preference) {
    *preference = new Preference;
    return 0;
}

int cublasLtMatmulPreferenceDestroy(cr_lt_preference preference) {
    delete static_cast<Preference *>(preference);
    return 0;
}

int cublasLtMatmulPreferenceSetAttribute(cr_lt_preference opaque, int attribute, const void *value, size_t size) {
    Preference &preference = *static_cast<Preference *>(opaque);
    uint32_t ignored;
    switch (attribute) {
    case 0:
    case 3:
    case 12: return take(ignored, value, size, "a preference");
    case 1: return take(preference.workspace, value, size, "the most workspace");
    case 5:
    case 6:
    case 7:
    case 8: return take(preference.alignments[attribute - 5], value, size, "an alignment");
    default: return refuse(badValue, "cuBLASLt: attribute %d of a preference", attribute);
    }
}

// MARK: Checks

static int checkTypes(const Descriptor &d, const Layout &a, const Layout &b, const Layout &c, const Layout &out) {
    if (a.type != b.type) return refuse(notSupported, "cuBLASLt: A has type %d, B %d", a.type, b.type);
    if (c.type != out.type) return refuse(notSupported, "cuBLASLt: C has type %d, D %d", c.type, out.type);
    bool isHalf = a.type == float16 || a.type == bfloat16;
    if (a.type != out.type && !(isHalf && out.type == float32))
        return refuse(notSupported, "cuBLASLt: factors of type %d, a result of type %d", a.type, out.type);
    bool fits = d.compute == 70 ? a.type == float64 : d.compute == 64 ? a.type == float16 : d.compute == 77
            ? a.type == float32
            : a.type != float64;
    return fits ? 0 : refuse(notSupported, "cuBLASLt: compute type %d for factors of type %d", d.compute, a.type);
}

static int checkShapes(const Descriptor &d, const Layout &a, const Layout &b, const Layout &c, const Layout &out) {
    uint64_t m = d.transposeA ? a.columns : a.rows, k = d.transposeA ? a.rows : a.columns;
    uint64_t kB = d.transposeB ? b.columns : b.rows, n = d.transposeB ? b.rows : b.columns;
    if (m != out.rows || n != out.columns || k != kB || c.rows != out.rows || c.columns != out.columns)
        return refuse(
            badValue, "cuBLASLt: (%llu, %llu) times (%llu, %llu) to (%llu, %llu)", (unsigned long long)m,
            (unsigned long long)k, (unsigned long long)kB, (unsigned long long)n, (unsigned long long)out.rows,
            (unsigned long long)out.columns);
    for (const Layout *layout : {&a, &b, &c, &out}) {
        if (int status = checkLeading(*layout)) return status;
        if (layout->batch != out.batch || layout->batch < 1)
            return refuse(badValue, "cuBLASLt: batches of %d and %d", layout->batch, out.batch);
        if (layout->batch > 1 && layout->stride < 0) return refuse(badValue, "cuBLASLt: a negative batch stride");
    }
    if (out.order != c.order || out.leading != c.leading || out.stride != c.stride)
        return refuse(notSupported, "cuBLASLt: C and D are laid out differently");
    // The matrices of a batch may also be interleaved row by row, as attention heads are.
    uint64_t length = out.order == 0 ? out.rows : out.columns;
    bool isApart = out.stride >= out.extent();
    bool isInterleaved = out.stride >= static_cast<int64_t>(length)
        && (out.batch - 1) * out.stride + static_cast<int64_t>(length) <= out.leading;
    if (out.batch > 1 && !isApart && !isInterleaved) return refuse(badValue, "cuBLASLt: results of a batch overlap");
    return 0;
}

static int checkEpilogue(const Descriptor &d, const Layout &out) {
    if (d.epilogue != 1 && out.order != 0) return refuse(notSupported, "cuBLASLt: an epilogue for a row-major result");
    if (d.epilogue == sumB && d.biasStride) return refuse(notSupported, "cuBLASLt: sums of B with a batch stride");
    return 0;
}

static int checkAll(const Descriptor &d, const Layout &a, const Layout &b, const Layout &c, const Layout &out) {
    if (int status = checkTypes(d, a, b, c, out)) return status;
    if (int status = checkShapes(d, a, b, c, out)) return status;
    return checkEpilogue(d, out);
}

static int checkMatrix(const char *name, uint64_t address, const Layout &layout, uint32_t alignment) {
    size_t bytes = bytesOf(layout.type);
    int64_t elements = (layout.batch - 1) * layout.stride + layout.extent();
    if (!allocationOf(address, static_cast<size_t>(elements) * bytes))
        return refuse(
            badValue, "cuBLASLt: %s reaches outside its allocation: %lld elements at %p", name,
            static_cast<long long>(elements), reinterpret_cast<void *>(address));
    uint64_t wanted = std::max<uint64_t>(alignment, bytes);
    if (address % wanted)
        return refuse(
            notSupported, "cuBLASLt: %s is at %p, but the algorithm was chosen for multiples of %llu", name,
            reinterpret_cast<void *>(address), static_cast<unsigned long long>(wanted));
    return 0;
}

/// A number that differs if an algorithm for one product may not be used for the other.
static uint64_t shapeOf(
    const Descriptor &d, const Layout &a, const Layout &b, const Layout &c, const Layout &out) {
    uint64_t hash = 0xcbf29ce484222325;
    auto add = [&](uint64_t word) { hash = (hash ^ word) * 0x100000001b3; };
    for (const Layout *layout : {&a, &b, &c, &out})
        for (uint64_t word : {static_cast<uint64_t>(layout->type), static_cast<uint64_t>(layout->order), layout->rows,
                              layout->columns, static_cast<uint64_t>(layout->leading),
                              static_cast<uint64_t>(layout->batch), static_cast<uint64_t>(layout->stride)})
            add(word);
    for (int word : {d.compute, d.scale, d.transposeA, d.transposeB, d.epilogue}) add(static_cast<uint64_t>(word));
    return hash;
}

// MARK: Products

int cublasLtMatmulAlgoGetHeuristic(
    cr_lt_handle, cr_lt_descriptor descriptor, cr_lt_layout a, cr_lt_layout b, cr_lt_layout c, cr_lt_layout d,
    cr_lt_preference opaque, int wanted, cr_lt_heuristic *results, int *found) {
    *found = 0;
    if (wanted < 1) return badValue;
    const Descriptor &product = descriptorOf(descriptor);
    if (int status = checkAll(product, layoutOf(a), layoutOf(b), layoutOf(c), layoutOf(d))) return status;
    const Preference &preference = *static_cast<Preference *>(opaque);
    // A little workspace is requested whenever some is offered, so that forgetting to pass it is reported.
    Algorithm algorithm = {algorithmMark, std::min<uint64_t>(preference.workspace, 32 << 10), {}, 0};
    std::copy(std::begin(preference.alignments), std::end(preference.alignments), algorithm.alignments);
    algorithm.shape = shapeOf(product, layoutOf(a), layoutOf(b), layoutOf(c), layoutOf(d));
    memset(results, 0, sizeof *results);
    memcpy(&results->algorithm, &algorithm, sizeof algorithm);
    results->workspace_size = algorithm.workspace;
    results->waves_count = 1;
    *found = 1;
    return 0;
}

static int checkAlgorithm(const Algorithm &algorithm, uint64_t shape, uint64_t workspace, size_t bytes) {
    if (algorithm.mark != algorithmMark) return refuse(badValue, "cuBLASLt: the algorithm is not the heuristic's");
    if (algorithm.shape != shape) return refuse(badValue, "cuBLASLt: the algorithm was chosen for another product");
    if (bytes < algorithm.workspace)
        return refuse(
            badValue, "cuBLASLt: the algorithm needs %llu bytes of workspace, %zu are given",
            static_cast<unsigned long long>(algorithm.workspace), bytes);
    if (bytes && !allocationOf(workspace, bytes))
        return refuse(badValue, "cuBLASLt: the workspace is smaller than said");
    return 0;
}

static double scalar(const Descriptor &d, const void *value) {
    float single;
    double wide;
    if (d.scale == float64) return memcpy(&wide, value, 8), wide;
    if (d.scale == float32) return memcpy(&single, value, 4), single;
    _Float16 half;
    memcpy(&half, value, 2);
    return static_cast<double>(half);
}

static int checkBias(Descriptor &d, const Layout &out) {
    if (!(d.epilogue & (addBias | sumB))) return 0;
    if (d.biasType < 0) d.biasType = out.type;
    if (d.biasType != out.type && d.biasType != float32)
        return refuse(notSupported, "cuBLASLt: a bias of type %d for a result of type %d", d.biasType, out.type);
    uint64_t length = d.epilogue == sumB ? out.columns : out.rows;
    uint64_t elements = static_cast<uint64_t>((out.batch - 1) * d.biasStride) + length;
    if (!allocationOf(d.bias, elements * bytesOf(d.biasType)))
        return refuse(badValue, "cuBLASLt: the bias, as long as D has rows, reaches outside its allocation");
    return 0;
}

int cublasLtMatmul(
    cr_lt_handle, cr_lt_descriptor descriptor, const void *alpha, const void *a, cr_lt_layout aLayout, const void *b,
    cr_lt_layout bLayout, const void *beta, const void *c, cr_lt_layout cLayout, void *d, cr_lt_layout dLayout,
    const cr_lt_algorithm *opaque, void *workspace, size_t workspaceBytes, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return badValue;
    auto address = [](const void *pointer) { return reinterpret_cast<uint64_t>(pointer); };
    Product product = {descriptorOf(descriptor), layoutOf(aLayout), layoutOf(bLayout), layoutOf(cLayout),
                       layoutOf(dLayout), address(a), address(b), address(c), address(d), 0, 0};
    if (int status = checkAll(product.descriptor, product.a, product.b, product.c, product.d)) return status;
    product.alpha = scalar(product.descriptor, alpha);
    product.beta = scalar(product.descriptor, beta);
    Algorithm algorithm = {};
    if (opaque) {
        memcpy(&algorithm, opaque, sizeof algorithm);
        uint64_t shape = shapeOf(product.descriptor, product.a, product.b, product.c, product.d);
        if (int status = checkAlgorithm(algorithm, shape, address(workspace), workspaceBytes)) return status;
    }
    const uint32_t *alignments = algorithm.alignments;
    if (int status = checkMatrix("A", product.aAddress, product.a, alignments[0])) return status;
    if (int status = checkMatrix("B", product.bAddress, product.b, alignments[1])) return status;
    if (int status = checkMatrix("D", product.dAddress, product.d, alignments[3])) return status;
    if (product.beta != 0)
        if (int status = checkMatrix("C", product.cAddress, product.c, alignments[2])) return status;
    if (int status = checkBias(product.descriptor, product.d)) return status;
    return enqueue(stream, [=] {
        multiply(product);
        return 0;
    }) ? 14 : 0;
}
