import Cresset
import CressetTrain

/// The bounds of a machine, measured: nothing that multiplies or moves as much takes less time.
package struct Roofline: Sendable {
    /// Operations per second of large products, by the type that is multiplied.
    private(set) var rates: [Work.Arithmetic: Double] = [:]
    /// Bytes per second of a sum of two large arrays; the line that is written is read first.
    let bandwidth: Double

    /// Bounds that are known.
    package init(rates: [Work.Arithmetic: Double], bandwidth: Double) {
        self.rates = rates
        self.bandwidth = bandwidth
    }

    /// Measures the machine, in a few seconds.
    package init() {
        let (x, y) = (Tensor.ones([1 << 24]), Tensor.ones([1 << 24]))
        bandwidth = 4.0 * 4 * Double(1 << 24) / shortestSeconds { _ = x + y }
        let side = 2048, operations = 2.0 * Double(side * side * side)
        for arithmetic in Work.Arithmetic.allCases {
            switch arithmetic {
            case .float32, .bfloat16:
                let dtype: DType = arithmetic == .float32 ? .float32 : .bfloat16
                let (a, b) = (Tensor.ones([side, side]).to(dtype), Tensor.ones([side, side]).to(dtype))
                rates[arithmetic] = operations / shortestSeconds { _ = a.matmul(b) }
            case .int8:
                guard let product = IntegerProduct(side: side) else { continue }
                rates[arithmetic] = operations / shortestSeconds { product.run() }
            }
        }
    }

    /// The least time for some work, as a share of the time that it took; nil if that is not known.
    func share(of measurement: Measurement) -> Double? {
        guard let work = measurement.work, let seconds = measurement.secondsPerItem else { return nil }
        guard let rate = rates[work.arithmetic] ?? (work.operations == 0 ? 1 : nil) else { return nil }
        return max(work.operations / rate, work.bytes / bandwidth) / seconds
    }
}

/// Figures as a page: the machine, its bounds, and a table.
package struct BenchmarkPage {
    private let threads: Int
    private let roofline: Roofline
    private var measurements: [Measurement] = []

    /// A page without figures.
    ///
    /// - Parameter roofline: The machine's bounds.
    package init(_ roofline: Roofline) {
        self.roofline = roofline
        threads = threadCount
    }

    package mutating func add(_ measurement: Measurement) { measurements.append(measurement) }

    /// The page in Markdown.
    package var markdown: [String] {
        let rates = Work.Arithmetic.allCases.compactMap { arithmetic in
            roofline.rates[arithmetic].map { "\(($0 / 1e9).fixed(0)) in \(arithmetic.rawValue)" }
        }
        let head = [
            "# cresset bench", "",
            "\(Machine.processor), \(threads) threads, \(Machine.vectors.joined(separator: ", ")); \(Machine.system);",
            "Cresset \(cressetVersion), oneDNN \(CPU.libraryVersion), Swift \(Machine.compiler).", "",
            "Measured bounds: \(rates.joined(separator: ", ")) (billions of operations per second, products of 2048 x "
                + "2048), memory \((roofline.bandwidth / 1e9).fixed(1)) GB/s. The last column is the least time that "
                + "operations or bytes take by these bounds, as a share of the time measured; operations are those of the "
                + "direct algorithm, so that Winograd's may exceed 100 %. Spread is the longest repeat less the shortest, "
                + "as a share of the median.", "",
            "| measure | variant | median | unit | spread | of the bound |", "|---|---|---|---|---|---|",
        ]
        return head
            + measurements.map { m in
                let cells = [
                    m.name, m.variant, m.value.general(4), m.unit, percent(m.spread), percent(roofline.share(of: m)),
                ]
                return "| " + cells.joined(separator: " | ") + " |"
            }
    }

    private func percent(_ share: Double?) -> String { share.map { ($0 * 100).fixed(0) + " %" } ?? "" }
}
