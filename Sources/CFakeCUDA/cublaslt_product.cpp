#include <cmath>
#include <cstring>
#include <vector>

#include "cublaslt.h"

namespace fake {

// MARK: Elements

static float fromBits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static uint32_t toBits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

static float widenHalf(uint16_t half) {
    float magnitude = fromBits(static_cast<uint32_t>(half & 0x7fff) << 13) * 0x1p112f;
    uint32_t bits = toBits(magnitude);
    if (magnitude >= 65536) bits |= 0x7f800000;
    return fromBits(bits | static_cast<uint32_t>(half & 0x8000) << 16);
}

static uint16_t narrowHalf(float value) {
    uint32_t bits = toBits(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff, result;
    if (magnitude > 0x7f800000) return 0x7fff;
    if (magnitude >= 0x477ff000)
        result = 0x7c00;
    else if (magnitude < 0x38800000)
        result = toBits(fromBits(magnitude) + 0.5f) - 0x3f000000;
    else
        result = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    return static_cast<uint16_t>(result | sign);
}

static uint16_t narrowBrain(float value) {
    uint32_t bits = toBits(value);
    if (value != value) return static_cast<uint16_t>(bits >> 16 | 0x40);
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static double read(uint64_t address, int type, int64_t index) {
    const char *at = reinterpret_cast<const char *>(address) + index * static_cast<int64_t>(bytesOf(type));
    uint16_t half;
    float single;
    double value;
    switch (type) {
    case float64: memcpy(&value, at, 8); return value;
    case float32: memcpy(&single, at, 4); return single;
    case float16: memcpy(&half, at, 2); return widenHalf(half);
    default: memcpy(&half, at, 2); return fromBits(static_cast<uint32_t>(half) << 16);
    }
}

static void write(uint64_t address, int type, int64_t index, double value) {
    char *at = reinterpret_cast<char *>(address) + index * static_cast<int64_t>(bytesOf(type));
    float single = static_cast<float>(value);
    uint16_t half = type == float16 ? narrowHalf(single) : narrowBrain(single);
    switch (type) {
    case float64: memcpy(at, &value, 8); break;
    case float32: memcpy(at, &single, 4); break;
    default: memcpy(at, &half, 2);
    }
}

// MARK: Products

/// A matrix with `lines` of `length` elements that are summed over, one line after another.
static std::vector<double> pack(
    uint64_t address, const Layout &layout, int64_t batch, bool linesAreRows, int64_t lines, int64_t length) {
    std::vector<double> packed(static_cast<size_t>(lines * length));
    for (int64_t line = 0; line < lines; line++)
        for (int64_t i = 0; i < length; i++)
            packed[static_cast<size_t>(line * length + i)] = read(
                address, layout.type,
                batch * layout.stride + (linesAreRows ? layout.place(line, i) : layout.place(i, line)));
    return packed;
}

static double dot(const double *x, const double *y, int64_t count) {
    double sums[4] = {0, 0, 0, 0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int lane = 0; lane < 4; lane++) sums[lane] += x[i + lane] * y[i + lane];
    for (; i < count; i++) sums[0] += x[i] * y[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static double finish(const Product &p, double value, int64_t row, int64_t batch) {
    int epilogue = p.descriptor.epilogue;
    if (epilogue & addBias)
        value += read(p.descriptor.bias, p.descriptor.biasType, batch * p.descriptor.biasStride + row);
    if (epilogue & rectify) value = value < 0 ? 0 : value;
    if (epilogue & gelu)
        value = 0.5 * value * (1 + std::tanh(0.79788456080286535588 * (value + 0.044715 * value * value * value)));
    return value;
}

void multiply(const Product &p) {
    auto m = static_cast<int64_t>(p.d.rows), n = static_cast<int64_t>(p.d.columns);
    auto k = static_cast<int64_t>(p.descriptor.transposeA ? p.a.rows : p.a.columns);
    for (int64_t batch = 0; batch < p.d.batch; batch++) {
        std::vector<double> a = pack(p.aAddress, p.a, batch, !p.descriptor.transposeA, m, k);
        std::vector<double> b = pack(p.bAddress, p.b, batch, p.descriptor.transposeB, n, k);
        for (int64_t column = 0; column < n; column++)
            for (int64_t row = 0; row < m; row++) {
                double value = p.alpha * dot(&a[static_cast<size_t>(row * k)], &b[static_cast<size_t>(column * k)], k);
                if (p.beta != 0)
                    value += p.beta * read(p.cAddress, p.c.type, batch * p.c.stride + p.c.place(row, column));
                write(
                    p.dAddress, p.d.type, batch * p.d.stride + p.d.place(row, column), finish(p, value, row, batch));
            }
        if (p.descriptor.epilogue & sumB)
            for (int64_t column = 0; column < n; column++) {
                double sum = 0;
                for (int64_t i = 0; i < k; i++) sum += b[static_cast<size_t>(column * k + i)];
                write(p.descriptor.bias, p.descriptor.biasType, batch * p.descriptor.biasStride + column, sum);
            }
    }
}

}  // namespace fake
