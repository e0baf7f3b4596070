import Cresset
import CressetCommands
import CressetTrain
import Testing

@Suite struct IntegerEvaluationTests {
    private let folder = TemporaryFolder()

    /// A run is evaluated twice, and both the text and the record say what integers cost.
    @Test func whatIntegersCostIsSaid() throws {
        try folder.drawPictures(train: 4, validation: 5)
        var options = TrainingOptions()
        (options.epochs, options.batchSize, options.imageSize, options.weights) = (1, 4, 32, "none")
        let plan = try TrainingPlan(
            data: folder.path + "/data", model: "mobilenet_v3_small", options: options, device: .cpu)
        try plan.makeRun(in: folder.path + "/run").train()
        var evaluating = EvaluationRun.Options()
        // The last batch is a shorter one.
        (evaluating.usesIntegers, evaluating.batchSize) = (true, 4)
        let run = try EvaluationRun(
            RunFolder(path: folder.path + "/run"), data: folder.path + "/data", options: evaluating, device: .cpu,
            progress: Lines().terminal)
        let integers = try #require(run.integers)
        let losses = (run.evaluation.loss, integers.evaluation.loss)
        #expect(losses.0 != losses.1 && abs(losses.0 - losses.1) < 0.2 * losses.0, "\(losses)")
        let text = EvaluationReport(run).lines.joined(separator: "\n")
        #expect(text.contains("\nint8 ") && text.contains("the same class for "), "\(text)")
        #expect(try Results.json(EvaluationRecord(run)).contains("\"agreement\""))
    }
}

@Suite struct BenchmarkPageTests {
    @Test func figuresStandBesideTheirBounds() throws {
        var page = BenchmarkPage(Roofline(rates: [.float32: 1e9], bandwidth: 2e9))
        try Benchmark(only: "dispatch_add", repeats: 3) { page.add($0) }.run()
        page.add(
            Measurement(
                name: "step_x", variant: "cresset", value: 2, unit: "ms", spread: 0.25, work: Work(bytes: 1e6)))
        page.add(
            Measurement(
                name: "infer_x", variant: "cresset", value: 100, unit: "img/s", spread: nil,
                work: Work(operations: 5e6)))
        let lines = page.markdown
        #expect(lines.contains { $0.contains("1 in float32") && $0.contains("memory 2.0 GB/s") })
        #expect(lines.contains { $0.hasPrefix("| dispatch_add | cresset | ") && $0.hasSuffix(" % |  |") })
        // A million bytes take half a millisecond; five million operations half of a picture's hundredth of a second.
        #expect(lines.contains("| step_x | cresset | 2 | ms | 25 % | 25 % |"))
        #expect(lines.contains("| infer_x | cresset | 100 | img/s |  | 50 % |"))
    }
}
