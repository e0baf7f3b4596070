import Cresset
import CressetTrain
import CressetVision
import Foundation
import Testing

@Suite struct RunRecordTests {
    private let folder = TemporaryFolder()
    private var run: RunFolder { RunFolder(path: folder.path) }

    private static func record() -> RunRecord {
        var record = RunRecord(
            model: RunRecord.Model(name: "resnet18", classCount: 2), classes: ["Ümläut", "a/b \u{1B}[31m"],
            preprocessing: Preprocessing(cropSize: 32, resizeSize: 40, interpolation: .bicubic),
            options: TrainingOptions(),
            data: RunRecord.Data(path: "data", trainCount: 8, validationCount: 4, skipped: ["x.gif: no picture"]),
            command: ["cresset", "train", "data"], started: Date(timeIntervalSince1970: 1_700_000_000))
        record.best = RunRecord.Best(epoch: 2, validationAccuracy: 0.75, validationLoss: 0.1)
        return record
    }

    @Test func readsBackWhatItWrote() throws {
        let record = Self.record()
        try record.write(to: run)
        let read = try RunRecord(readingFrom: run)
        #expect(read.classes == record.classes)
        #expect(read.model == record.model)
        #expect(read.preprocessing == record.preprocessing)
        #expect(read.options == record.options)
        #expect(read.data == record.data)
        #expect(read.best == record.best)
        #expect(read.started == record.started)
        #expect(read.state == .running)
        #expect(read.version == cressetVersion)
    }

    @Test func aFolderWithoutARecordIsMissing() throws {
        let failure = try #require(throws: Failure.self) { try RunRecord(readingFrom: run) }
        #expect(failure.kind == .inputMissing)
        #expect(failure.description.contains("run.json"))
    }

    @Test(arguments: [
        ("\"classCount\" : 2", "\"classCount\" : 3", "3 classes, but 2 names"),
        ("\"classCount\" : 2", "\"classCount\" : -1", "-1 classes"),
        ("\"classCount\" : 2", "\"classCount\" : 1e99", "not a record"),
        ("\"format\" : 1", "\"format\" : 2", "layout 2 is unknown"),
        ("\"cropSize\" : 32", "\"cropSize\" : 0", "0 pixels"),
        ("\"cropSize\" : 32", "\"cropSize\" : 9000000", "9000000 pixels"),
        ("\"resizeSize\" : 40", "\"resizeSize\" : 65536", "65536"),
        ("\"resizeSize\" : 40", "\"resizeSize\" : -40", "-40"),
        ("a/b \\u001b[31m", "Ümläut", "named twice"),
        ("0.229", "0", "mean and deviation"),
        ("\"trainCount\" : 8", "\"trainCount\" : 9223372036854775807", "data.trainCount is 9223372036854775807"),
        ("\"validationCount\" : 4", "\"validationCount\" : -1", "data.validationCount is -1"),
        ("\"skippedCount\" : 1", "\"skippedCount\" : 9223372036854775807", "data.skippedCount is"),
        (
            "\"epochs\" : 10", "\"epochs\" : 4611686018427387904",
            "options.epochs is 4611686018427387904, where 0 to 1000000000"
        ),
        ("\"epoch\" : 2", "\"epoch\" : -9223372036854775808", "best.epoch is -9223372036854775808"),
        ("\"validationAccuracy\" : 0.75", "\"validationAccuracy\" : 1e300", "best.validationAccuracy is 1e+300"),
        ("\"classes\" : [", "\"klasses\" : [", "classes is missing"),
        ("\"name\" : \"resnet18\"", "\"name\" : 18", "model.name has the wrong type"),
        ("{", "", "not valid JSON"),
    ])
    func aRecordThatCannotBeUsedIsBadData(_ old: String, _ new: String, _ reason: String) throws {
        try Self.record().write(to: run)
        let text = try folder.text("run.json")
        let range = try #require(text.range(of: old))
        _ = folder.file("run.json", Array(text.replacingCharacters(in: range, with: new).utf8))
        let failure = try #require(throws: Failure.self) { try RunRecord(readingFrom: run) }
        #expect(failure.kind == .badData)
        #expect(failure.message.contains(reason), "\(failure.message)")
        #expect(failure.message.contains("run.json"))
    }

