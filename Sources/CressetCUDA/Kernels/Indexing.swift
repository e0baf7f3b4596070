import CCUDA
import CressetBackend

extension CUDABackend {
    package func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand) {
        if index.elementCount == 0 { return }
        var places = LineWalk()
        for other in index.shape.indices {
            places.append(
                index.shape[other], other == axis ? 0 : x.strides[other], index.strides[other], out.strides[other])
        }
        places.arrange(by: 2)
        var parameters = cresset_indexing_parameters(x, index, out, step: x.strides[axis])
        launchMove("gather", &places, &parameters, itemSize: x.dtype.itemSize)
    }

    package func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        if index.elementCount == 0 { return }
        if op == .assign {
            assign(x, axis: axis, index: index, into: out)
        } else if out.dtype.isFloatingPoint && (op == .add || op == .multiply) && index.isShared(beside: axis) {
            scatterSegments(op, x, axis: axis, index: index, into: out)
        } else {
            scatterAtomically(op, x, axis: axis, index: index, into: out)
        }
    }

    /// Moves elements, several at once where whole rows of them move together.
    private func launchMove(
        _ entry: StaticString, _ places: inout LineWalk, _ parameters: inout cresset_indexing_parameters, itemSize: Int
    ) {
        let factor = places.widen(
            itemSize: itemSize, step: Int(parameters.step), parameters.x, UnsafeRawPointer(parameters.out))
        parameters.step /= Int64(factor)
        parameters.places = places.c
        parameters.count = Int64(places.count)
        let kernel = moveKernel(entry, size: itemSize * factor)
        launch(kernel, grid: gridStride(places.count, block: 256), block: 256, parameters)
    }

    private func moveKernel(_ entry: StaticString, size: Int) -> Kernel {
        let type =
            switch size {
            case 1: "u8"
            case 2: "u16"
            case 4: "u32"
            case 8: "u64"
            default: "Vec<u64,2>"
            }
        return kernel(.indexing, entry, variant: size, defines: ["ELEMENT=\(type)"])
    }

    /// Of the elements that name a target, the last one wins.
    private func assign(_ x: Operand, axis: Int, index: Operand, into out: Operand) {
        var parameters = cresset_indexing_parameters(x, index, out, step: out.strides[axis])
        // If the index is the same along an axis, one position decides for all.
        var (marks, places) = (LineWalk(), LineWalk())
        var targets = out.shape[axis]
        var winnerStrides = Shape(repeating: 0, count: index.shape.count)
        for other in index.shape.indices.reversed() where other != axis && index.strides[other] != 0 {
            winnerStrides[other] = targets
            targets *= index.shape[other]
        }
        for other in index.shape.indices {
            let (length, isAxis) = (index.shape[other], other == axis)
            if isAxis || index.strides[other] != 0 {
                marks.append(length, 0, index.strides[other], 0, winnerStrides[other], isAxis ? 1 : 0)
            }
            places.append(
                length, x.strides[other], index.strides[other], isAxis ? 0 : out.strides[other], winnerStrides[other],
                isAxis ? 1 : 0)
        }
        places.arrange(by: 2)
        let size = x.dtype.itemSize
        if index.shape[axis] == 1 { return launchMove("scatter_assign", &places, &parameters, itemSize: size) }
        marks.arrange(by: 1)
        withTemporary(byteCount: targets * 4) { winners in
            clear(winners, byteCount: targets * 4)
            parameters.winners = winners.assumingMemoryBound(to: UInt32.self)
            var marking = parameters
            marking.places = marks.c
            marking.count = Int64(marks.count)
            launch(
                moveKernel("scatter_mark", size: 4), grid: gridStride(marks.count, block: 256), block: 256, marking)
            launchMove("scatter_assign", &places, &parameters, itemSize: size)
        }
    }

    private func scatterAtomically(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        var parameters = cresset_indexing_parameters(x, index, out, step: out.strides[axis])
        var places = LineWalk()
        for other in index.shape.indices {
            places.append(
                index.shape[other], x.strides[other], index.strides[other], other == axis ? 0 : out.strides[other])
        }
        places.arrange(by: 2)
        parameters.places = places.c
        parameters.count = Int64(places.count)
        let kernel = kernel(
            .indexing, "scatter_atomic", variant: out.dtype.variant * 16 + Int(op.rawValue),
            defines: ["ELEMENT=\(out.dtype.kernelName)", "OPERATION=\(op.rawValue)"])
        launch(kernel, grid: gridStride(places.count, block: 256), block: 256, parameters)
    }

    func clear(_ pointer: UnsafeMutableRawPointer, to byte: UInt8 = 0, byteCount: Int) {
        if byteCount == 0 { return }
        activate()
        check(
            driver.cuMemsetD8Async(UInt64(UInt(bitPattern: pointer)), byte, byteCount, stream), "cuMemsetD8Async")
    }
}

extension cresset_indexing_parameters {
    fileprivate init(_ x: Operand, _ index: Operand, _ out: Operand, step: Int) {
        self.init()
        self.x = UnsafeRawPointer(x.pointer)
        self.index = UnsafePointer(index.pointer.assumingMemoryBound(to: Int64.self))
        self.out = out.pointer
        self.step = Int64(step)
    }
}

extension Operand {
    /// Whether several adjacent elements share each entry of this index: sorting the index is then cheap.
    fileprivate func isShared(beside axis: Int) -> Bool {
        if shape[axis] == 1 { return false }
        var columns = 1
        for other in shape.indices where other != axis && strides[other] == 0 { columns *= shape[other] }
        return columns >= 4
    }
}
