import Cresset
import CressetNN
import CressetVision
import Foundation
import Testing

/// Files that were downloaded by hand, under whatever name.
@Suite struct WeightsImportTests {
    private let folder = TemporaryFolder()
    private let contents = Array("hello\n".utf8)
    /// Weights of which the file is six bytes long.
    private let toy = PretrainedWeights(
        row: "toy V1 toy-5891b5b5 12 50 60 0.1 0.00001 1 256 224 bilinear * -")

    private var checkpoints: String { folder.path + "/hub/checkpoints" }
    private var cache: WeightsCache { WeightsCache(folder: checkpoints, isOffline: true) }

    private func files() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: checkpoints))?.sorted() ?? []
    }

    private func error(_ path: String, as claimed: PretrainedWeights? = nil) -> WeightsError? {
        do throws(WeightsError) {
            _ = try cache.take(FilePath(path), as: claimed, among: [toy] + PretrainedWeights.all)
            return nil
        } catch {
            return error
        }
    }

    /// A small network with numbers, saved as `name`.
    private func save(_ name: String, classes: Int = 1000, _ change: (StateDict) -> StateDict = { $0 }) throws -> String
    {
        let model = try withoutInitialValues { try ModelZoo.make("squeezenet1_1", classes: classes) }
        model.fillWithWaves()
        try Checkpoint.save(change(model.stateDict()), to: folder.path + "/" + name)
        return folder.path + "/" + name
    }

    @Test func aPublishedFileIsToldByItsHash() throws {
        let source = folder.file("downloaded (1).bin", contents)
        let first = try cache.take(FilePath(source), among: [toy])
        #expect(first.weights == toy && first.recognition == .hash && !first.wasThere)
        #expect(files() == ["toy-5891b5b5.pth"])
        #expect(try Data(contentsOf: URL(filePath: first.path.string)) == Data(contents))
        #expect(try cache.take(FilePath(source), among: [toy]).wasThere)
        #expect(try cache.take(first.path, among: [toy]).wasThere)
        let wrong = error(source, as: try PretrainedWeights.named("resnet18"))
        #expect(wrong?.problem.contains("the published file of toy IMAGENET1K_V1, not of resnet18") == true)
    }

    @Test func aDamagedFileInTheCacheIsReplaced() throws {
        try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
        _ = folder.file("hub/checkpoints/toy-5891b5b5.pth", [1, 2])
        _ = folder.file("hub/checkpoints/toy-5891b5b5.pth.partial", [1, 2, 3, 4, 5, 6, 7, 8])
        let taken = try cache.take(FilePath(folder.file("x", contents)), among: [toy])
        #expect(!taken.wasThere)
        #expect(files() == ["toy-5891b5b5.pth"])
        #expect(try cache.file(named: "toy-5891b5b5.pth", byteLimit: 100).name == "toy-5891b5b5.pth")
    }

    @Test func thePartOfADownloadThatWasCompletedByHandIsTaken() throws {
        try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
        let part = folder.file("hub/checkpoints/toy-5891b5b5.pth.partial", contents)
        #expect(try cache.take(FilePath(part), among: [toy]).recognition == .hash)
        #expect(files() == ["toy-5891b5b5.pth"])
        #expect(try Data(contentsOf: URL(filePath: checkpoints + "/toy-5891b5b5.pth")) == Data(contents))
    }

    @Test func linksInTheCache() throws {
        try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
        let elsewhere = folder.file("elsewhere", contents)
        // A link to a published file is one; one that leads nowhere is replaced, not followed.
        symlink(elsewhere, checkpoints + "/toy-5891b5b5.pth")
        #expect(try cache.file(named: "toy-5891b5b5.pth", byteLimit: 100).name == "toy-5891b5b5.pth")
        unlink(checkpoints + "/toy-5891b5b5.pth")
        symlink(folder.path + "/nowhere", checkpoints + "/toy-5891b5b5.pth")
        #expect(try !cache.take(FilePath(elsewhere), among: [toy]).wasThere)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/nowhere"))
        // What is being received is never written through a link.
        unlink(checkpoints + "/toy-5891b5b5.pth")
        symlink(folder.path + "/victim", checkpoints + "/toy-5891b5b5.pth.partial")
        let refused = error(elsewhere)
        #expect(refused?.kind == .unwritable && refused?.hint?.contains("symbolic link") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/victim"))
    }

    @Test func theSameNumbersInAnotherFormAreTakenAtTheirUsersWord() throws {
        let weights = try PretrainedWeights.named("squeezenet1_1")
        let source = try save("model.safetensors") { $0.renamed { "module." + $0 } }
        let unsaid = error(source)
        #expect(unsaid?.kind == .damaged)
        #expect(unsaid?.problem.contains("looks like weights of squeezenet1_1, but is no published file") == true)
        #expect(unsaid?.problem.contains("IMAGENET1K_V1 with b8a52dc0") == true)
        #expect(unsaid?.hint?.contains("the network, squeezenet1_1") == true)
        #expect(files() == [])
        let taken = try cache.take(FilePath(source), as: weights)
        #expect(taken.recognition == .contents && !taken.wasThere)
        #expect(taken.path.name.contains(/^squeezenet1_1-IMAGENET1K_V1-imported-[0-9a-f]{16}\.safetensors$/))
        #expect(cache.contains(weights))
        let state = try weights.load(from: cache)
        #expect(state["classifier.1.weight"]?.shape == [1000, 512, 1, 1])
        #expect(try cache.take(FilePath(source), as: weights).wasThere)
        // Others take its place, and damage is found.
        let other = try save("other.pth") { state in
            StateDict(state.map { ($0.name, $0.tensor.dtype == .float32 ? $0.tensor * 2 : $0.tensor) })
        }
        let next = try cache.take(FilePath(other), as: weights)
        #expect(files() == [next.path.name])
        let handle = try FileHandle(forWritingTo: URL(filePath: next.path.string))
        try handle.seek(toOffset: 100_000)
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        let damaged = #expect(throws: WeightsError.self) { try weights.load(from: cache) }
        #expect(damaged?.kind == .damaged)
    }

    @Test func otherHeadsAndOtherNetworksAreRefused() throws {
        let weights = try PretrainedWeights.named("squeezenet1_1")
        let head = error(try save("seven.pth", classes: 7), as: weights)
        #expect(head?.problem.contains("looks like weights of squeezenet1_1 for 7 classes") == true)
        #expect(head?.hint?.contains("cresset train starts from it") == true)
        let family = error(try save("whole.pth"), as: try PretrainedWeights.named("resnet18"))
        #expect(family?.problem.contains("looks like weights of squeezenet1_1, not of resnet18") == true)
        let names = error(
            try save("names.pth") { $0.renamed { $0.replacing("features", with: "body") } }, as: weights)
        #expect(names?.problem.contains("has as many numbers as squeezenet1_1, but the weights do not fit") == true)
        let infinite = error(
            try save("nan.pth") { state in
                var state = state
                state["classifier.1.bias"] = Tensor([Float](repeating: .nan, count: 1000), shape: [1000])
                return state
            }, as: weights)
        #expect(infinite?.problem.contains("not finite, in classifier.1.bias") == true)
        let foreign = folder.path + "/foreign.safetensors"
        try Checkpoint.save(["embedding.weight": Tensor.zeros([10, 3])], to: foreign)
        #expect(
            error(foreign)?.problem.contains("the weights of no network of cresset models: 1 entries with 30") == true)
        #expect(files() == [])
    }

    @Test func filesThatAreNoWeights() throws {
        let whole = try Data(contentsOf: URL(filePath: try save("whole.safetensors")))
        var wheel = ZipWriter()
        wheel.add("toy/models/toy.pth", contents)
        wheel.add("toy-1.0.dist-info/WHEEL", Array("Wheel-Version: 1.0".utf8))
        var climbing = ZipWriter()
        climbing.add("../../escape.pth", contents)
        let cases: [(String, [UInt8], String)] = [
            ("page.pth", Array("<!DOCTYPE html><title>Sign in</title>".utf8), "HTML page"),
            ("cut.safetensors", Array(whole.prefix(whole.count / 2)), "truncated"), ("empty.pth", [], "empty"),
            ("toy-1.0-py3-none-any.whl", wheel.finished(), "not a published wheel"),
            ("renamed.zip", wheel.finished(), "not a published wheel"),
            ("climbing.pth", climbing.finished(), "data.pkl"),
            ("picture.pth", [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 100), "JPEG"),
        ]
        for (name, bytes, words) in cases {
            let refused = error(folder.file(name, bytes))
            #expect(refused?.kind == .damaged && refused?.problem.contains(words) == true, "\(name): \(refused as Any)")
        }
        #expect(error(folder.path + "/none.pth")?.systemCode == ENOENT)
        #expect(error(folder.path)?.problem.contains("folder") == true)
        mkfifo(folder.path + "/pipe.pth", 0o600)
        #expect(error(folder.path + "/pipe.pth")?.problem.contains("not a regular file") == true)
        #expect(files() == [])
    }

    @Test func aCacheThatCannotBeWritten() throws {
        let source = FilePath(folder.file("x", contents))
        let blocked = WeightsCache(folder: folder.file("file", []) + "/checkpoints", isOffline: true)
        let refused = #expect(throws: WeightsError.self) { try blocked.take(source, among: [toy]) }
        #expect(refused?.kind == .unwritable && refused?.hint?.contains("TORCH_HOME") == true)
        let weights = try PretrainedWeights.named("squeezenet1_1")
        let model = FilePath(try save("model.pth"))
        let other = #expect(throws: WeightsError.self) { try blocked.take(model, as: weights) }
        #expect(other?.kind == .unwritable)
    }

    @Test func whatThereIsOfSomeWeights() throws {
        let weights = try PretrainedWeights.named("squeezenet1_1")
        #expect(cache.inventory(of: weights).isEmpty)
        _ = try cache.take(FilePath(try save("model.pth")), as: weights)
        _ = folder.file("hub/checkpoints/" + weights.fileName, Array("<html>".utf8))
        _ = folder.file("hub/checkpoints/squeezenet1_1-f364aa15.pth", [1, 2, 3])
        _ = folder.file("hub/checkpoints/\(weights.fileName).partial", [1, 2, 3, 4])
        let found = cache.inventory(of: weights)
        #expect(found.count == 4)
        let damaged = found.compactMap { file -> String? in
            if case .damaged(let error) = file.condition { error.problem } else { nil }
        }
        #expect(damaged.count == 2 && damaged[0].hasSuffix("; it is an HTML page"), "\(damaged)")
        let sound = found.filter { if case .sound = $0.condition { true } else { false } }
        #expect(sound.count == 1 && sound[0].path.name.contains("imported"))
        let unfinished = found.compactMap { if case .unfinished(let count) = $0.condition { count } else { nil } }
        #expect(unfinished == [4])
        // A damaged file does not hide a sound one.
        #expect(cache.contains(weights))
        #expect(try weights.load(from: cache).count == 52)
    }
}
