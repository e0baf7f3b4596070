import Foundation
import Testing

extension CommandTests {
    /// `cresset check`: what it prints, and its exit status.
    @Suite struct CheckCommandTests {
        private struct Record: Decodable {
            struct Finding: Decodable {
                let severity: String
                let kind: String
            }
            struct File: Decodable {
                let image: String
                let status: String
            }
            let accepted: Bool
            let findings: [Finding]
            let files: [File]
        }

        private let folder = TemporaryFolder()

        @Test func whatIsWrongIsPrintedBySeverity() throws {
            try folder.drawPictures(train: 10, validation: 3)
            let clean = try cresset("check", "data", in: folder)
            #expect(clean.status == 0 && clean.errors.isEmpty, "\(clean.errors)")
            #expect(clean.output.hasPrefix("data     data: 20 train / 6 val, 2 classes (dark 10 / 3, light 10 / 3)\n"))
            #expect(clean.output.contains("pictures JPEG 26; 48 x 40 to 48 x 40 pixels"))
            #expect(clean.output.contains("0 problems, 0 warnings, 0 notes; cresset train takes this folder"))

            for number in 0..<4 { _ = folder.file("data/train/dark/\(number).jpg", [0xFF, 0xD8, 0xFF]) }
            try folder.makeFolder("data/train/empty")
            let refused = try cresset("check", "data", in: folder)
            #expect(refused.status == 65)
            let lines = refused.output.split(separator: "\n").map(String.init)
            let severities = lines.compactMap { $0.split(separator: " ").first }
                .filter { ["problem", "warning", "note"].contains($0) }
            #expect(severities == ["problem", "problem", "warning", "note"], "\(refused.output)")
            #expect(lines.contains("problem  data/train: no pictures in empty"))
            #expect(lines.contains("warning  4 files cannot be used") && lines.contains("           … and 1 more"))
            #expect(lines.last?.hasSuffix("cresset train refuses this folder") == true)
        }

        @Test func theRecordHasEveryFile() throws {
            try folder.drawPictures(train: 3, validation: 2)
            try FileManager.default.moveItem(atPath: folder.path + "/data/val", toPath: folder.path + "/other")
            let result = try cresset("check", "data", "--val", "other", "--json", in: folder)
            #expect(result.status == 0, "\(result.errors)")
            let record = try JSONDecoder().decode(Record.self, from: Data(result.output.utf8))
            #expect(record.accepted && record.files.count == 10 && record.files.allSatisfy { $0.status == "ok" })
            #expect(record.files.contains { $0.image == "other/light/1.jpg" })
            #expect(record.findings.map(\.kind) == ["balance"] && record.findings[0].severity == "note")
        }

        @Test(arguments: [
            (["check"], 64), (["check", "nowhere"], 66), (["check", "data", "--workers", "-1"], 64),
            (["check", "data", "--max-bad", "200"], 64), (["check", "data", "--val", "data/train"], 64),
        ])
        func whatCannotBeCheckedIsAnError(_ line: [String], _ status: Int) throws {
            try folder.drawPictures(train: 1, validation: 1)
            let result = try CommandProcess(line, in: folder)
            #expect(try result.status() == Int32(status), "\(result.errors)")
            #expect(result.errors.hasPrefix("error: ") && result.output.isEmpty)
        }
    }
}
