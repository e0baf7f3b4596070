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
