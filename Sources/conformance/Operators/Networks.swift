import Cresset

extension OperatorTable {
    /// Convolutions, pools and normalisation.
    mutating func addNetworks() {
        tolerance = .accumulated
        addConvolutions()
        addPools()
        addNormalizations()
        tolerance = .elementwise
        note(
            "returns (values, indices); x.maxPooled(…) returns only the values", "nn.functional.max_pool1d",
            "nn.functional.max_pool2d", "nn.functional.max_pool3d")
        note("takes the statistics: x.batchStatistics() or running ones", "nn.functional.batch_norm")
    }

    private mutating func addConvolutions() {
        for axes in 1...3 {
            add(
                "nn.functional.conv\(axes)d",
                "x.convolution(weight: weight, bias: bias, Window(stride: stride, padding: padding))"
            ) {
                let (x, weight) = try ($0.x, $0.tensor(1, "weight"))
                let window = try $0.window(kernel: Array(weight.shape.dropFirst(2)))
                let bias = try $0.tensorIfAny(2, "bias")
                return x.batched(rank: axes + 2) { $0.convolution(weight: weight, bias: bias, window) }
            }
        }
        for axes in 1...3 {
            add(
                "nn.functional.conv_transpose\(axes)d",
                "x.transposedConvolution(weight: weight, bias: bias, Window(stride: stride, padding: padding))"
            ) {
                let (weight, bias) = try ($0.tensor(1, "weight"), $0.tensorIfAny(2, "bias"))
                let window = try Window(
                    stride: $0.ints(3, "stride", [1]), padding: $0.ints(4, "padding", [0]),
                    dilation: $0.ints(7, "dilation", [1]),
                    groups: $0.int(6, "groups", 1))
                let extra = try $0.ints(5, "output_padding", [0])
                return try $0.x.batched(rank: axes + 2) {
                    $0.transposedConvolution(weight: weight, bias: bias, window, outputPadding: extra)
                }
            }
        }
        add("nn.functional.unfold", "x.windowColumns(kernel: kernel, Window(stride: stride, padding: padding))") {
            let window = try Window(
                stride: $0.intList(4, "stride") ?? [1], padding: $0.intList(3, "padding") ?? [0],
                dilation: $0.intList(2, "dilation") ?? [1])
            return try $0.x.windowColumns(kernel: $0.intList(1, "kernel_size") ?? [], window)
        }
    }

    private mutating func addPools() {
        for axes in 1...3 {
            addAny(
                "nn.functional.max_pool\(axes)d",
                "x.maxPool(kernel: kernel, Window(stride: stride, padding: padding)).values"
            ) {
                let kernel = try $0.ints(1, "kernel_size")
                let window = try Window(
                    stride: $0.strides(2, kernel), padding: $0.ints(3, "padding", [0]),
                    dilation: $0.ints(4, "dilation", [1]))
                let (ceil, wantsIndices) = try ($0.bool(5, "ceil_mode", false), $0.bool(6, "return_indices", false))
                let x = try $0.x
                let isBatched = x.rank == axes + 2
                let pooled = (isBatched ? x : x.unsqueezed(at: 0)).maxPool(kernel: kernel, window, ceilMode: ceil)
                let values = isBatched ? pooled.values : pooled.values.squeezed(axis: 0)
                let indices = isBatched ? pooled.indices : pooled.indices.squeezed(axis: 0)
                return wantsIndices ? .tensors([values, indices]) : .tensor(values)
            }
            add(
                "nn.functional.avg_pool\(axes)d",
                "x.averagePool(kernel: kernel, Window(stride: stride, padding: padding))"
            ) {
                let kernel = try $0.ints(1, "kernel_size")
                let window = try Window(stride: $0.strides(2, kernel), padding: $0.ints(3, "padding", [0]))
                let (ceil, counts) = try ($0.bool(4, "ceil_mode", false), $0.bool(5, "count_include_pad", true))
                let divisor = try $0.intIfAny(6, "divisor_override")
                return try $0.x.batched(rank: axes + 2) {
                    $0.averagePool(kernel: kernel, window, ceilMode: ceil, countsPadding: counts, divisor: divisor)
                }
            }
            add("nn.functional.adaptive_avg_pool\(axes)d", "x.adaptiveAveragePool(output: lengths)") {
                let (x, sizes) = try ($0.x, $0.optionalInts(1, "output_size"))
                let output = x.adaptiveLengths(sizes, axes: axes)
                return x.batched(rank: axes + 2) { $0.adaptiveAveragePool(output: output) }
            }
        }
        for axes in 1...3 {
            addAny("nn.functional.adaptive_max_pool\(axes)d", "x.adaptiveMaxPool(output: lengths)") {
                let (x, wantsIndices) = try ($0.x, $0.bool(2, "return_indices", false))
                let output = try x.adaptiveLengths($0.optionalInts(1, "output_size"), axes: axes)
                let isBatched = x.rank == axes + 2
                let pooled = (isBatched ? x : x.unsqueezed(at: 0)).adaptiveMaxPool(output: output)
                let values = isBatched ? pooled.values : pooled.values.squeezed(axis: 0)
                let indices = isBatched ? pooled.indices : pooled.indices.squeezed(axis: 0)
                return wantsIndices ? .tensors([values, indices]) : .tensor(values)
            }
        }
    }

