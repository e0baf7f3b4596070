import Cresset
import CressetCommands
import CressetOptim
import CressetTrain
import CressetVision
import Foundation
import Testing

/// The page about a run, `report.html`.
@Suite struct RunReportTests {
    private static let hostile = "</script><script>alert(\"1\")</script>'&"

    private static func record(
        _ classes: [String], _ change: (inout RunRecord) -> Void = { _ in }
    ) -> RunRecord {
        var record = RunRecord(
            model: RunRecord.Model(name: "resnet18", classCount: classes.count), classes: classes,
            preprocessing: Preprocessing(cropSize: 32, resizeSize: 36), options: TrainingOptions().completed(),
            data: RunRecord.Data(
                path: "/data/pets", trainCount: 90, validationCount: 10, skipped: ["a.jpg: <cut off>"]),
            command: ["/usr/bin/cresset", "train", "my pets", "--out", "it's"])
        record.state = .finished
        change(&record)
        return record
    }

    /// Ten pictures of two classes, of which the second one's `wrong` are taken for the first.
    private static func evaluation(_ classes: [String], wrong: Int = 2, likely: Double = 0.9) -> Evaluation {
        let pictures = (0..<10).map { index in
            let label = index < 5 ? 0 : 1, isRight = label == 0 || index >= 5 + wrong
            let own = isRight ? likely : 1 - likely
            var probabilities = Array(repeating: 0.0, count: classes.count)
            probabilities[label] = own
            probabilities[1 - label] = 1 - own
            return EvaluatedPicture(
                path: FilePath("/data/pets/val/\(label)/<\(index)>.jpg"), label: label, probabilities: probabilities,
                loss: -log(own))
        }
        return Evaluation(classes: classes, pictures: pictures, skipped: [])
    }

    private static let figures = """
        epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_second,seconds
        1,0.1,0.9,0.6,0.5,0.8,50.5,2
        2,0.1,0.5,0.8,0.4,0.9,60.5,2
        3,0.001,0.3,0.9,0.5,0.8,70.5,2
        4,0.001,0.1,1.0,0.7,0.8,80.5,2
        5,0.0
        """

    private static func report(
        _ evaluation: Evaluation?, of classes: [String] = ["cat", "dog"], figures: String = figures,
        _ change: (inout RunRecord) -> Void = { _ in }
    ) -> RunReport {
        var report = RunReport(name: "train-1", record: record(classes, change), figures: figures)
        if let evaluation { report.add(evaluation, of: "/data/pets/val") }
        return report
    }

    @Test func saysWhatCameOfTheRun() {
        let html = Self.report(Self.evaluation(["cat", "dog"])) {
            $0.best = .init(epoch: 2, validationAccuracy: 0.9, validationLoss: 0.4)
        }.html
        let interval = WilsonInterval(8, of: 10)
        for text in [
            "<strong>80.0\u{A0}%</strong> correct", "8 of 10 pictures that the network was not trained on",
            (interval.lower * 100).fixed(1) + "\u{A0}%", "Always guessing <b class=\"name\">cat</b>",
            "Overfitting from epoch 3: the validation loss rises from 0.400 to 0.700",
            "2 of 2 mistakes take dog for cat.", ">probably-mislabelled</code>", "1 file was skipped",
            "a.jpg: &lt;cut off&gt;", "cresset train &#39;my pets&#39; --out &#39;it&#39;\\&#39;&#39;s&#39;",
            "70.5 pictures per second (median of 4 epochs; 50.5 to 80.5)", "data-cell=\"1,0\"",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        // The row that was cut off is no epoch.
        #expect(html.contains("2 classes · 4 epochs"))
    }

    /// Names are text wherever they stand: no markup, no end of a script.
    @Test func hostileNamesAreText() throws {
        let classes = [Self.hostile, "b\" onmouseover=\"alert(1)\u{202E}"]
        let html = Self.report(Self.evaluation(classes), of: classes) { $0.data.warnings = [Self.hostile] }.html
        #expect(!html.contains("<script>alert") && !html.contains("\u{202E}"))
        #expect(html.components(separatedBy: "</script>").count == 3)
        #expect(html.contains("&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;"))
        let start = try #require(html.range(of: "id=\"report-data\">")).upperBound
        #expect(!html[..<start].contains("\" onmouseover"))
        let data = html[start...].prefix { $0 != "<" }
        struct Island: Decodable {
            struct Cell: Decodable {
                let label: String
                let answer: String
                let count: Int
            }
            let cells: [String: Cell]
        }
        let island = try JSONDecoder().decode(Island.self, from: Data(data.utf8))
        #expect(island.cells["1,0"]?.answer == Self.hostile)
        #expect(island.cells["1,0"]?.label == "b\" onmouseover=\"alert(1)\\u{202e}")
        #expect(island.cells.mapValues(\.count) == ["0,0": 5, "1,1": 3, "1,0": 2])
    }

    /// Nothing is asked for from anywhere, and no other script may run.
    @Test func pageIsCompleteInItself() throws {
        let html = Self.report(Self.evaluation(["cat", "dog"])).html
        #expect(!html.contains("http:") && !html.contains("https:") && !html.contains("@import"))
        #expect(
            html.contains(
                "default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-")
        )
        for section in [
            "verdict", "curves", "classes", "thresholds", "confusion", "labels", "data", "speed", "model", "recipe",
            "calibration",
        ] {
            #expect(html.contains("<section id=\"\(section)\"") && html.contains("href=\"#\(section)\""), "\(section)")
        }
    }

