import CressetBackend

extension Family {
    static let softmax = Family(name: "softmax") { bench in
        for dtype in DType.allCases where dtype.isFloatingPoint && dtype != .float16 {
            for (shape, axis, strides, padding) in softmaxLayouts {
                bench.checkSoftmax(dtype, shape, axis: axis, strides: strides, padding: padding)
            }
        }
        bench.checkSpecialRows()
        bench.checkHalves()
    }

    /// Shape, axis, strides, elements before the first one.
    private static let softmaxLayouts: [(Shape, Int, Shape?, Int)] = [
        ([], 0, nil, 0), ([1], 0, nil, 1), ([5, 1], 1, nil, 0), ([3, 10], 1, nil, 0), ([7, 33], 1, nil, 1),
        ([2, 0], 1, nil, 0),
        ([0, 4], 1, nil, 0), ([70, 64], 1, nil, 0), ([5, 128], 1, [132, 1], 0), ([3, 4, 100], 2, [100, 300, 1], 0),
        ([2, 1000], 1, nil, 0), ([3, 1024], 1, nil, 3), ([2, 1025], 1, nil, 0), ([2, 2048], 1, nil, 0),
        ([1, 5000], 1, nil, 1),
        ([2, 12400], 1, nil, 0), ([1, 20001], 1, nil, 0), ([2, 5, 40], 1, nil, 0),
        ([2, 3, 9, 8], 1, [216, 1, 24, 3], 0),
        ([300, 16], 0, nil, 0), ([37, 9], 0, [9, 1], 1), ([4, 6], 1, [1, 4], 0), ([1500, 4], 0, nil, 0),
        ([3, 7, 5], 0, [1, 15, 3], 0),
    ]
}

extension Bench {
    fileprivate func checkSoftmax(_ dtype: DType, _ shape: Shape, axis: Int, strides: Shape?, padding: Int) {
        let x = random(dtype, shape, strides: strides, padding: padding, range: 5)
        let gradient = random(dtype, shape, strides: strides, padding: padding)
        for logarithm in [false, true] {
            let name =
                "\(logarithm ? "logSoftmax" : "softmax") axis \(axis) strides \(strides ?? shape.rowMajorStrides)"
            // The result in the input's own order of axes, and row-major.
            let out = result(dtype, shape, padding: padding)
            cpu.softmax(x.cpu, axis: axis, logarithm: logarithm, emptyIsZero: false, into: out.cpu)
            gpu.softmax(x.gpu, axis: axis, logarithm: logarithm, emptyIsZero: false, into: out.gpu)
            compare(name, out)
            let of = result(dtype, shape, strides: strides)
            cpu.softmaxGradient(gradient.cpu, out.cpu, axis: axis, logarithm: logarithm, into: of.cpu)
            gpu.softmaxGradient(gradient.gpu, out.gpu, axis: axis, logarithm: logarithm, into: of.gpu)
            // A difference is only as exact as the numbers that cancel in it.
            compare("\(name), gradient", of, absolute: dtype == .bfloat16 ? 0.06 : nil)
        }
        cpu.softmaxGradient(gradient.cpu, x.cpu, axis: axis, logarithm: false, into: gradient.cpu)
        gpu.softmaxGradient(gradient.gpu, x.gpu, axis: axis, logarithm: false, into: gradient.gpu)
        compare("softmaxGradient in place", gradient, relative: 2e-2, absolute: dtype == .float32 ? 1e-2 : nil)
        cpu.softmax(x.cpu, axis: axis, logarithm: false, emptyIsZero: false, into: x.cpu)
        gpu.softmax(x.gpu, axis: axis, logarithm: false, emptyIsZero: false, into: x.gpu)
        compare("softmax in place", x)
    }

    /// Rows with infinities and NaN, long and short, along either axis.
    fileprivate func checkSpecialRows() {
        for dtype in [DType.float32, .float64, .bfloat16] {
            for (length, axis) in [(7, 1), (64, 1), (1200, 1), (13000, 1), (50, 0)] {
                let rows = 10
                let shape: Shape = axis == 1 ? [rows, length] : [length, rows]
                let x = pair(dtype, shape) { at in
                    let (row, i) = axis == 1 ? (at / length, at % length) : (at % rows, at / rows)
                    switch row {
                    case 0: return -.infinity
                    case 1: return i == 3 ? .nan : -.infinity
                    case 2: return i == 2 ? .infinity : 1
                    case 3: return i == 5 ? .nan : Double(i % 3)
                    case 4: return i % 2 == 0 ? -.infinity : Double(i % 5)
                    case 5: return 1e30
                    case 6: return i == 0 ? 80 : -80
                    case 7: return i % 2 == 0 ? .infinity : -.infinity
                    case 8: return i == length - 1 ? .nan : .infinity
                    default: return -1e38
                    }
                }
                for (logarithm, emptyIsZero) in [(false, false), (false, true), (true, false), (true, true)] {
                    let out = result(dtype, shape)
                    cpu.softmax(x.cpu, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: out.cpu)
                    gpu.softmax(x.gpu, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: out.gpu)
                    compare("softmax of special rows of \(length), logarithm \(logarithm), zero \(emptyIsZero)", out)
                }
            }
        }
    }

    /// float16, for which the CPU uses float32.
    fileprivate func checkHalves() {
        for (shape, axis) in [([9, 40], 1), ([3, 1030], 1), ([33, 16], 0)] as [(Shape, Int)] {
            let (x, gradient) = (halves(shape), halves(shape))
            for logarithm in [false, true] {
                let (out, of) = (result(.float32, shape), result(.float32, shape))
                let (halfOut, halfOf) = (result(.float16, shape), result(.float16, shape))
                cpu.softmax(x.wide.cpu, axis: axis, logarithm: logarithm, emptyIsZero: false, into: out.cpu)
                cpu.softmaxGradient(gradient.wide.cpu, out.cpu, axis: axis, logarithm: logarithm, into: of.cpu)
                gpu.softmax(x.half.gpu, axis: axis, logarithm: logarithm, emptyIsZero: false, into: halfOut.gpu)
                gpu.softmaxGradient(gradient.half.gpu, halfOut.gpu, axis: axis, logarithm: logarithm, into: halfOf.gpu)
                compareHalves("softmax", out.cpu, halfOut.gpu)
                compareHalves("softmaxGradient", of.cpu, halfOf.gpu)
            }
        }
    }

    /// The same numbers, representable in float16, in float16 and in float32.
    func halves(_ shape: Shape) -> (half: Pair, wide: Pair) {
        let half = random(.float16, shape)
        let wide = result(.float32, shape)
        cpu.copy(half.cpu, to: wide.cpu)
        return (half, wide)
    }

    /// Compares a float16 result with the CPU's in float32.
    func compareHalves(_ name: String, _ expected: Operand, _ found: Operand) {
        let rounded = result(.float16, expected.shape)
        cpu.copy(expected, to: rounded.cpu)
        compare(name, Pair(cpu: rounded.cpu, gpu: found), absolute: 5e-3)
    }
}
