import CressetTrain

extension RunReport {
    /// The curves of the run: losses, scores and learning rate.
    var charts: [LineChart] {
        let epochs = thinned(figures.epochs)
        func chart(_ title: String, _ figure: String, _ label: @escaping @Sendable (Double) -> String) -> LineChart {
            var chart = LineChart(
                title: title, places: epochs,
                curves: [
                    LineChart.Curve(name: "training", style: "a", values: thinned(figures["train_" + figure])),
                    LineChart.Curve(name: "validation", style: "b", values: thinned(figures["val_" + figure])),
                ].filter { !$0.values.isEmpty })
            chart.marks = marks
            chart.up.label = label
            return chart
        }
        let scores = figures.scores.map { score in
            chart(score.replacing("_", with: " ").capitalizedStart, score) { ($0 * 100).general(4) + "\u{A0}%" }
        }
        return ([chart("Loss", "loss") { $0.fixed(3) }] + scores + [rateChart]).filter { !$0.isEmpty }
    }

    /// The learning rate: step by step where it is known to have followed its schedule, otherwise at the beginnings of epochs.
    private var rateChart: LineChart {
        let planned = plannedRates, values = planned?.map(\.rate) ?? figures["lr"].compactMap { $0 }
        var chart: LineChart
        if let planned {
            chart = LineChart(
                title: "Learning rate", places: planned.map(\.epochs),
                curves: [LineChart.Curve(name: "learning rate", style: "c", values: values)])
            // Epochs are counted from 0 here: a rate belongs to the steps after that many.
            chart.across = LineChart.Axis(name: "epochs") { $0.general(4) }
            chart.words = values.max().map { "at most \($0.general(3)), \((values.last ?? 0).general(3)) in the end" }
            chart.marks = marks.filter { $0.style == "best" } + thaw(at: Double(frozenEpochs))
        } else {
            chart = LineChart(
                title: "Learning rate", places: thinned(figures.epochs),
                curves: [LineChart.Curve(name: "at its beginning", style: "c", values: thinned(figures["lr"]))])
            chart.marks = marks
        }
        let positive = values.filter { $0 > 0 }
        chart.up.isLogarithmic = (positive.max() ?? 1) >= 20 * (positive.min() ?? 1)
        return chart
    }

    /// The planned learning rates of the epochs that the run has had; nil if it did not follow the plan.
    private var plannedRates: [(epochs: Double, rate: Double)]? {
        let rates = figures["lr"]
        let planned = record.options.plannedRates(
            pictures: record.data.trainCount, points: max(min(16, 1000 / max(rates.count, 1)), 1)
        ).filter { $0.epochs < Double(rates.count) }
        let beginnings = planned.filter { $0.epochs == $0.epochs.rounded() }
        let isFollowed =
            beginnings.count == rates.count && figures.epochs == rates.indices.map { Double($0 + 1) }
            && zip(beginnings, rates).allSatisfy { abs($0.rate - ($1 ?? .nan)) <= 1e-6 * $0.rate }
        return isFollowed ? planned : nil
    }

    /// The best epoch, and the beginning of the epochs in which all layers were trained.
    private var marks: [LineChart.Mark] {
        (record.best.map { [LineChart.Mark(place: Double($0.epoch))] } ?? []) + thaw(at: Double(frozenEpochs) + 0.5)
    }

    private func thaw(at place: Double) -> [LineChart.Mark] {
        frozenEpochs == 0 ? [] : [LineChart.Mark(place: place, style: "thaw")]
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

    /// In how many epochs only the new last layer was trained, if not in all of them.
    private var frozenEpochs: Int { record.options.freezesBody ? 0 : record.options.frozenEpochs ?? 0 }

    /// When the rest of the network began to be trained.
    private var frozen: String {
        frozenEpochs == 0
            ? ""
            : " Only the new last layer was trained for the first "
                + (frozenEpochs == 1 ? "epoch" : "\(frozenEpochs) epochs") + ", up to the dotted line."
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