    private mutating func addNormalizations() {
        add(
            "nn.functional.batch_norm",
            "x.batchNormalized(mean: mean, variance: variance, weight: weight, bias: bias, usesBatch: isTraining)"
        ) {
            let (x, isTraining) = try ($0.x, $0.bool(5, "training", false))
            _ = try $0.doubleIfAny(6, "momentum")
            let (mean, variance) = try ($0.tensorIfAny(1, "running_mean"), $0.tensorIfAny(2, "running_var"))
            let (weight, bias) = try ($0.tensorIfAny(3, "weight"), $0.tensorIfAny(4, "bias"))
            let statistics = isTraining ? x.batchStatistics() : (mean: mean!, variance: variance!)
            return try x.batchNormalized(
                mean: statistics.mean, variance: statistics.variance, weight: weight, bias: bias,
                epsilon: $0.double(7, "eps", 1e-5), usesBatch: isTraining)
        }
        add("nn.functional.layer_norm", "x.layerNormalized(shape: shape, weight: weight, bias: bias)") {
            try $0.x.layerNormalized(
                shape: Shape($0.intList(1, "normalized_shape") ?? []), weight: $0.tensorIfAny(2, "weight"),
                bias: $0.tensorIfAny(3, "bias"), epsilon: $0.double(4, "eps", 1e-5))
        }
        add("nn.functional.rms_norm", "x.rmsNormalized(shape: shape, weight: weight)") {
            try $0.x.rmsNormalized(
                shape: Shape($0.intList(1, "normalized_shape") ?? []), weight: $0.tensorIfAny(2, "weight"),
                epsilon: $0.doubleIfAny(3, "eps"))
        }
        add("nn.functional.group_norm", "x.groupNormalized(groups: groups, weight: weight, bias: bias)") {
            try $0.x.groupNormalized(
                groups: $0.int(1, "num_groups"), weight: $0.tensorIfAny(2, "weight"), bias: $0.tensorIfAny(3, "bias"),
                epsilon: $0.double(4, "eps", 1e-5))
        }
        add("nn.functional.instance_norm", "x.instanceNormalized(weight: weight, bias: bias)") {
            // Running statistics are only written here: the samples normalise by the input's own statistics.
            _ = try ($0.tensorIfAny(1, "running_mean"), $0.tensorIfAny(2, "running_var"), $0.doubleIfAny(6, "momentum"))
            guard try $0.bool(5, "use_input_stats", true) else { throw Failure("use_input_stats=False") }
            return try $0.x.instanceNormalized(
                weight: $0.tensorIfAny(3, "weight"), bias: $0.tensorIfAny(4, "bias"), epsilon: $0.double(7, "eps", 1e-5)
            )
        }
        add("nn.functional.local_response_norm", "x.localResponseNormalized(size: size)") {
            try $0.x.localResponseNormalized(
                size: $0.int(1, "size"), alpha: $0.double(2, "alpha", 1e-4), beta: $0.double(3, "beta", 0.75),
                k: $0.double(4, "k", 1))
        }
        addResampling()
    }
}

