// Channels and positions rearranged.

extension Tensor {
    /// Blocks of `factor` x `factor` positions in place of the same number of channels.
    ///
    /// *Shape*: (…, C factor², H, W) gives (…, C, H factor, W factor).
    ///
    /// - Parameter r: The factor by which height and width grow.
    ///
    /// *Source*: Shi et al., "Real-Time Single Image and Video Super-Resolution", 2016.
    public func pixelShuffled(factor r: Int) -> Tensor {
        guard rank >= 3, r >= 1, shape[rank - 3] % (r * r) == 0 else {
            fail(
                "pixelShuffled", "a factor of \(r) does not fit shape \(shape)",
                hint: "its square must divide the channels")
        }
        let lead = shape.dropLast(3).map { $0 }
        let (c, h, w) = (shape[rank - 3] / (r * r), shape[rank - 2], shape[rank - 1])
        let n = lead.reduce(1, *)
        return reshaped([n, c, r, r, h, w]).permuted([0, 1, 4, 2, 5, 3]).reshaped(Shape(lead + [c, h * r, w * r]))
    }

    /// Channels in place of blocks of `factor` x `factor` positions: the reverse of ``pixelShuffled(factor:)``.
    ///
    /// - Parameter r: The factor by which height and width shrink.
    public func pixelUnshuffled(factor r: Int) -> Tensor {
        guard rank >= 3, r >= 1, shape[rank - 2] % r == 0, shape[rank - 1] % r == 0 else {
            fail(
                "pixelUnshuffled", "a factor of \(r) does not fit shape \(shape)",
                hint: "it must divide height and width")
        }
        let lead = shape.dropLast(3).map { $0 }
        let (c, h, w) = (shape[rank - 3], shape[rank - 2] / r, shape[rank - 1] / r)
        let n = lead.reduce(1, *)
        return reshaped([n, c, h, r, w, r]).permuted([0, 1, 3, 5, 2, 4]).reshaped(Shape(lead + [c * r * r, h, w]))
    }

    /// The channels of `groups` groups, interleaved.
    ///
    /// *Source*: Zhang et al., "ShuffleNet", 2017.
    public func channelShuffled(groups: Int) -> Tensor {
        guard rank >= 2, groups >= 1, shape[1] % groups == 0 else {
            fail("channelShuffled", "\(groups) groups do not divide the channels of shape \(shape)")
        }
        let (n, c) = (shape[0], shape[1])
        return reshaped([n, groups, c / groups, shape.dropFirst(2).reduce(1, *)]).transposed(1, 2).reshaped(shape)
    }

    /// The elements in reverse order along `axes`. Copies.
    public func flipped(axes: [Int]) -> Tensor {
        let axes = self.axes(axes, "flipped")
        var (steps, offset) = (strides, 0)
        for axis in axes where shape[axis] > 0 {
            offset += (shape[axis] - 1) * strides[axis]
            steps[axis] = -strides[axis]
        }
        let view = window(shape: shape, strides: steps, offset: elementCount == 0 ? 0 : offset)
        let out = Tensor.uninitialized(shape, dtype: dtype, device: device)
        backend.copy(view.operand, to: out.operand)
        return out.recorded("flipped", self) { $0.flipped(axes: axes) }
    }

    /// Axes moved to other positions, with the others in order around them.
    ///
    /// - Parameters:
    ///   - sources: The axes to move.
    ///   - targets: Their positions afterwards.
    ///
    /// *Source*: `torch.movedim`.
    public func movingAxes(_ sources: [Int], to targets: [Int]) -> Tensor {
        let (from, to) = (sources.map { axis($0, "movingAxes") }, targets.map { axis($0, "movingAxes") })
        guard from.count == to.count, Set(from).count == from.count, Set(to).count == to.count else {
            fail(
                "movingAxes",
                "axes \(sources) to \(targets) of shape \(shape): name each once, and the same number of both")
        }
        var rest = (0..<rank).filter { !from.contains($0) }.makeIterator()
        return permuted((0..<rank).map { place in to.firstIndex(of: place).map { from[$0] } ?? rest.next()! })
    }
}