    @Test func rulesHaveTheirConditions() {
        func rules(_ report: RunReport) -> [String] {
            report.html.matches(of: /<code class="rule">([a-z-]+)<\/code>/).map { String($0.1) }
        }
        let quiet = rules(Self.report(Self.evaluation(["cat", "dog"], wrong: 0), figures: ""))
        #expect(quiet == ["few-validation-pictures", "skipped-files"])
        #expect(rules(Self.report(Self.evaluation(["cat", "dog"], wrong: 5))).contains("no-better-than-guessing"))
        // At 0.7 a wrong answer is no reason to suspect the label.
        let unsure = rules(Self.report(Self.evaluation(["cat", "dog"], likely: 0.7)))
        #expect(unsure.contains("main-confusion") && !unsure.contains("probably-mislabelled"))
        let rising =
            "epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy\n1,1,1,0.5,0.9,0.5\n2,1,0.8,0.6,0.6,0.8\n"
        let improving = Self.report(nil, figures: rising) {
            $0.best = .init(epoch: 2, validationAccuracy: 0.8, validationLoss: 0.6)
        }
        #expect(rules(improving).contains("still-improving"))
    }

    @Test func aSearchForTheRateIsDrawn() throws {
        let rows = (0..<40).map { step -> String in
            let rate = 1e-5 * pow(1.4, Double(step)),
                loss = step < 30 ? 3 - 0.05 * Double(step) : 1.5 + Double(step - 29)
            return "\(rate),\(loss),\(loss)"
        }
        let curve = try #require(
            LearningRateCurve(csv: (["learning_rate,loss,smoothed_loss"] + rows).joined(separator: "\n")))
        #expect(curve.points.count == 40 && LearningRateCurve(csv: curve.csv)?.points == curve.points)
        #expect(LearningRateCurve(csv: "a,b,c\n1,2,3") == nil && LearningRateCurve(csv: "") == nil)
        var record = Self.record(["cat", "dog"])
        record.rateSearch = RateSearch(curve)
        record.options.learningRate = 0.0012
        let report = RunReport(name: "train-1", record: record, figures: Self.figures, rates: curve.csv)
        let html = report.html
        let suggestion = try #require(curve.suggestion)
        for text in [
            "<section id=\"search\"", "40 rates from 1e-05 to", "used as 0.0012",
            "suggestion \(suggestion.general(2))</text>",
            "valley", "the smoothed loss begins at 3.000 and is least, 1.550",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        // The table may be gone, or be something else.
        for rates in ["", "learning_rate,loss,smoothed_loss\n-1,nan,x"] {
            let bare = RunReport(name: "train-1", record: record, rates: rates).html
            #expect(bare.contains("<section id=\"search\"") && !bare.contains("suggestion 0.0"))
        }
        #expect(!Self.report(nil).html.contains("id=\"search\""))
    }

    @Test func fewClassesHaveCurvesOfTheirOwnAndManyTheirMean() {
        let two = Self.report(Self.evaluation(["cat", "dog\u{1b}"])).html
        // Two of five dogs are as likely to be cats as all cats are: 15 of 25 pairs are in order, 10 are tied.
        #expect(two.contains("<span class=\"key a\"></span>cat 0.800") && two.contains("dog\\u{1b} 0.800"))
        #expect(two.contains("recall over the share of other pictures taken for the class"))
        #expect(two.contains("0 of 10 answers above 93.3") && two.contains("10 pictures, 2 of them wrong"))
        let classes = (0..<5).map { "class \($0)" }
        let many = Self.report(Self.evaluation(classes), of: classes).html
        #expect(many.contains("worst: class 0 0.800") && many.contains("mean of classes"))
        let perfect = Self.report(Self.evaluation(["cat", "dog"], wrong: 0)).html
        #expect(perfect.contains("cat 1.000") && perfect.contains("10 pictures, 0 of them wrong"))
    }