extension OperatorTable {
    private mutating func addResampling() {
        let modes: [(String, InterpolationMode)] = [
            ("nearest", .nearest), ("nearest-exact", .nearestExact), ("linear", .linear), ("bilinear", .linear),
            ("trilinear", .linear), ("bicubic", .cubic), ("area", .area),
        ]
        for (name, mode) in modes {
            add("nn.functional.interpolate.\(name)", "x.interpolated(size: lengths, mode: .\(mode))") {
                _ = try $0.stringIfAny(3, "mode")
                let (x, alignsCorners) = try ($0.x, $0.bool(4, "align_corners", false))
                let recomputes = try $0.bool(5, "recompute_scale_factor", false)
                let factors = try $0.doublesIfAny(2, "scale_factor")
                if let size = try $0.intList(1, "size") {
                    return x.interpolated(
                        size: size.count == 1 ? [Int](repeating: size[0], count: x.rank - 2) : size, mode: mode,
                        alignsCorners: alignsCorners)
                }
                guard let given = factors else { throw Failure("no size or scale given") }
                let scale = given.count == 1 ? [Double](repeating: given[0], count: x.rank - 2) : given
                let size = zip(x.shape.dropFirst(2), scale).map { Int((Double($0) * $1).rounded(.down)) }
                return x.interpolated(
                    size: size, mode: mode, alignsCorners: alignsCorners, scale: recomputes ? nil : scale)
            }
        }
        add("nn.functional.grid_sample", "x.gridSampled(grid, mode: .linear, padding: .zeros)") {
            let names: [String: InterpolationMode] = ["bilinear": .linear, "nearest": .nearest, "bicubic": .cubic]
            return try $0.x.gridSampled(
                $0.tensor(1, "grid"), mode: names[$0.string(2, "mode", "bilinear")]!,
                padding: GridPadding(rawValue: $0.string(3, "padding_mode", "zeros"))!,
                alignsCorners: $0.bool(4, "align_corners", false))
        }
    }
}

extension Tensor {
    /// `body` applied to this tensor, with a leading batch axis added if it has none.
    func batched(rank: Int, _ body: (Tensor) throws -> Tensor) rethrows -> Tensor {
        self.rank == rank ? try body(self) : try body(unsqueezed(at: 0)).squeezed(axis: 0)
    }

    /// Output lengths of an adaptive pool; nil keeps a length, and a single number stands for all axes.
    func adaptiveLengths(_ sizes: [Int?], axes: Int) -> [Int] {
        (0..<axes).map { (sizes.count == 1 ? sizes[0] : sizes[$0]) ?? shape[rank - axes + $0] }
    }
}

extension Arguments {
    /// The stride of a pool, which is the kernel size if missing or empty.
    fileprivate func strides(_ position: Int, _ kernel: [Int]) throws -> [Int] {
        let given = try intList(position, "stride") ?? []
        return given.isEmpty ? kernel : given
    }

    /// The window of a convolution; padding in numbers, or by the names "valid" and "same".
    fileprivate func window(kernel: [Int]) throws -> Window {
        let (dilation, groups) = try (ints(5, "dilation", [1]), int(6, "groups", 1))
        let stride = try ints(3, "stride", [1])
        if case .string(let word)? = value(4, "padding") {
            return word == "same"
                ? .same(kernel: kernel, dilation: dilation, groups: groups)
                : Window(stride: stride, dilation: dilation, groups: groups)
        }
        return try Window(stride: stride, padding: ints(4, "padding", [0]), dilation: dilation, groups: groups)
    }
}
