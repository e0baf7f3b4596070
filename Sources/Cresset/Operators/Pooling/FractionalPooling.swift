extension Tensor {
    /// The largest element of randomly placed windows, so that a plane shrinks by any ratio; and its position.
    ///
    /// *Shape*: (N, C, spatial…) with a kernel and output lengths for two or three spatial axes gives (N, C, output…), and
    /// indices as int64, flat within the channel's plane. *Source*: Graham, "Fractional Max-Pooling", 2014.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - output: The lengths of the result's axes.
    ///   - samples: (N, C, spatial axes), numbers of [0, 1) that place the windows; drawn if nil. As in PyTorch, the
    ///     first one belongs to the last axis if there are two axes, and to the first axis if there are three.
    public func fractionalMaxPool(
        kernel: [Int], output: [Int], samples: Tensor? = nil
    ) -> (values: Tensor, indices: Tensor) {
        let axes = kernel.count
        guard axes == 2 || axes == 3, output.count == axes, rank == axes + 2 else {
            fail(
                "fractionalMaxPool", "an input of shape \(shape), a kernel of \(kernel) and an output of \(output)",
                hint: "two or three spatial axes are needed, and in the input a batch and a channel axis before them")
        }
        let lengths = Array(shape.dropFirst(2))
        guard
            (0..<axes).allSatisfy({ kernel[$0] >= 1 && output[$0] >= 1 && output[$0] + kernel[$0] - 1 <= lengths[$0] })
        else {
            fail(
                "fractionalMaxPool", "a kernel of \(kernel) and an output of \(output) for planes of \(lengths)",
                hint: "kernel + output - 1 must be at most the length of each axis")
        }
        let drawn = samples ?? .uniform([shape[0], shape[1], axes], dtype: dtype, device: device)
        guard drawn.shape == [shape[0], shape[1], axes] else {
            fail("fractionalMaxPool", "samples of shape \(drawn.shape), not \([shape[0], shape[1], axes])")
        }
        let planes = shape[0] * shape[1]
        let layout = FractionalLayout(kernel: kernel, output: output, lengths: lengths)
        let places = Tensor(
            layout.places(drawn.scalars(as: Double.self), isSingle: dtype != .float64),
            shape: [planes, layout.windowCount * layout.windowSize], device: device)
        let shape = Shape(Array(shape.prefix(2)) + output)
        let (values, at) = reshaped([planes, lengths.reduce(1, *)]).gather(axis: 1, indices: places)
            .reshaped([planes * layout.windowCount, layout.windowSize]).max(axis: 1, keepsAxis: true)
        let indices = places.reshaped([planes * layout.windowCount, layout.windowSize]).gather(axis: 1, indices: at)
        return (values.reshaped(shape), indices.reshaped(shape))
    }
}

/// The positions of the windows of a fractional pool.
private struct FractionalLayout {
    let kernel, output, lengths: [Int]

    var windowCount: Int { output.reduce(1, *) }
    var windowSize: Int { kernel.reduce(1, *) }

    /// The positions of all elements of all windows of all planes, flat within the plane.
    func places(_ samples: [Double], isSingle: Bool) -> [Int64] {
        let axes = kernel.count
        var places: [Int64] = []
        places.reserveCapacity(samples.count / axes * windowCount * windowSize)
        for plane in 0..<samples.count / axes {
            let starts = (0..<axes).map { axis in
                let sample = samples[plane * axes + (axes == 2 ? 1 - axis : axis)]
                return self.starts(axis: axis, sample, isSingle: isSingle)
            }
            for window in 0..<windowCount {
                let corner = coordinates(window, in: output).enumerated().map { starts[$0][$1] }
                for element in 0..<windowSize {
                    let offset = coordinates(element, in: kernel)
                    let place = (0..<axes).reduce(0) { $0 * lengths[$1] + corner[$1] + offset[$1] }
                    places.append(Int64(place))
                }
            }
        }
        return places
    }

    /// The first elements of the windows along an axis, in the arithmetic of the tensor's own precision, as in PyTorch.
    private func starts(axis: Int, _ sample: Double, isSingle: Bool) -> [Int] {
        let (count, last) = (output[axis], lengths[axis] - kernel[axis])
        func start(_ i: Int) -> Int {
            if isSingle {
                let (alpha, sample) = (Float(last) / Float(count - 1), Float(sample))
                return Int((Float(i) + sample) * alpha) - Int(sample * alpha)
            }
            let alpha = Double(last) / Double(count - 1)
            return Int((Double(i) + sample) * alpha) - Int(sample * alpha)
        }
        return (0..<count).map { $0 == count - 1 ? last : start($0) }
    }

    private func coordinates(_ flat: Int, in lengths: [Int]) -> [Int] {
        var (rest, coordinates) = (flat, lengths)
        for axis in lengths.indices.reversed() {
            coordinates[axis] = rest % lengths[axis]
            rest /= lengths[axis]
        }
        return coordinates
    }
}
