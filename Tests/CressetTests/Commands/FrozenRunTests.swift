import Cresset
import CressetTrain
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// A run of version 0.1: whatever comes later must predict with it, and give the same probabilities.
    ///
    /// `Fixtures/run-0.1` has its record and its figures byte for byte, and the beginning of its weights. Their 45 MB of
    /// numbers are replaced by a pattern; the expected probability is what version 0.1 said of them.
    @Suite struct FrozenRunTests {
        private static let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/run-0.1").standardizedFileURL

        private let folder = TemporaryFolder()
        private let image = Image(width: 60, height: 50, pixels: (0..<9000).map(Self.pixel))

        private static func pixel(_ index: Int) -> UInt8 {
            let (x, y, channel) = (index / 3 % 60, index / 180, index % 3)
            return UInt8((x * 5 + y * 3 + channel * 40) % 256)
        }

        private struct Entry: Decodable {
            let dtype: String
            let shape: [Int]
            let data_offsets: [Int]
        }

        /// The run's folder as `run` below the test's folder.
        private func restore() throws {
            try folder.makeFolder("run")
            for name in ["run.json", "metrics.csv"] {
                _ = folder.file("run/\(name)", Array(try Data(contentsOf: Self.fixture.appending(path: name))))
            }
            var weights = try Data(contentsOf: Self.fixture.appending(path: "model.safetensors.header"))
            var header = try #require(JSONSerialization.jsonObject(with: weights.dropFirst(8)) as? [String: Any])
            header["__metadata__"] = nil
            let entries = try JSONDecoder().decode(
                [String: Entry].self, from: JSONSerialization.data(withJSONObject: header))
            for (name, entry) in entries.sorted(by: { $0.value.data_offsets[0] < $1.value.data_offsets[0] }) {
                weights.append(Self.numbers(name, entry))
            }
            try weights.write(to: URL(filePath: folder.path + "/run/model.safetensors"))
        }

        private static func numbers(_ name: String, _ entry: Entry) -> Data {
            let byteCount = entry.data_offsets[1] - entry.data_offsets[0]
            guard entry.dtype == "F32" else { return Data(count: byteCount) }
            var block = [name.hasSuffix("running_var") || name.hasSuffix(".weight") ? Float(1) : 0]
            if entry.shape.count > 1 {
                let inputs = Double(entry.shape.dropFirst().reduce(1, *))
                let scale = Float((name == "fc.weight" ? 20 : 1) * (6 / inputs).squareRoot())
                block = (0..<1000).map { Float(Double(($0 * 7919) % 1000 - 500) / 500) * scale }
            }
            let bytes = block.withUnsafeBytes { Data($0) }
            var numbers = Data(capacity: byteCount)
            while numbers.count < byteCount { numbers.append(bytes.prefix(byteCount - numbers.count)) }
            return numbers
        }

        @Test func aRunOfVersion01Predicts() throws {
            try restore()
            try image.writePNG(to: folder.path + "/x.png")
            let result = try cresset("predict", "run", "x.png", "--json", in: folder)
            #expect(result.status == 0, "\(result.errors)")
            let answer = try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
            #expect(answer.classes.map { $0.name } == ["light", "dark"])
            #expect(abs(answer.classes[0].probability - 0.6754355) < 1e-4, "\(result.output)")
        }

        /// The whole network with and without Winograd's algorithm: other last bits, the same answer.
        @Test func directSumsGiveTheSameAnswer() throws {
            try restore()
            try image.writePNG(to: folder.path + "/x.png")
            let answers = try ["on", "off"].map { value in
                let result = try cresset(
                    "predict", "run", "x.png", "--json", in: folder, variables: ["CRESSET_WINOGRAD": value])
                #expect(result.status == 0, "\(result.errors)")
                return try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8)).classes[0].probability
            }
            #expect(abs(answers[0] - answers[1]) < 1e-5 && answers[0] != answers[1], "\(answers)")
        }

        private struct Answer: Decodable { let classes: [Classifier.Guess] }

        @Test func itsRecordIsReadAndWritten() throws {
            try folder.makeFolder("run")
            let old = try Data(contentsOf: Self.fixture.appending(path: "run.json"))
            _ = folder.file("run/run.json", Array(old))
            let record = try folder.record(of: "run")
            #expect(record.format == 1 && record.revision == 0 && record.state == .finished)
            #expect(record.options.batchSize == 8 && record.best?.epoch == 2)
            try record.write(to: RunFolder(path: folder.path + "/run"))
            let lines = try folder.text("run/run.json").split(separator: "\n")
            let before = String(decoding: old, as: UTF8.self).split(separator: "\n")
            let added = lines.difference(from: before)
            #expect(added.removals.isEmpty, "what was there stays as it was")
            #expect(added.insertions.count < 20, "options of later versions, with their defaults, and the revision")
        }
    }
}
