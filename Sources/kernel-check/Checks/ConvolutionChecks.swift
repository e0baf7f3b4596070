import CressetBackend
import CressetCUDA

extension Family {
    static let convolution = Family(name: "convolution") { bench in
        let check = ConvolutionCheck(bench: bench)
        CUDABackend.allowsTF32InConvolutions = true
        check.geometries(.float32)
        CUDABackend.allowsTF32InConvolutions = false
        defer { CUDABackend.allowsTF32InConvolutions = true }
        for dtype in [DType.float32, .float64, .bfloat16, .float16] { check.geometries(dtype) }
        check.special()
    }
}

/// One convolution: everything except the elements.
private struct Layer {
    var batch = 2
    var channels: Int
    var lengths: [Int]
    var out: Int
    var kernel: [Int]
    var stride = 1
    var before = 0
    var after = 0
    var dilation = 1
    var groups = 1
    /// Input beyond the end of the last window, as left by an output padding.
    var extra = 0

    var x: Shape { Shape([batch, channels] + lengths) }
    var weight: Shape { Shape([out, channels / groups] + kernel) }
    var result: Shape {
        Shape(
            [batch, out]
                + lengths.indices.map {
                    (lengths[$0] + before + after - extra - dilation * (kernel[$0] - 1) - 1) / stride + 1
                })
    }

    var geometry: ConvolutionGeometry {
        func all(_ value: Int) -> Shape { Shape(repeating: value, count: kernel.count) }
        return ConvolutionGeometry(
            window: WindowGeometry(
                kernel: Shape(kernel), stride: all(stride), paddingBefore: all(before),
                paddingAfter: all(after - extra),
                dilation: all(dilation)), groups: groups)
    }
}

private struct ConvolutionCheck {
    let bench: Bench

    private static let layers = [
        Layer(channels: 3, lengths: [7, 6], out: 5, kernel: [3, 3], before: 1, after: 1),
        Layer(channels: 8, lengths: [9, 9], out: 16, kernel: [1, 1]),
        Layer(channels: 8, lengths: [9, 9], out: 8, kernel: [1, 1], stride: 2),
        Layer(channels: 4, lengths: [11, 10], out: 6, kernel: [5, 3], stride: 2, before: 2, after: 2),
        Layer(channels: 6, lengths: [8, 8], out: 6, kernel: [3, 3], before: 1, after: 1, groups: 6),
        Layer(channels: 6, lengths: [8, 8], out: 12, kernel: [3, 3], stride: 2, before: 1, after: 1, groups: 6),
        Layer(channels: 8, lengths: [8, 7], out: 12, kernel: [3, 3], before: 1, after: 1, groups: 4),
        Layer(channels: 4, lengths: [10, 9], out: 4, kernel: [3, 3], before: 2, after: 2, dilation: 2),
        Layer(channels: 4, lengths: [6, 6], out: 4, kernel: [4, 4], before: 1, after: 2),
        Layer(channels: 4, lengths: [8, 8], out: 4, kernel: [3, 3], stride: 2, before: 0, after: 1),
        Layer(channels: 4, lengths: [6, 7], out: 3, kernel: [2, 2], stride: 3),
        Layer(channels: 4, lengths: [7, 7], out: 3, kernel: [3, 3], stride: 2, before: 0, after: 0, extra: 1),
        Layer(batch: 1, channels: 1, lengths: [1, 1], out: 1, kernel: [1, 1]),
        Layer(batch: 1, channels: 1, lengths: [2, 2], out: 3, kernel: [3, 3], before: 1, after: 1),
        Layer(channels: 5, lengths: [20], out: 7, kernel: [5], before: 2, after: 2),
        Layer(channels: 4, lengths: [13], out: 4, kernel: [3], stride: 2, before: 4, after: 0, dilation: 2, groups: 2),
        Layer(channels: 3, lengths: [4, 5, 6], out: 4, kernel: [3, 3, 3], before: 1, after: 1),
        Layer(channels: 4, lengths: [5, 5, 5], out: 4, kernel: [2, 2, 2], stride: 2, groups: 4),
        Layer(batch: 3, channels: 16, lengths: [24, 24], out: 8, kernel: [3, 3], before: 1, after: 1),
    ]

