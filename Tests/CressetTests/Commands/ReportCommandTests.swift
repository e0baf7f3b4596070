import Cresset
import CressetTrain
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// The page that a run leaves, and copies of pictures that show what the network went by.
    @Suite struct ReportCommandTests {
        private let folder = TemporaryFolder()

        private func train(_ more: String..., fileLimit: Int? = nil) throws -> (
            status: Int32, output: String, errors: String
        ) {
            let arguments = [
                "train", "data", "--model", "mobilenet_v3_small", "--img-size", "64", "--weights", "none", "--epochs",
                "1",
                "--batch-size", "4", "--out", "run",
            ]
            let process = try CommandProcess(arguments + more, in: folder, fileLimit: fileLimit)
            return (try process.status(), process.output, process.errors)
        }

        private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.path + "/" + name) }

        @Test func aRunLeavesAPageWhichCanBeWrittenAnew() throws {
            try folder.drawPictures()
            let trained = try train()
            #expect(trained.status == 0 && trained.output.contains("report  run/report.html"), "\(trained.errors)")
            let page = try folder.text("run/report.html")
            #expect(
                page.contains("of 4 pictures that the network was not trained on") && page.contains("data:image/jpeg"))
            #expect(page.contains("Right, but nearly wrong") || page.contains("those with the highest loss first"))
            try evaluatesOtherPictures(page)
            try writesCopies()
            try doesWithoutPictures()
        }

        /// Judged by the same pictures, the figures are the same.
        private func evaluatesOtherPictures(_ page: String) throws {
            let again = try cresset("report", "run", "--out", "again.html", in: folder)
            #expect(again.status == 0 && again.output == "again.html\n", "\(again.errors)")
            func score(_ page: String) -> Substring? { page.firstMatch(of: /<strong>[^<]*<\/strong> correct/)?.0 }
            #expect(try score(folder.text("again.html")) == score(page) && score(page) != nil)
            let other = try cresset("report", "run", "--data", "data/train", "--out", "train.html", in: folder)
            #expect(other.status == 0, "\(other.errors)")
            #expect(try folder.text("train.html").contains("The run was trained on these pictures"))
            #expect(try cresset("report", "run", "--data", "nowhere", in: folder).status == 66)
            #expect(try cresset("report", "data", in: folder).status == 66)
            #expect(try cresset("report", "run", "--out", "no/where.html", in: folder).status == 73)
            #expect(try cresset("report", "run", "--max-bad", "x", in: folder).status == 64)
        }

        private func writesCopies() throws {
            let result = try cresset(
                "predict", "run", "data/val/dark/0.jpg", "data/val/light/0.jpg", "--gradcam", "why", "--json",
                in: folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("\"gradcam\":\"why/0.gradcam.jpg\""), "\(result.output)")
            #expect(result.output.contains("\"gradcam\":\"why/0-2.gradcam.jpg\""))
            let copy = try Image(contentsOf: folder.path + "/why/0-2.gradcam.jpg")
            #expect(copy.width == 48 && copy.height == 40)
            try writesTables()
            for place in ["run/run.json", "run/run.json/copies"] {
                let blocked = try cresset("predict", "run", "data/val/dark/0.jpg", "--gradcam", place, in: folder)
                #expect(blocked.status == 73, "\(blocked.errors)")
            }
            try oneCopyThatCannotBeWrittenIsOne()
            try filesAreWrittenThoughNobodyReads()
        }

        private func oneCopyThatCannotBeWrittenIsOne() throws {
            try folder.makeFolder("copies/0.gradcam.jpg/inner")
            let result = try cresset(
                "predict", "run", "data/val/dark/0.jpg", "data/val/light/1.jpg", "--gradcam", "copies", "--json",
                in: folder)
            #expect(result.status == 73 && result.errors.contains("no copy: copies/0.gradcam.jpg"), "\(result.errors)")
            #expect(result.errors.contains("error: 1 copy could not be written"), "\(result.errors)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 2 && lines[1].contains("\"gradcam\":\"copies/1.gradcam.jpg\""), "\(result.output)")
            #expect(!lines[0].contains("gradcam") && exists("copies/1.gradcam.jpg"))
        }

        /// As in `cresset predict … --csv FILE | head -1`.
        private func filesAreWrittenThoughNobodyReads() throws {
            for line in [["predict", "run", "data/val"], ["evaluate", "run", "data/val"]] {
                let whole = try CommandProcess(line + ["--csv", "whole.csv"], in: folder)
                #expect(try whole.status() == 0, "\(whole.errors)")
                let cut = try CommandProcess(
                    line + ["--csv", "cut.csv"], in: folder, shell: "{ \"$0\" \"$@\"; echo $? >status; } | true")
                _ = try cut.status()
                #expect(try folder.text("status") == "141\n", "\(cut.errors)")
                #expect(try folder.text("cut.csv") == folder.text("whole.csv") && !cut.errors.contains("error"))
                try FileManager.default.removeItem(atPath: folder.path + "/cut.csv")
            }
        }

        /// As CSV, with the numbers that JSON has, from a copy of the weights alone.
        private func writesTables() throws {
            _ = folder.file("odd,name.jpg", [1, 2])
            _ = folder.file("copy.safetensors", try Array(folder.bytes("run/model.safetensors")))
            let line = ["predict", "copy.safetensors", "data/val/dark/0.jpg", "odd,name.jpg", "--top-k", "5"]
            let shown = try CommandProcess(line + ["--csv", "-"], in: folder)
            #expect(try shown.status() == 65)
            let rows = shown.output.split(separator: "\n").map(String.init)
            try #require(rows.count == 3, "\(shown.output)")
            #expect(rows[0] == "image,prediction,probability,prediction_2,probability_2,error")
            #expect(rows[1].hasPrefix("data/val/dark/0.jpg,") && rows[1].hasSuffix(","))
            #expect(rows[2].hasPrefix("\"odd,name.jpg\",,,,,"))
            let both = try CommandProcess(line + ["--json", "--csv", "table.csv"], in: folder)
            #expect(try both.status() == 65)
            #expect(try folder.text("table.csv") == shown.output)
            let cells = rows[1].split(separator: ",")
            #expect(both.output.contains("{\"name\":\"\(cells[1])\",\"probability\":\(cells[2])}"), "\(both.output)")
            #expect(try cresset("predict", "run", "data", "--json", "--csv", "-", in: folder).status == 64)
            #expect(try cresset("predict", "run", "data", "--csv", "no/where.csv", in: folder).status == 73)
        }

        private func doesWithoutPictures() throws {
            try FileManager.default.removeItem(atPath: folder.path + "/data")
            let result = try cresset("report", "run", in: folder)
            #expect(result.status == 0 && result.errors.contains("warning: the report does without pictures"))
            #expect(try folder.text("run/report.html").contains("No pictures were judged"))
        }

        @Test func noPageIsWrittenWhereNoneIsWanted() throws {
            try folder.drawPictures()
            let trained = try train("--no-report")
            #expect(trained.status == 0 && !trained.output.contains("report") && !exists("run/report.html"))
            let resumed = try cresset("resume", "run", "--epochs", "2", "--no-report", in: folder)
            #expect(resumed.status == 0 && !resumed.output.contains("report") && !exists("run/report.html"))
        }
    }
}
