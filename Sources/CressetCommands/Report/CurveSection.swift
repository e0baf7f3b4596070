extension RunReport {
    /// The curves of the run: losses, scores and learning rate.
    var charts: [LineChart] {
        let best = record.best.map { Double($0.epoch) }
        func chart(_ title: String, _ figure: String, _ label: @escaping @Sendable (Double) -> String) -> LineChart {
            var chart = LineChart(
                title: title, epochs: thinned(figures.epochs),
                curves: [
                    LineChart.Curve(name: "training", style: "a", values: thinned(figures["train_" + figure])),
                    LineChart.Curve(name: "validation", style: "b", values: thinned(figures["val_" + figure])),
                ].filter { !$0.values.isEmpty }, marked: best)
            chart.label = label
            return chart
        }
        let scores = figures.scores.map { score in
            chart(score.replacing("_", with: " ").capitalizedStart, score) { ($0 * 100).general(4) + "\u{A0}%" }
        }
        let rates = figures["lr"].compactMap { $0 }.filter { $0 > 0 }
        var rate = LineChart(
            title: "Learning rate", epochs: thinned(figures.epochs),
            curves: [LineChart.Curve(name: "at its beginning", style: "c", values: thinned(figures["lr"]))],
            marked: best)
        rate.isLogarithmic = (rates.max() ?? 1) >= 20 * (rates.min() ?? 1)
        return ([chart("Loss", "loss") { $0.fixed(3) }] + scores + [rate]).filter { !$0.isEmpty }
    }

    /// Of very many epochs every few.
    private func thinned<T>(_ values: [T]) -> [T] {
        let step = values.count / 1000 + 1
        return step == 1 ? values : stride(from: 0, to: values.count, by: step).map { values[$0] }
    }

    var curves: HTML {
        let charts = charts
        if charts.isEmpty { return "" }
        let drawings = charts.enumerated().map { $0.element.drawing($0.offset) }
        let mark = record.best.map { "The dashed line is epoch \($0.epoch), the best, whose weights are kept. " } ?? ""
        return .section(
            "curves", "Curves",
            """
            <p class="muted">\(mark)Point at a curve, or focus it and press the arrow keys, for its values.\
            \(frozen)\(augmented)</p>
            <div class="charts">\(drawings)</div>

            """)
    }

    /// When the rest of the network began to be trained.
    private var frozen: String {
        let count = record.options.frozenEpochs ?? 0
        return count == 0 || record.options.freezesBody
            ? "" : " Only the new last layer was trained for the first \(count == 1 ? "epoch" : "\(count) epochs")."
    }

    /// Why training may look worse than validation.
    private var augmented: String {
        record.options.augmentation == .none && record.options.mixUp == 0 && record.options.cutMix == 0
            ? "" : " Training pictures are changed at random, so that they may look harder than those for validation."
    }
}

extension String {
    /// The same with a capital at the start.
    fileprivate var capitalizedStart: String { prefix(1).uppercased() + dropFirst() }
}
