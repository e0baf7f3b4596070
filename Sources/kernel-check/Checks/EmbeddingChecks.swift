import CressetBackend

extension Family {
    static let embedding = Family(name: "embedding") { bench in
        for dtype in [DType.float32, .float64] {
            for mode in [BagMode.sum, .mean, .max] {
                for features in [1, 3, 8, 33] {
                    for padding in [nil, 2] {
                        bench.checkBags(dtype, mode, features: features, padding: padding, sizes: [3, 0, 7, 1, 12, 0])
                    }
                }
            }
            bench.checkBags(dtype, .sum, features: 4, padding: nil, sizes: [])
            bench.checkBags(dtype, .sum, features: 4, padding: nil, sizes: [0, 0])
            bench.checkBags(dtype, .mean, features: 0, padding: nil, sizes: [2, 3])
            // Many indices into few rows, and more than a block sorts.
            bench.checkBags(dtype, .mean, features: 8, padding: 2, sizes: [400, 1, 0, 300], rows: 3)
            bench.checkBags(dtype, .sum, features: 4, padding: nil, sizes: [2000, 2500, 30], rows: 700)
            bench.checkBags(dtype, .max, features: 2, padding: nil, sizes: [Int](repeating: 2, count: 4200), rows: 70)
        }
    }
}

extension Bench {
    /// Some indices before the first bag and after the last belong to none.
    fileprivate func checkBags(
        _ dtype: DType, _ mode: BagMode, features: Int, padding: Int?, sizes: [Int], rows: Int = 11
    ) {
        let (before, after) = (2, 3)
        var starts = [before]
        for size in sizes { starts.append(starts.last! + size) }
        let numbers = pair(.int64, [starts.last! + after]) { _ in Double(integer(0..<rows)) }
        let begin = pair(.int64, [starts.count]) { Double(starts[$0]) }
        let table = pair(dtype, [rows, features]) { $0 == 5 ? .nan : Double(integer(-8..<8)) / 4 }
        for isWeighted in mode == .sum ? [false, true] : [false] {
            let weights = isWeighted ? random(dtype, numbers.cpu.shape) : nil
            let name = "embeddingBag \(mode) \(sizes.count) of \(features), padding \(padding ?? -1)"
            func bags(_ side: KeyPath<Pair, Operand>) -> EmbeddingBags {
                EmbeddingBags(
                    numbers: numbers[keyPath: side], starts: begin[keyPath: side], weights: weights?[keyPath: side],
                    padding: padding, mode: mode)
            }
            let shape: Shape = [sizes.count, features]
            let (out, places) = (result(dtype, shape), mode == .max ? result(.int64, shape) : nil)
            cpu.embeddingBag(table.cpu, bags: bags(\.cpu), places: places?.cpu, into: out.cpu)
            gpu.embeddingBag(table.gpu, bags: bags(\.gpu), places: places?.gpu, into: out.gpu)
            compare(name, out)
            if let places { compare("\(name), places", places) }
            let gradient = random(dtype, shape)
            let of = result(dtype, table.cpu.shape)
            cpu.embeddingBagGradient(gradient.cpu, bags: bags(\.cpu), places: places?.cpu, into: of.cpu)
            gpu.embeddingBagGradient(gradient.gpu, bags: bags(\.gpu), places: places?.gpu, into: of.gpu)
            compare(
                "\(name), gradient", of, relative: dtype == .float32 ? 1e-4 : nil,
                absolute: dtype == .float32 ? 1e-4 : nil)
        }
    }
}
