import CressetTrain

extension RunReport {
    /// What the probabilities are worth.
    var calibrationSection: HTML {
        guard let evaluation, let error = evaluation.calibration.expectedError else { return "" }
        let rows = ConfidenceThreshold.usualThresholds.map { threshold -> HTML in
            let kept = evaluation.believing(from: threshold), interval = kept.accuracyInterval
            let right: HTML =
                if let accuracy = kept.accuracy {
                    "<td class=\"n\">\(accuracy.percent)</td><td class=\"n muted\">\(interval.lower.percent) – \(interval.upper.percent)</td>"
                } else {
                    "<td class=\"n muted\">n/a</td><td></td>"
                }
            return """
                <tr><th scope="row" class="n">\((threshold * 100).general(4))\u{A0}%</th>\
                <td class="n">\(kept.keptShare?.percent ?? "n/a")</td>\(right)</tr>

                """
        }
        let leaning = Self.leaning(evaluation.calibration)
        return .section(
            "calibration", "Probabilities",
            """
            <p>On average a probability is \(error.percent) off the share of answers that are right (expected calibration \
            error, \(Calibration.usualBinCount) equal bins)\(leaning).</p>
            <div class="pair"><div>\(ReliabilityChart(evaluation.calibration).drawing)</div>
            <div>\(ConfidenceChart(evaluation.calibration).drawing)</div>
            <div><h3>If only likely answers are believed</h3><div class="scroll"><table><thead><tr>\
            <th scope="col" class="n">from</th><th scope="col" class="n">pictures kept</th>\
            <th scope="col" class="n">of which right</th><th scope="col" class="n">95\u{A0}% interval</th></tr></thead>
            <tbody>\(rows)</tbody></table></div></div></div>

            """)
    }

    /// On which side of the truth the probabilities are, if clearly on one.
    private static func leaning(_ calibration: Calibration) -> String {
        let gap = calibration.bins.reduce(0.0) { sum, bin in
            sum + (bin.meanProbability ?? 0) * Double(bin.count) - Double(bin.correctCount)
        }
        let count = calibration.bins.reduce(0) { $0 + $1.count }
        let mean = gap / Double(max(count, 1))
        return abs(mean) < 0.02 ? "" : mean > 0 ? "; the network is too sure of itself" : "; the network is too modest"
    }
}

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