    /// What later versions, or people, add to a file.
    @Test func whatIsNotKnownIsKept() throws {
        try Self.record().write(to: run)
        var text = try folder.text("run.json")
        text.replace(
            "\"revision\" : \(RunRecord.revision)",
            with: "\"revision\" : 7, \"split\" : {\"seed\" : 18446744073709551615}")
        text.replace("\"epochs\" : 10", with: "\"epochs\" : 10, \"mixtures\" : [0.25, null, true, \"x\"]")
        text.replace("\"epoch\" : 2", with: "\"epoch\" : 2, \"top5\" : 0.5")
        _ = folder.file("run.json", Array(text.utf8))
        var record = try RunRecord(readingFrom: run)
        #expect(record.revision == 7 && record.options.epochs == 10)
        record.state = .finished
        try record.write(to: run)
        let whole = try #require(
            JSONSerialization.jsonObject(with: folder.bytes("run.json")) as? [String: NSObject])
        #expect(whole["split"] == ["seed": UInt64.max] as NSDictionary)
        #expect((whole["options"] as? [String: NSObject])?["mixtures"] == [0.25, NSNull(), true, "x"] as NSArray)
        #expect((whole["best"] as? [String: NSObject])?["top5"] == 0.5 as NSNumber)
        #expect(whole["state"] == "finished" as NSString && whole["revision"] == 7 as NSNumber)
        let written = try folder.bytes("run.json")
        try RunRecord(readingFrom: run).write(to: run)
        #expect(try folder.bytes("run.json") == written)
    }

    @Test func whatIsNotThereIsAsByDefault() throws {
        _ = folder.file("run.json", Array(#"{"model": {"name": "resnet18"}, "classes": ["a", "b"]}"#.utf8))
        let record = try RunRecord(readingFrom: run)
        #expect(record.model.classCount == 2 && record.preprocessing == Preprocessing())
        #expect(record.options == TrainingOptions() && record.best == nil && record.revision == 0)
        _ = folder.file(
            "run.json", Array(#"{"model": {"name": "a"}, "classes": ["b"], "preprocessing": {"cropSize": 64}}"#.utf8))
        #expect(try RunRecord(readingFrom: run).preprocessing == Preprocessing(cropSize: 64))
    }

    @Test func numbersThatAreUnknownKeepTheirDigits() throws {
        let digits = [
            "123456789012345678901234567890", "9007199254740993", "18446744073709551615", "0.1234567890123456789",
            "-0.001", "5e-324",
        ]
        let fields = digits.enumerated().map { "\"n\($0)\": \($1)" }.joined(separator: ", ")
        let text =
            #"{"model": {"name": "a"}, "classes": ["b"], "#
            + #""options": {"beyond": 1e400, "seed": 18446744073709551615}, "#
        _ = folder.file("run.json", Array((text + fields + "}").utf8))
        let record = try RunRecord(readingFrom: run)
        #expect(record.options.seed == UInt64.max)
        try record.write(to: run)
        let written = try folder.text("run.json")
        for (index, number) in digits.enumerated() { #expect(written.contains("\"n\(index)\" : \(number)")) }
        #expect(written.contains("\"seed\" : 18446744073709551615"))
    }

    @Test func aNewerLayoutIsRefusedWhateverElseItHas() throws {
        _ = folder.file("run.json", Array(#"{"format": 2, "version": "3.1.0", "networks": []}"#.utf8))
        let failure = try #require(throws: Failure.self) { try RunRecord(readingFrom: run) }
        #expect(failure.kind == .badData && failure.message.contains("of a newer version of Cresset 3.1.0"))
        #expect(failure.hint?.contains("use that version, or a later one") == true)
    }

    @Test func cutOffTooLongOrOfAnotherKindIsBadData() throws {
        try Self.record().write(to: run)
        let bytes = Array(try folder.bytes("run.json"))
        for content in [Array(bytes.prefix(bytes.count / 2)), [], bytes + Array(repeating: 0x20, count: 33 << 20)] {
            _ = folder.file("run.json", content)
            #expect(try #require(throws: Failure.self) { try RunRecord(readingFrom: run) }.kind == .badData)
        }
        unlink(folder.path + "/run.json")
        try folder.makeFolder("run.json")
        #expect(throws: Failure.self) { try RunRecord(readingFrom: run) }
    }

    /// What a run writes, prediction reads: many classes, names of the greatest length, files without end.
    @Test func whateverIsWrittenCanBeRead() throws {
        var record = Self.record()
        let hostile = [
            "\u{1B}[2J\n", "\"\\/", "\u{202E}gpj", "<script>", "=cmd()", "\\xff\\xe9", "\u{1F600}", " ", "\u{0}",
        ]
        record.classes =
            hostile.map { String(repeating: $0, count: 60) }
            + (0..<20_000).map { "\($0)" + String(repeating: "é", count: 120) }
        record.model.classCount = record.classes.count
        record.data.addSkipped((0..<45_000).map { "data/train/cat/\($0).txt: not a picture: empty file" })
        record.data.addSkipped(Array(repeating: String(repeating: "\u{1}", count: 4_200), count: 1000))
        try record.write(to: run)
        let read = try RunRecord(readingFrom: run)
        #expect(read.classes == record.classes)
        #expect(read.data == record.data)
        #expect(read.data.totalSkipped == 46_001)
        #expect(read.data.skipped.count == RunRecord.Data.namedCount)
    }

    @Test func whatCouldNotBeReadIsNotWritten() throws {
        var record = Self.record()
        record.classes = (0..<30_000).map { "\($0)" + String(repeating: "\u{1}", count: 255) }
        record.model.classCount = record.classes.count
        let failure = try #require(throws: Failure.self) { try record.write(to: run) }
        #expect(failure.kind == .badData)
        #expect(failure.message.contains("the names of 30000 classes are too long"))
        #expect(throws: Failure.self) { try RunRecord(readingFrom: run) }
    }

    /// A record that claims a huge head does not create a huge network: the weights must agree with it.
    @Test func theWeightsMustAgreeWithTheRecord() throws {
        var record = Self.record()
        record.classes = (0..<90_000).map { "c\($0)" }
        record.model.classCount = 90_000
        try record.write(to: run)
        try Checkpoint.save(["fc.bias": Tensor.zeros([2])], to: folder.path + "/model.safetensors")
        let failure = try #require(throws: Failure.self) { try Classifier(run) }
        #expect(failure.kind == .badData)
        #expect(failure.message.contains("90000 classes"))

        try Self.record().write(to: run)
        let mismatch = try #require(throws: Failure.self) { try Classifier(run) }
        #expect(mismatch.kind == .badData)
        #expect(mismatch.message.hasPrefix("\(run.weightsPath): the weights do not fit the model"))
        #expect(mismatch.message.contains("conv1.weight"))
    }
}
