import CressetTrain

/// Accuracy over probability, bin by bin: on the diagonal, probabilities are true.
struct ReliabilityChart {
    private let bins: [Calibration.Bin]
    private static let side = 200.0, left = 44.0, top = 10.0

    init(_ calibration: Calibration) { bins = calibration.bins }

    var drawing: HTML {
        let most = Double(bins.map(\.count).max() ?? 1)
        let bars = bins.compactMap { bin -> HTML? in
            guard let accuracy = bin.accuracy, let mean = bin.meanProbability else { return nil }
            let (x, y) = place(bin.lower, accuracy)
            let width = (bin.upper - bin.lower) * Self.side - 1
            // A bin of few pictures says little.
            let weight = 0.25 + 0.75 * (Double(bin.count) / max(most, 1)).squareRoot()
            return """
                <rect class="bin" x="\((x + 0.5).fixed(1))" y="\(y.fixed(1))" width="\(width.fixed(1))" \
                height="\((accuracy * Self.side).fixed(1))" style="opacity:\(weight.fixed(2))"><title>\
                \(bin.count.counted("picture")) found \(mean.percent) likely, \(accuracy.percent) of them right</title></rect>
                """
        }
        let (start, end) = (place(0, 0), place(1, 1))
        return """
            <figure class="chart reliability"><figcaption>Right answers by probability</figcaption>
            <svg viewBox="0 0 \(Int(Self.left + Self.side) + 16) \(Int(Self.top + Self.side) + 38)" role="img" \
            aria-label="Share of right answers for each range of probabilities; the table has the numbers">\(ticks)\(bars)\
            <line class="diagonal" x1="\(start.x.fixed(0))" y1="\(start.y.fixed(0))" x2="\(end.x.fixed(0))" y2="\(end.y.fixed(0))"/>\
            <text x="\((Self.left + Self.side).fixed(0))" y="\((Self.top + Self.side + 34).fixed(0))" text-anchor="end">\
            probability of the answer</text></svg>
            <span class="values">Dashed: probabilities that are true. Pale bars have few pictures.</span></figure>
            """
    }

    private var ticks: [HTML] {
        [0, 0.25, 0.5, 0.75, 1].map { share in
            let (x, y) = place(share, share)
            return """
                <line class="grid" x1="\(Self.left.fixed(0))" y1="\(y.fixed(1))" x2="\((Self.left + Self.side).fixed(0))" \
                y2="\(y.fixed(1))"/><text x="\((Self.left - 6).fixed(0))" y="\((y + 4).fixed(1))" text-anchor="end">\
                \((share * 100).fixed(0))\u{A0}%</text><text x="\(x.fixed(1))" y="\((Self.top + Self.side + 16).fixed(0))" \
                text-anchor="middle">\((share * 100).fixed(0))</text>
                """
        }
    }

    private func place(_ probability: Double, _ accuracy: Double) -> (x: Double, y: Double) {
        (Self.left + probability * Self.side, Self.top + (1 - accuracy) * Self.side)
    }
}
