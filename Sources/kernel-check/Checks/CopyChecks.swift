import CressetBackend

extension Family {
    static let copy = Family(name: "copy") { bench in
        bench.checkConversions()
        bench.checkCopyLayouts()
        bench.checkTransposes()
        bench.checkFills()
    }
}

extension Bench {
    func checkConversions() {
        let numbers: [Double] = [
            .nan, .infinity, -.infinity, 0, -0.0, 0.5, -0.5, 1.5, 2.5, -1.5, 127.9, 128, 255.5, 256, -129, 65504, 65520,
            1e-8, 3e-8, 1e-40, 32768, 70000, 2147483648, -2147483649, 4294967301, 9.3e18, -9.3e18, 1e30, 16777217,
        ]
        for from in DType.allCases {
            for to in DType.allCases {
                let x = pair(from, [9001]) { i in i < numbers.count ? numbers[i] : (uniform() - 0.5) * 700 }
                let out = result(to, [9001])
                cpu.copy(x.cpu, to: out.cpu)
                gpu.copy(x.gpu, to: out.gpu)
                compare("\(from) to", out, relative: 0, absolute: 0)
            }
        }
    }

    func checkCopyLayouts() {
        for (shape, outStrides, xStrides, _) in Self.layouts {
            for (from, to): (DType, DType) in [
                (.float32, .float32), (.int64, .int64), (.bfloat16, .bfloat16), (.uint8, .uint8), (.float32, .bfloat16),
                (.float16, .float64),
            ] {
                for padding in [0, 1] {
                    let x = random(from, shape, strides: xStrides, padding: padding)
                    let out = result(to, shape, strides: outStrides, padding: padding)
                    cpu.copy(x.cpu, to: out.cpu)
                    gpu.copy(x.gpu, to: out.gpu)
                    compare("copy \(from) \(outStrides) \(xStrides)", out, relative: 0, absolute: 0)
                }
            }
        }
    }

    func checkTransposes() {
        let shapes: [Shape] = [[2, 40, 19, 23], [3, 8, 32, 33], [1, 129, 1, 9], [2, 3, 17, 70]]
        for shape in shapes {
            let (rowMajor, channelsLast) = (shape.rowMajorStrides, shape.channelsLastStrides)
            var gaps = channelsLast
            for axis in [0, 2, 3] { gaps[axis] += 8 * (axis == 3 ? 1 : axis == 2 ? shape[3] : shape[2] * shape[3]) }
            for dtype: DType in [.uint8, .bfloat16, .float32, .float64] {
                for (outStrides, xStrides) in [(rowMajor, channelsLast), (channelsLast, rowMajor), (rowMajor, gaps)] {
                    let x = random(dtype, shape, strides: xStrides, padding: 1)
                    let out = result(dtype, shape, strides: outStrides)
                    cpu.copy(x.cpu, to: out.cpu)
                    gpu.copy(x.gpu, to: out.gpu)
                    compare("transpose \(outStrides) \(xStrides)", out, relative: 0, absolute: 0)
                }
            }
            let x = random(.float32, shape, strides: rowMajor)
            let out = result(.bfloat16, shape, strides: channelsLast)
            cpu.copy(x.cpu, to: out.cpu)
            gpu.copy(x.gpu, to: out.gpu)
            compare("transpose and convert", out, relative: 0, absolute: 0)
        }
    }

    func checkFills() {
        for dtype in DType.allCases {
            for value: Scalar in [
                .float(0), .float(-1.7), .integer(1_000_003), .boolean(true), .float(.nan), .float(1e30),
            ] {
                for (shape, strides): (Shape, Shape) in [
                    ([4099], [1]), ([7, 9], [24, 2]), ([8, 64], [80, 1]), ([0], [1]),
                ] {
                    let out = result(dtype, shape, strides: strides, padding: 1)
                    cpu.fill(out.cpu, with: value)
                    gpu.fill(out.gpu, with: value)
                    compare("fill \(strides) \(value)", out, relative: 0, absolute: 0)
                }
            }
        }
    }
}