    func geometries(_ dtype: DType) {
        for layer in Self.layers {
            for isChannelsLast in [false, true] { all(layer, dtype, isChannelsLast: isChannelsLast) }
        }
    }

    private func random(_ dtype: DType, _ shape: Shape, padding: Int = 0) -> Pair {
        bench.random(dtype, shape, strides: shape.channelsLastStrides, padding: padding)
    }

    private func result(_ dtype: DType, _ shape: Shape, padding: Int = 0) -> Pair {
        bench.result(dtype, shape, strides: shape.channelsLastStrides, padding: padding)
    }

    private func compare(_ name: String, _ pair: Pair, over count: Int) {
        // Tensor cores may round their operands to TF32, 11 bits.
        let error = CUDABackend.allowsTF32InConvolutions ? 4e-3 : 1e-5
        bench.compare(name, pair, absolute: pair.cpu.dtype == .float32 ? error * Double(count).squareRoot() : nil)
    }

    private func all(_ layer: Layer, _ dtype: DType, isChannelsLast: Bool, padding: Int = 0) {
        let geometry = layer.geometry
        let x = random(dtype, layer.x, padding: padding)
        let order = isChannelsLast ? layer.weight.channelsLastStrides : layer.weight.rowMajorStrides
        let weight = bench.random(dtype, layer.weight, strides: order)
        let bias = bench.random(dtype, [layer.out], padding: padding)
        let addend = random(dtype, layer.result, padding: padding)
        let terms = layer.weight.elementCount / layer.out
        for (bias, addend, epilogue) in [
            (nil, nil, .none), (bias, nil, .none), (bias, nil, .relu), (nil, addend, .relu), (bias, addend, .relu),
            (bias, addend, .none), (nil, nil, .relu),
        ] as [(Pair?, Pair?, Epilogue)] {
            let out = result(dtype, layer.result, padding: padding)
            let wide = bench.spatial(out.cpu)
            bench.cpu.convolution(
                bench.spatial(x.cpu), weight: bench.widened(weight.cpu), bias: bias.map { bench.widened($0.cpu) },
                geometry: geometry, addend: addend.map { bench.spatial($0.cpu) }, epilogue: epilogue,
                weightIsFixed: false,
                into: wide)
            bench.cpu.copy(wide, to: out.cpu)
            bench.gpu.convolution(
                x.gpu, weight: weight.gpu, bias: bias?.gpu, geometry: geometry, addend: addend?.gpu, epilogue: epilogue,
                weightIsFixed: false, into: out.gpu)
            compare("convolution \(layer)", out, over: terms)
        }
        gradients(layer, dtype, x, weight, addend, order, padding)
    }

    private func gradients(
        _ layer: Layer, _ dtype: DType, _ x: Pair, _ weight: Pair, _ gradient: Pair, _ order: Shape, _ padding: Int
    ) {
        let geometry = layer.geometry
        let dx = result(dtype, layer.x, padding: padding)
        let wide = bench.spatial(dx.cpu)
        bench.cpu.convolutionInputGradient(
            bench.spatial(gradient.cpu), weight: bench.widened(weight.cpu), geometry: geometry, weightIsFixed: false,
            into: wide)
        bench.cpu.copy(wide, to: dx.cpu)
        bench.gpu.convolutionInputGradient(
            gradient.gpu, weight: weight.gpu, geometry: geometry, weightIsFixed: false, into: dx.gpu)
        compare("input gradient \(layer)", dx, over: layer.out / layer.groups * layer.kernel.reduce(1, *))
        for hasBias in [false, true] {
            let dw = bench.result(dtype, layer.weight, strides: order)
            let db = bench.result(dtype, [layer.out])
            let (wideWeight, wideBias) = (bench.widened(dw.cpu), bench.widened(db.cpu))
            bench.cpu.convolutionWeightGradient(
                bench.spatial(gradient.cpu), bench.spatial(x.cpu), geometry: geometry, weight: wideWeight,
                bias: hasBias ? wideBias : nil)
            bench.cpu.copy(wideWeight, to: dw.cpu)
            bench.cpu.copy(wideBias, to: db.cpu)
            bench.gpu.convolutionWeightGradient(
                gradient.gpu, x.gpu, geometry: geometry, weight: dw.gpu, bias: hasBias ? db.gpu : nil)
            let rows = layer.result.elementCount / layer.out
            compare("weight gradient \(layer)", dw, over: rows)
            if hasBias { compare("bias gradient \(layer)", db, over: rows) }
        }
    }

