import CCUDA
import CressetBackend

extension CUDABackend {
    package func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        if out.elementCount == 0 { return }
        var parameters = cresset_embedding_parameters(bags, out, table)
        parameters.table = UnsafeRawPointer(table.pointer)
        parameters.out = out.pointer
        if bags.mode == .max {
            parameters.places = places!.pointer.assumingMemoryBound(to: Int64.self)
            let kernel = embeddingKernel("embedding_largest", out.dtype, vector: 1)
            launch(kernel, grid: (out.elementCount + 255) / 256, block: 256, parameters)
            return
        }
        var vector = 16 / out.dtype.itemSize
        let addresses = Int(bitPattern: table.pointer) | Int(bitPattern: out.pointer)
        while (out.shape[1] | addresses / out.dtype.itemSize) % vector != 0 { vector /= 2 }
        let kernel = embeddingKernel("embedding_bags", out.dtype, vector: vector)
        launch(kernel, grid: (out.elementCount / vector + 255) / 256, block: 256, parameters)
    }

    package func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        clear(out.pointer, byteCount: out.elementCount * out.dtype.itemSize)
        if gradient.elementCount == 0 || out.elementCount == 0 { return }
        if bags.mode == .max {
            scatterLargest(gradient, places!, out)
        } else {
            scatterBags(gradient, bags, out)
        }
    }

    /// Each feature has its own positions.
    private func scatterLargest(_ gradient: Operand, _ places: Operand, _ out: Operand) {
        let (bags, features) = (gradient.shape[0], gradient.shape[1])
        var lines = LineWalk()
        lines.append(features, 1, 1, 1)
        let sorted = sortedIndex(places.pointer, lines: lines, count: bags, step: features, bound: out.shape[0])
        var parameters = cresset_segment_parameters(gradient, out, count: bags)
        sumSegments(.add, sorted, &parameters, lines: lines, columns: LineWalk(), dtype: out.dtype)
    }

    /// Rows named by bags receive the gradients of these bags, in the order of the indices.
    private func scatterBags(_ gradient: Operand, _ bags: EmbeddingBags, _ out: Operand) {
        let count = bags.numbers.elementCount
        if count == 0 { return }
        let (dtype, ownerBytes) = (out.dtype, (count * 4 + 255) / 256 * 256)
        withTemporary(byteCount: ownerBytes + count * dtype.itemSize) { temporary in
            let owners = temporary.assumingMemoryBound(to: UInt32.self)
            var own = cresset_embedding_parameters(bags, gradient, out)
            own.owners = owners
            own.factors = temporary + ownerBytes
            // Indices before the first bag and after the last belong to none.
            clear(temporary, to: 0xff, byteCount: count * 4)
            launch(
                embeddingKernel("embedding_owners", dtype, vector: 1), grid: (gradient.shape[0] + 7) / 8, block: 256,
                own)
            let sorted = sortedIndex(
                bags.numbers.pointer, lines: LineWalk(), count: count, step: 1, bound: out.shape[0],
                skipped: bags.padding ?? -1)
            var parameters = cresset_segment_parameters(gradient, out, count: count)
            parameters.sources = UnsafePointer(owners)
            parameters.factors = UnsafeRawPointer(own.factors)
            var columns = LineWalk()
            columns.append(out.shape[1], 0, 1, 1)
            sumSegments(.add, sorted, &parameters, lines: LineWalk(), columns: columns, dtype: dtype)
        }
    }

    private func embeddingKernel(_ entry: StaticString, _ dtype: DType, vector: Int) -> Kernel {
        kernel(
            .embedding, entry, variant: dtype.variant * 8 + vector,
            defines: ["ELEMENT=\(dtype.kernelName)", "VECTOR=\(vector)"])
    }
}

extension cresset_embedding_parameters {
    /// `out` is the operand with one row per bag, `matrix` the table or its gradient.
    fileprivate init(_ bags: EmbeddingBags, _ out: Operand, _ matrix: Operand) {
        mustHold(
            bags.numbers.isContiguous && bags.starts.isContiguous && bags.weights?.isContiguous != false
                && out.isContiguous
                && matrix.isContiguous, "embeddingBag: operands must be row-major")
        mustHold(out.dtype == .float32 || out.dtype == .float64, "embeddingBag: tables are float32 or float64")
        self.init()
        numbers = UnsafePointer(bags.numbers.pointer.assumingMemoryBound(to: Int64.self))
        starts = UnsafePointer(bags.starts.pointer.assumingMemoryBound(to: Int64.self))
        weights = bags.weights.map { UnsafeRawPointer($0.pointer) }
        self.bags = Int64(out.shape[0])
        features = Int64(out.shape[1])
        padding = Int64(bags.padding ?? -1)
        is_mean = bags.mode == .mean ? 1 : 0
    }
}

extension cresset_segment_parameters {
    /// Rows of a gradient are added to rows of a table.
    fileprivate init(_ gradient: Operand, _ out: Operand, count: Int) {
        self.init()
        x = UnsafeRawPointer(gradient.pointer)
        self.out = out.pointer
        self.count = Int64(count)
        x_step = Int64(gradient.shape[1])
        out_step = Int64(out.shape[1])
    }
}
