// The interface between cuBLASLt's entry points and its products.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fake {

enum ElementType { float32 = 0, float64 = 1, float16 = 2, bfloat16 = 14 };

inline size_t bytesOf(int type) { return type == float64 ? 8 : type == float32 ? 4 : 2; }

struct Layout {
    int type = 0;
    /// 0: column-major, 1: row-major.
    int order = 0;
    uint64_t rows = 0, columns = 0;
    int64_t leading = 0;
    int batch = 1;
    int64_t stride = 0;

    int64_t place(int64_t row, int64_t column) const {
        return order == 0 ? row + column * leading : row * leading + column;
    }
    /// The number of elements from the first to the last of a matrix.
    int64_t extent() const {
        return order == 0 ? static_cast<int64_t>(columns - 1) * leading + static_cast<int64_t>(rows)
                          : static_cast<int64_t>(rows - 1) * leading + static_cast<int64_t>(columns);
    }
};

struct Descriptor {
    int compute = 0, scale = 0;
    int transposeA = 0, transposeB = 0, pointerMode = 0;
    int epilogue = 1;
    uint64_t bias = 0;
    int biasType = -1;
    int64_t biasStride = 0;
};

enum Epilogue { rectify = 2, addBias = 4, gelu = 32, sumB = 512 };

struct Product {
    Descriptor descriptor;
    Layout a, b, c, d;
    uint64_t aAddress, bAddress, cAddress, dAddress;
    double alpha, beta;
};

/// Computes in double and rounds once.
void multiply(const Product &product);

}  // namespace fake
