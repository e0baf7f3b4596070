import Cresset
import CressetCommands
import CressetTrain
import CressetVision
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
        #expect(text.contains("pictures per second on the CPU"), "\(text)")
        #expect(try Results.json(EvaluationRecord(run)).contains("\"agreement\""))
        try otherDevicesGiveTheSame(evaluating, integers.evaluation)
    }

    /// The network is elsewhere; integers are computed on the CPU all the same, and that is said.
    private func otherDevicesGiveTheSame(_ options: EvaluationRun.Options, _ expected: Evaluation) throws {
        let lines = Lines()
        let run = try EvaluationRun(
            RunFolder(path: folder.path + "/run"), data: folder.path + "/data", options: options, device: .guarded,
            progress: lines.terminal)
        #expect(run.device == .guarded && run.integers?.evaluation.pictures == expected.pictures)
        #expect(lines.text.contains("note: integers of 8 bits are computed on the CPU"), "\(lines.text)")
    }

    /// Scales come from all classes, also where the first one has more pictures than are looked at.
    @Test func calibrationLooksAtAllClasses() throws {
        var files: [String: [UInt8]] = [:]
        for (name, count) in [("a", 9), ("b", 2), ("c", 5)] {
            for index in 0..<count {
                files["\(name)/\(index).png"] = try Image(width: 8, height: 8, repeating: UInt8(index)).png()
            }
        }
        try PictureFixtures.write(files, in: folder.path)
        let pictures = try ImageFolder(folder.path, transform: Preprocessing().evaluation)
        func counts(_ drawn: [Int]) -> [Int] {
            (0..<3).map { label in drawn.count { pictures.samples[$0].label == label } }
        }
        let drawn = pictures.drawn(8)
        #expect(counts(drawn) == [3, 2, 3] && Set(drawn).count == 8 && pictures.drawn(8) == drawn)
        #expect(counts(pictures.drawn(2)) == [1, 1, 0] && pictures.drawn(100).sorted() == Array(0..<16))
    }

    @Test func aNetworkThatCannotBePreparedIsNoBug() {
        let failure = Failure(PlanError("it draws random numbers"))
        #expect(failure.kind == .configuration && failure.hint?.contains("bug") == false, "\(failure)")
    }
}