    func special() {
        // Odd addresses; an empty batch; no windows for part of the input.
        all(Self.layers[0], .float32, isChannelsLast: false, padding: 1)
        all(Self.layers[4], .bfloat16, isChannelsLast: true, padding: 3)
        let empty = Layer(batch: 0, channels: 3, lengths: [5, 5], out: 4, kernel: [3, 3])
        all(empty, .float32, isChannelsLast: false)
        all(empty, .bfloat16, isChannelsLast: false)
        all(Layer(channels: 0, lengths: [5, 5], out: 4, kernel: [3, 3]), .float32, isChannelsLast: false)
        inPlace()
        fixedWeight()
        notNumbers()
    }

    private func inPlace() {
        let layer = Self.layers[0]
        let (x, weight) = (random(.float32, layer.x), bench.random(.float32, layer.weight))
        let out = random(.float32, layer.result)
        bench.cpu.convolution(
            x.cpu, weight: weight.cpu, bias: nil, geometry: layer.geometry, addend: out.cpu, epilogue: .relu,
            weightIsFixed: false,
            into: out.cpu)
        bench.gpu.convolution(
            x.gpu, weight: weight.gpu, bias: nil, geometry: layer.geometry, addend: out.gpu, epilogue: .relu,
            weightIsFixed: false,
            into: out.gpu)
        compare("addend in place", out, over: 27)
    }

    private func fixedWeight() {
        let layer = Self.layers[0]
        let weight = bench.random(.float32, layer.weight)
        for batch in [1, 2, 2, 3] {
            var layer = layer
            layer.batch = batch
            let (x, out) = (random(.float32, layer.x), result(.float32, layer.result))
            bench.cpu.convolution(
                x.cpu, weight: weight.cpu, bias: nil, geometry: layer.geometry, addend: nil, epilogue: .none,
                weightIsFixed: false,
                into: out.cpu)
            bench.gpu.convolution(
                x.gpu, weight: weight.gpu, bias: nil, geometry: layer.geometry, addend: nil, epilogue: .none,
                weightIsFixed: true, into: out.gpu)
            compare("fixed weight", out, over: 27)
        }
    }

    /// NaN passes through a rectifier.
    private func notNumbers() {
        for dtype in [DType.float32, .bfloat16] {
            let layer = Self.layers[1]
            let strides = layer.x.channelsLastStrides
            let x = bench.pair(dtype, layer.x, strides: strides) { $0 % 97 == 5 ? .nan : Double($0 % 5) - 3 }
            let weight = bench.pair(dtype, layer.weight) { Double($0 % 3) }
            let bias = bench.random(dtype, [layer.out])
            let out = result(dtype, layer.result)
            let wide = bench.spatial(out.cpu)
            bench.cpu.convolution(
                bench.spatial(x.cpu), weight: bench.widened(weight.cpu), bias: bench.widened(bias.cpu),
                geometry: layer.geometry, addend: nil, epilogue: .relu, weightIsFixed: false, into: wide)
            bench.cpu.copy(wide, to: out.cpu)
            bench.gpu.convolution(
                x.gpu, weight: weight.gpu, bias: bias.gpu, geometry: layer.geometry, addend: nil, epilogue: .relu,
                weightIsFixed: false, into: out.gpu)
            compare("NaN", out, over: 8)
        }
    }
}

extension Bench {
    /// A float64 copy of a CPU operand, channels-last.
    func spatial(_ operand: Operand) -> Operand {
        let storage = cpu.allocate(byteCount: operand.elementCount * 8)
        let copy = Operand(
            pointer: storage.pointer, dtype: .float64, shape: operand.shape, strides: operand.shape.channelsLastStrides,
            storage: storage)
        cpu.copy(operand, to: copy)
        return copy
    }
}
