import CressetTrain

extension RunReport {
    /// What came of the run, in words.
    var verdict: HTML {
        guard let evaluation, !evaluation.pictures.isEmpty else { return unjudged }
        return .section(
            "verdict", "Verdict",
            """
            <div class="verdict"><p class="score"><strong>\(evaluation.accuracy.percent)</strong> correct</p>
            <div class="words"><p>\(sentence(evaluation))</p>\(gauge(evaluation))\(remarks)</div></div>
            \(suggestionList)
            """)
    }

    /// The verdict on a run that was not judged for this page.
    private var unjudged: HTML {
        let best: HTML =
            if let best = record.best {
                """
                <div class="verdict"><p class="score"><strong>\(best.validationAccuracy.percent)</strong> correct</p>
                <div class="words"><p>Of \((best.validationCount ?? record.data.validationCount).counted("validation picture")) after epoch \
                \(best.epoch), which was the best; the loss was \(best.validationLoss.fixed(4)).</p>\(remarks)</div></div>
                """
            } else {
                "<p>The run ended before its first epoch was complete.</p>\(remarks)"
            }
        return .section("verdict", "Verdict", "\(best)\(suggestionList)")
    }

    private func sentence(_ evaluation: Evaluation) -> HTML {
        let interval = evaluation.accuracyInterval, count = evaluation.pictures.count
        var text: HTML = """
            \(evaluation.confusion.correctCount) of \(count.counted("picture"))\
            \(isHeldOut ? " that the network was not trained on" : "") \
            \(count == 1 ? "is" : "are") classified correctly; on others like these it is between \
            \(interval.lower.percent) and \(interval.upper.percent) (95\u{A0}% confidence interval by Wilson's formula).
            """
        if let largest = evaluation.confusion.largestClass {
            text = """
                \(text) Always guessing <b class="name">\(evaluation.classes[largest])</b>, the class with the most \
                pictures, would give \(evaluation.baselineAccuracy.percent).
                """
        }
        if let balanced = evaluation.balancedAccuracy, abs(balanced - evaluation.accuracy) >= 0.005 {
            text = "\(text) If each class counts the same, \(balanced.percent) are right."
        }
        return text
    }

    /// Interval, accuracy and baseline on one line from 0 to 100 %.
    private func gauge(_ evaluation: Evaluation) -> HTML {
        let interval = evaluation.accuracyInterval
        func place(_ share: Double) -> String { (share * 100).fixed(2) }
        return """
            <div class="gauge" role="img" aria-label="Accuracy \(evaluation.accuracy.percent), interval \
            \(interval.lower.percent) to \(interval.upper.percent), baseline \(evaluation.baselineAccuracy.percent)">\
            <i class="band" style="left:\(place(interval.lower))%;width:\(place(interval.upper - interval.lower))%"></i>\
            <i class="base" style="left:\(place(evaluation.baselineAccuracy))%"></i>\
            <i class="point" style="left:\(place(evaluation.accuracy))%"></i></div>
            <p class="scale" aria-hidden="true"><span>0\u{A0}%</span><span class="keys"><span><i class="key base"></i>largest class</span> \
            <span><i class="key band"></i>interval</span> <span><i class="key point"></i>accuracy</span></span><span>100\u{A0}%</span></p>

            """
    }

    /// What must be known to read the figures rightly.
    private var remarks: HTML {
        var lines = notes
        switch record.state {
        case .running: lines.insert("The run is not complete: it is under way, or was ended from outside.", at: 0)
        case .interrupted: lines.insert("The run was interrupted; cresset resume goes on with it.", at: 0)
        case .failed: lines.insert("The run failed; what was good until then is kept.", at: 0)
        case .finished: break
        }
        return lines.isEmpty ? "" : "<ul class=\"remarks\">\(lines.map { "<li>\($0)</li>" as HTML })</ul>\n"
    }

    /// A text whose options are not broken at the end of a line.
    private static func withOptions(_ text: String) -> HTML {
        let words = text.split(separator: " ").map { word -> HTML in
            word.hasPrefix("--") ? "<code class=\"option\">\(String(word))</code> " : "\(String(word)) "
        }
        return "\(words)"
    }

    private var suggestionList: HTML {
        let all = suggestions
        if all.isEmpty { return "<p class=\"muted\">No rule has anything to suggest.</p>\n" }
        let items = all.map { suggestion -> HTML in
            """
            <li><p><b>\(suggestion.finding)</b> \(Self.withOptions(suggestion.advice))</p><code class="rule">\(suggestion.rule)</code></li>

            """
        }
        return "<h3>What stands out</h3>\n<ul class=\"suggestions\">\n\(items)</ul>\n"
    }
}
