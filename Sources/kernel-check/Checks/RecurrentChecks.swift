import CressetBackend

extension Family {
    static let recurrent = Family(name: "recurrent") { bench in
        for kind in [RecurrentKind.tanh, .relu, .gated, .longShortTerm] {
            for isReversed in [false, true] {
                RecurrentCheck(bench, kind, steps: 5, batch: 3, length: 16, isReversed: isReversed).run()
                RecurrentCheck(bench, kind, steps: 3, batch: 9, length: 48, isReversed: isReversed).run()
            }
            RecurrentCheck(bench, kind, steps: 1, batch: 1, length: 16, padding: 1).run()
            RecurrentCheck(bench, kind, steps: 2, batch: 2, length: 32, hasBias: false).run()
            RecurrentCheck(bench, kind, steps: 0, batch: 2, length: 16).run()
            RecurrentCheck(bench, kind, steps: 2, batch: 0, length: 16).run()
        }
    }
}

/// A layer, forward and backward, on both devices.
private struct RecurrentCheck {
    let bench: Bench
    let kind: RecurrentKind
    let shape: Shape
    let isReversed: Bool
    let padding: Int
    let weight, hidden, projected: Pair
    let bias, cell: Pair?

    init(
        _ bench: Bench, _ kind: RecurrentKind, steps: Int, batch: Int, length: Int, isReversed: Bool = false,
        hasBias: Bool = true, padding: Int = 0
    ) {
        (self.bench, self.kind, self.isReversed, self.padding) = (bench, kind, isReversed, padding)
        shape = [steps, batch, length]
        let width = kind.gates * length
        func random(_ shape: Shape, _ range: Double) -> Pair {
            bench.random(.float32, shape, padding: padding, range: range)
        }
        weight = random([width, length], 0.3)
        hidden = random([batch, length], 1)
        projected = random([steps, batch, width], 2)
        bias = kind == .gated && hasBias ? random([width], 1) : nil
        cell = kind == .longShortTerm ? random([batch, length], 1) : nil
    }

    func run() {
        let name = "recurrent \(kind) \(isReversed ? "reversed" : "")"
        func result(_ shape: Shape) -> Pair { bench.result(.float32, shape, padding: padding) }
        let gateShape: Shape = [shape[0], shape[1], 4 * shape[2]]
        let gates = kind.gates > 1 ? result(gateShape) : nil
        let cells = kind == .longShortTerm ? result(shape) : nil
        let (out, bare) = (result(shape), result(shape))
        bench.cpu.recurrent(
            projected.cpu, layer: layer(\.cpu), gates: gates?.cpu, cells: cells?.cpu, into: out.cpu)
        bench.gpu.recurrent(
            projected.gpu, layer: layer(\.gpu), gates: gates?.gpu, cells: cells?.gpu, into: out.gpu)
        bench.compare(name, out)
        if let gates { bench.compare("\(name) gates", gates) }
        if let cells { bench.compare("\(name) cells", cells) }
        bench.cpu.recurrent(projected.cpu, layer: layer(\.cpu), gates: nil, cells: cells?.cpu, into: bare.cpu)
        bench.gpu.recurrent(projected.gpu, layer: layer(\.gpu), gates: nil, cells: cells?.gpu, into: bare.gpu)
        bench.compare("\(name) without gates", bare)
        gradient(name, out, gates, cells)
    }

    private func gradient(_ name: String, _ out: Pair, _ gates: Pair?, _ cells: Pair?) {
        let gradient = bench.random(.float32, shape, padding: padding)
        let hiddenGradient = bench.random(.float32, hidden.cpu.shape, padding: padding)
        let cellGradient = cell.map { bench.random(.float32, $0.cpu.shape, padding: padding) }
        let projectedGradient = bench.result(.float32, projected.cpu.shape, padding: padding)
        let recurrent =
            kind == .gated ? bench.result(.float32, projected.cpu.shape, padding: padding) : projectedGradient
        bench.cpu.recurrentGradient(
            gradient.cpu, layer: layer(\.cpu), states: out.cpu, gates: gates?.cpu, cells: cells?.cpu,
            hidden: hiddenGradient.cpu, cell: cellGradient?.cpu, into: projectedGradient.cpu, recurrent: recurrent.cpu)
        bench.gpu.recurrentGradient(
            gradient.gpu, layer: layer(\.gpu), states: out.gpu, gates: gates?.gpu, cells: cells?.gpu,
            hidden: hiddenGradient.gpu, cell: cellGradient?.gpu, into: projectedGradient.gpu, recurrent: recurrent.gpu)
        bench.compare("\(name) gradient of the input", projectedGradient, absolute: 1e-4)
        bench.compare("\(name) gradient of the product", recurrent, absolute: 1e-4)
        bench.compare("\(name) gradient of the state", hiddenGradient, absolute: 1e-4)
        if let cellGradient { bench.compare("\(name) gradient of the cell", cellGradient, absolute: 1e-4) }
    }

    private func layer(_ side: (Pair) -> Operand) -> RecurrentOperands {
        RecurrentOperands(
            kind: kind, weight: side(weight), bias: bias.map(side), hidden: side(hidden), cell: cell.map(side),
            isReversed: isReversed)
    }
}