    /// Within epochs the curve is that of the schedule, if the figures agree with it.
    @Test func theScheduleIsDrawnStepByStep() {
        var options = TrainingOptions()
        (options.weights, options.epochs, options.batchSize, options.learningRate) = ("none", 4, 8, 0.1)
        (options.scheduler, options.warmupEpochs) = (.cosine, 1)
        let planned = options.plannedRates(pictures: 90, points: 3)
        // 12 steps an epoch; CosineAnnealingLR of PyTorch 2.15 over 36 of them after a linear warm-up from a tenth.
        let steps: [Int] = planned.prefix(4).map { Int(($0.epochs * 12).rounded()) }
        #expect(steps == [0, 4, 8, 12])
        let expected: [Double] = [0.01, 0.04, 0.07, 0.1, 0.0969846310392954, 0.0883022221559489]
        let rates: [Double] = planned.prefix(6).map(\.rate)
        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(rates)")
        #expect(planned.count == 12)
        let lines = (0..<4).map { epoch -> String in "\(epoch + 1),\(planned[3 * epoch].rate),1,0.5,1,0.5" }
        let head = "epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy\n"
        func page(_ lines: [String]) -> String {
            Self.report(nil, figures: head + lines.joined(separator: "\n")) {
                ($0.options, $0.data.trainCount) = (options.completed(), 90)
            }.html
        }
        #expect(page(lines).contains("at most 0.1, ") && !page(lines).contains("at its beginning"))
        #expect(page(["1,0.3,1,0.5,1,0.5"]).contains("at its beginning"))
        (options.batchSize, options.epochs) = (0, -1)
        #expect(options.plannedRates(pictures: 90).isEmpty)
    }

    /// A number that is read from a file is a claim.
    @Test func numbersThatCannotBeAreNotDrawn() {
        let head = "epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_second,seconds\n"
        for epoch in ["nan", "1e30", "-1", "0", "1.5", "inf", "-inf", "1e10", "", "x"] {
            let html = Self.report(nil, figures: head + "\(epoch),0.1,0.9,0.6,0.5,0.8,50.5,2\n").html
            #expect(!html.contains("1 epoch"), "\(epoch)")
        }
        for value in ["nan", "1e308", "-1e300", "inf", "-inf", "1e400"] {
            let rows = (1...3).map { "\($0),\(value),\(value),\(value),\(value),\(value),\(value),\(value)\n" }
            let html = Self.report(nil, figures: head + rows.joined()).html
            #expect(html.contains("3 epochs") && !html.contains("training speed"), "\(value)")
        }
        let head1 = (0..<2000).map { "val_\($0)" }.joined(separator: ",")
        #expect(!Self.report(nil, figures: head1 + "\n" + head1).html.contains("id=\"curves\""))
        for row in ["1e-3,-5,-5", "1e-3,1e300,1e300", "1e-3,nan,1", "-1,1,1", "1e-3,1,inf"] {
            let rates = (["learning_rate,loss,smoothed_loss"] + [row, row]).joined(separator: "\n")
            #expect(LearningRateCurve(csv: rates) == nil, "\(row)")
        }
        let many = "learning_rate,loss,smoothed_loss\n" + String(repeating: "1,1,1\n", count: 10_001)
        #expect(LearningRateCurve(csv: many) == nil)
    }

    @Test func theCommandHasTheEpochsOfTheEnd() {
        func command(_ words: [String], _ epochs: Int) -> Bool {
            let html = Self.report(nil) { ($0.command, $0.options.epochs) = (["cresset"] + words, epochs) }.html
            return html.contains("\">cresset \(words.joined(separator: " "))</pre>")
        }
        #expect(command(["train", "pets"], 10) && command(["train", "pets", "--epochs", "3"], 3))
        #expect(command(["train", "pets", "--epochs=3"], 3) && command(["quest", "--epochs", "3"], 30))
        for (words, expected) in [
            (["train", "pets"], "train pets --epochs 30"), (["train", "--epochs=3", "pets"], "train --epochs=30 pets"),
            (["train", "--epochs", "3", "--", "pets"], "train --epochs 30 -- pets"),
            (["train", "--config", "x.json"], "train --config x.json --epochs 30"),
        ] {
            let html = Self.report(nil) { ($0.command, $0.options.epochs) = (["cresset"] + words, 30) }.html
            #expect(html.contains("\">cresset \(expected)</pre>"), "\(expected)")
        }
    }

    @Test func onlyPicturesThatCouldBeReadAreCounted() {
        let html = Self.report(nil) {
            $0.best = .init(epoch: 2, validationAccuracy: 0.8, validationLoss: 0.4)
            $0.best?.validationCount = 9
        }.html
        #expect(html.contains("Of 9 validation pictures after epoch 2"))
    }

    /// A run without weights, without figures, or with nothing at all still has a page.
    @Test func littleIsEnough() {
        let html = Self.report(nil, figures: "") { $0.state = .interrupted }.html
        #expect(html.contains("The run ended before its first epoch was complete."))
        #expect(html.contains("The run was interrupted"))
        #expect(!html.contains("id=\"curves\"") && !html.contains("id=\"confusion\""))
        #expect(Self.report(nil, figures: "not,a\ntable\n\u{0},,,").html.contains("id=\"recipe\""))
        let empty = Evaluation(classes: ["cat", "dog"], pictures: [], skipped: [])
        #expect(Self.report(empty).html.contains("n/a"))
    }

    /// Of a thousand classes the matrix shows those that are confused, and the page stays small.
    @Test func manyClassesAreShortened() {
        let classes = (0..<1000).map { "class \($0)" }
        let html = Self.report(Self.evaluation(classes), of: classes).html
        #expect(
            html.contains("Of 1000 classes, the 20 that are confused most.") || html.contains("the 2 that are confused")
        )
        #expect(html.contains("id=\"pair-search\""))
        #expect(html.utf8.count < 1_000_000)
    }
}
