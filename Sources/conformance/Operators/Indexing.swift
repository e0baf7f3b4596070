import Cresset

extension OperatorTable {
    /// Elements by index.
    mutating func addIndexing() {
        add("gather", "x.gather(axis: axis, indices: indices)") {
            try $0.x.gather(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"))
        }
        add("scatter_add", "x.scatterAdd(axis: axis, indices: indices, source)") {
            try $0.x.scatterAdd(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"), $0.tensor(3, "src"))
        }
        add("index_select", "x.indexSelect(axis: axis, indices: indices)") {
            try $0.x.indexSelect(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"))
        }
        add("scatter", "x.scatter(axis: axis, indices: indices, source)") {
            let index = try $0.tensor(2, "index")
            var source = try $0.tensor(3, "src")
            if source.rank == 0 { source = try source.to($0.x.dtype).broadcast(to: index.shape) }
            let axis = try $0.int(1, "dim")
            switch try $0.stringIfAny(nil, "reduce") {
            case "add": return try $0.x.scatterAdd(axis: axis, indices: index, source)
            case "multiply": return try $0.x.scatterReduce(axis: axis, indices: index, source, .product)
            default: return try $0.x.scatter(axis: axis, indices: index, source)
            }
        }
        for reduction in ["sum", "prod", "mean", "amax", "amin"] {
            let name = "\(ScatterReduction(rawValue: reduction)!)"
            add("scatter_reduce.\(reduction)", "x.scatterReduce(axis: axis, indices: indices, source, .\(name))") {
                let kind = try ScatterReduction(rawValue: $0.string(4, "reduce", reduction))!
                return try $0.x.scatterReduce(
                    axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"), $0.tensor(3, "src"), kind,
                    includesSelf: $0.bool(5, "include_self", true))
            }
        }
        add("index_add", "x.indexAdd(axis: axis, indices: indices, source, scale: alpha)") {
            try $0.x.indexAdd(
                axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"), $0.tensor(3, "source"),
                scale: $0.double(nil, "alpha", 1))
        }
        add("index_copy", "x.indexCopy(axis: axis, indices: indices, source)") {
            try $0.x.indexCopy(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"), $0.tensor(3, "source"))
        }
        add("index_fill", "x.indexFill(axis: axis, indices: indices, Tensor(value))") {
            try $0.x.indexFill(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"), $0.tensor(3, "value"))
        }
        add("index_put", "x.indexPut(positions, values, accumulates: accumulates)") {
            try $0.x.indexPut(
                $0.tensors(1, "indices").map(TensorIndex.elements), $0.tensor(2, "values"),
                accumulates: $0.bool(3, "accumulate", false))
        }
        add("__getitem__", "x[positions]") { try $0.x[$0.positions(1)] }
        add("slice", "x[start..<end]") {
            let (x, axis) = try ($0.x, $0.int(1, "dim", 0))
            let part = try TensorIndex.slice(
                start: $0.intIfAny(2, "start"), end: $0.intIfAny(3, "end"), step: $0.int(4, "step", 1))
            return x[[TensorIndex](repeating: .all, count: axis) + [part]]
        }
        add("select_scatter", "x[index] = source") {
            let (axis, index) = try ($0.int(2, "dim"), $0.int(3, "index"))
            var x = try $0.x
            let place = axis < 0 ? axis + x.rank : axis
            x[[TensorIndex](repeating: .all, count: place) + [.index(index)]] = try $0.tensor(1, "src")
            return x
        }
        add("take", "x.take(indices)") { try $0.x.take($0.tensor(1, "index")) }
        add("take_along_dim", "x.takeAlong(axis: axis, indices: indices)") {
            try $0.x.takeAlong(axis: $0.intIfAny(2, "dim"), indices: $0.tensor(1, "indices"))
        }
        add("masked_select", "x.maskedSelect(mask)") { try $0.x.maskedSelect($0.tensor(1, "mask")) }
        add("masked_scatter", "x.maskedScatter(mask, source)") {
            try $0.x.maskedScatter($0.tensor(1, "mask"), $0.tensor(2, "source"))
        }
        addAny("nonzero", "x.nonZeroIndices()") {
            let x = try $0.x
            guard try $0.bool(nil, "as_tuple", false) else { return .tensor(x.nonZeroIndices()) }
            return .tensors((x.rank == 0 ? x.reshaped([1]) : x).nonZeroIndices().unstacked(axis: 1))
        }
        add("nn.functional.one_hot", "labels.oneHot(classes: count)") {
            let classes = try $0.int(1, "num_classes", -1)
            return try $0.x.oneHot(classes: classes < 0 ? nil : classes)
        }
        addSorting()
        addEmbeddings()
        note(
            "returns a new tensor; there is no in-place form", "scatter", "scatter_add", "index_add", "index_copy",
            "index_fill", "index_put", "masked_scatter")
        note("numbers, ranges, masks and index tensors", "__getitem__")
        note("on a variable: x gets a new value, other copies are unchanged", "select_scatter")
    }

    private mutating func addSorting() {
        addList("sort", "x.sorted(axis: axis, descending: descending)") {
            let result = try $0.x.sorted(axis: $0.int(1, "dim", -1), descending: $0.descending())
            return [result.values, result.indices]
        }
        add("argsort", "x.argSorted(axis: axis, descending: descending)") {
            try $0.x.argSorted(axis: $0.int(1, "dim", -1), descending: $0.descending())
        }
        add("msort", "x.sorted(axis: 0).values") { $0.sorted(axis: 0).values }
        addList("topk", "x.topK(count, axis: axis, largest: largest)") {
            _ = try $0.bool(4, "sorted", true)
            let result = try $0.x.topK($0.int(1, "k"), axis: $0.int(2, "dim", -1), largest: $0.bool(3, "largest", true))
            return [result.values, result.indices]
        }
        addList("kthvalue", "x.kthValue(number, axis: axis, keepsAxis: keeps)") {
            let result = try $0.x.kthValue($0.int(1, "k"), axis: $0.int(2, "dim", -1), keepsAxis: $0.keepsAxes(3))
            return [result.values, result.indices]
        }
        add("searchsorted", "sorted.searchSorted(values, after: isRight)") {
            var row = try $0.x
            if let order = try $0.tensorIfAny(nil, "sorter") { row = row.gather(axis: -1, indices: order) }
            let side = try $0.stringIfAny(nil, "side")
            let isAfter = try $0.bool(nil, "right", false) || side == "right"
            let places = try row.searchSorted($0.y, after: isAfter)
            return try $0.bool(nil, "out_int32", false) ? places.to(.int32) : places
        }
        add("bucketize", "boundaries.searchSorted(x, after: isRight)") {
            let places = try $0.tensor(1, "boundaries").searchSorted($0.x, after: $0.bool(nil, "right", false))
            return try $0.bool(nil, "out_int32", false) ? places.to(.int32) : places
        }
        addAny("unique", "x.unique()") {
            _ = try $0.bool(nil, "sorted", true)
            let axis = try $0.intIfAny(nil, "dim")
            let x = try $0.x
            let result = axis.map { x.unique(axis: $0) } ?? x.unique()
            var parts = [result.values]
            if try $0.bool(nil, "return_inverse", false) { parts.append(result.inverse) }
            if try $0.bool(nil, "return_counts", false) { parts.append(result.counts) }
            return parts.count == 1 ? .tensor(parts[0]) : .tensors(parts)
        }
    }

    private mutating func addEmbeddings() {
        tolerance = .accumulated
        add("nn.functional.embedding", "table.embedding(indices, padding: index)") {
            // The samples give the table first.
            try $0.x.embedding($0.y, padding: $0.intIfAny(2, "padding_idx"))
        }
        add("nn.functional.embedding_bag", "table.embeddingBag(indices, offsets: offsets, mode: .mean)") {
            try $0.x.embeddingBag(
                $0.y, offsets: $0.tensorIfAny(2, "offsets"), mode: BagMode(rawValue: $0.string(nil, "mode", "mean"))!,
                weights: $0.tensorIfAny(nil, "per_sample_weights"), padding: $0.intIfAny(nil, "padding_idx"),
                includesEnd: $0.bool(nil, "include_last_offset", false), isSparse: $0.bool(nil, "sparse", false))
        }
        tolerance = .elementwise
    }
}

extension Arguments {
    fileprivate func descending() throws -> Bool {
        // Every sort here is stable.
        _ = try bool(nil, "stable", true)
        return try bool(2, "descending", false)
    }

    /// The positions of a subscript: one, or a list of them.
    fileprivate func positions(_ position: Int) throws -> [TensorIndex] {
        guard let value = value(position, "index") else { return [] }
        guard case .list(let items) = value else { return [try Arguments.index(value)] }
        // A list of only numbers is one index of several rows.
        let isOne = !items.isEmpty && items.allSatisfy { if case .integer = $0 { true } else { false } }
        return isOne ? [try Arguments.index(value)] : try items.map(Arguments.index)
    }

    private static func index(_ value: Value) throws -> TensorIndex {
        switch value {
        case .integer(let index): return .index(index)
        case .slice(let start, let end, let step): return .slice(start: start, end: end, step: step ?? 1)
        case .ellipsis: return .wholeAxes
        case .none: return .lengthOne
        case .tensor(let tensor): return .elements(tensor)
        case .list(let items):
            let numbers = try items.map { item -> Int in
                guard case .integer(let number) = item else { throw Failure("unknown index \(value)") }
                return number
            }
            return .elements(Tensor(numbers))
        default: throw Failure("unknown index \(value)")
        }
    }
}
