import CressetBackend

extension Family {
    static let sort = Family(name: "sort") { bench in
        for dtype in DType.allCases where dtype != .float16 {
            for (shape, axis, strides, padding) in sortLayouts {
                bench.checkSort(dtype, shape, axis: axis, strides: strides, padding: padding)
            }
        }
        for dtype in [DType.float32, .float64, .bfloat16] { bench.checkSpecialSort(dtype) }
        bench.checkHalfSort()
    }

    private static let sortLayouts: [(Shape, Int, Shape?, Int)] = [
        ([1], 0, nil, 0), ([2, 0], 1, nil, 0), ([7, 10], 1, nil, 1), ([33, 5], 0, nil, 0), ([3, 600], 1, nil, 0),
        ([2, 5, 6], 1, [40, 1, 7], 0), ([1500], 0, [2], 0), ([2, 4097], 1, nil, 0), ([5000, 2], 0, nil, 1),
    ]
}

extension Bench {
    fileprivate func checkSort(_ dtype: DType, _ shape: Shape, axis: Int, strides: Shape?, padding: Int) {
        // Few distinct numbers, so that many are equal, and the type's whole range.
        for range in [4.0, dtype.isInteger ? 100 : 1e6] {
            let x = random(dtype, shape, strides: strides, padding: padding, range: range)
            checkSort(x, axis: axis, strides: strides)
        }
    }

    fileprivate func checkSort(_ x: Pair, axis: Int, strides: Shape?) {
        let shape = x.cpu.shape
        for descending in [false, true] {
            let values = result(x.cpu.dtype, shape, strides: strides)
            let indices = result(.int64, shape)
            cpu.sort(x.cpu, axis: axis, descending: descending, values: values.cpu, indices: indices.cpu)
            gpu.sort(x.gpu, axis: axis, descending: descending, values: values.gpu, indices: indices.gpu)
            compare("sort axis \(axis) descending \(descending)", values, relative: 0, absolute: 0)
            compare("sort axis \(axis) descending \(descending), indices", indices)
        }
    }

    fileprivate func checkSpecialSort(_ dtype: DType) {
        for shape in [[3, 40], [1, 4500]] as [Shape] {
            let x = pair(dtype, shape) { i in
                switch i % 9 {
                case 0: .nan
                case 1: .infinity
                case 2: -.infinity
                case 3: 0
                case 4: -0.0
                case 5: 1e-40
                case 6: -.nan
                default: Double(i % 7) - 3
                }
            }
            checkSort(x, axis: 1, strides: nil)
        }
    }

    /// float16, for which the CPU uses float32.
    fileprivate func checkHalfSort() {
        for shape in [[3, 50], [1, 4100]] as [Shape] {
            let x = halves(shape)
            let (values, indices) = (result(.float32, shape), result(.int64, shape))
            let half = result(.float16, shape)
            cpu.sort(x.wide.cpu, axis: 1, descending: false, values: values.cpu, indices: indices.cpu)
            gpu.sort(x.half.gpu, axis: 1, descending: false, values: half.gpu, indices: indices.gpu)
            compareHalves("sort", values.cpu, half.gpu)
            compare("sort of float16, indices", indices)
        }
    }
}
