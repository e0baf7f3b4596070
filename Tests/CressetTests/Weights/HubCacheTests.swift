import Cresset
import CressetNN
import CressetVision
import Foundation
import Synchronization
import Testing

/// Weights out of Hugging Face's cache, where timm keeps torchvision's under names of its own.
@Suite struct HubCacheTests {
    /// timm's names of the entries of torchvision's VGG and RegNet: the way back from what is tested.
    private static func timmName(_ name: String) -> String {
        let plain = [
            "classifier.0": "pre_logits.fc1", "classifier.3": "pre_logits.fc2", "classifier.6": "head.fc",
            "stem.0": "stem.conv", "stem.1": "stem.bn", "fc": "head.fc",
        ]
        for (ours, theirs) in plain where name.hasPrefix(ours + ".") { return theirs + name.dropFirst(ours.count) }
        guard let match = name.wholeMatch(of: /trunk_output\.block(\d)\.block\d-(\d+)\.(f\.[abc]|f\.se|proj)\.(.*)/)
        else { return name }
        let block = "s\(match.1).b\(Int(match.2)! + 1)."
        if match.3 == "f.se" { return block + "se." + match.4 }
        let part = ["f.a": "conv1", "f.b": "conv2", "f.c": "conv3", "proj": "downsample"][String(match.3)]!
        return block + part + (match.4.hasPrefix("0.") ? ".conv" : ".bn") + match.4.dropFirst(1)
    }

    /// torchvision's entries as timm has them.
    private static func timmState(_ state: StateDict, _ naming: HubNaming) -> StateDict {
        if naming == .same { return state }
        return StateDict(
            state.map { name, tensor in
                // Linear layers of VGG are convolutions there.
                switch naming == .vgg ? name : "" {
                case "classifier.0.weight": (timmName(name), tensor.reshaped([4096, 512, 7, 7]))
                case "classifier.3.weight": (timmName(name), tensor.reshaped([4096, 4096, 1, 1]))
                default: (timmName(name), tensor)
                }
            })
    }

    /// The digests that `scripts/zoo-fixtures` computes from timm 1.0.31.
    private static let digests: [String: String] = {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/models/timm.txt")
        let text = (try? String(contentsOf: fixture, encoding: .utf8)) ?? ""
        let rows = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }()

    /// Names and shapes come from a file.
    @Test func oddNamesAndShapesAreLeftAlone() {
        let state: StateDict = [
            "head.fc.weight": .zeros([0, 1, 1, 1]), "s1.b\(Int.min).conv1.conv.weight": .ones([1]),
            "s1.b0.conv1.conv.weight": .ones([1]), "s1.b1.conv1.conv.weight": .ones([1]),
        ]
        #expect(HubNaming.vgg.renamed(state)["classifier.6.weight"]?.shape == [0, 1])
        let names = HubNaming.regnet.renamed(state).keys
        #expect(
            names.contains("trunk_output.block1.block1-0.f.a.0.weight") && names.contains("s1.b0.conv1.conv.weight"))
    }

    @Test func timmsNamesAreUnderstoodInAFileToo() throws {
        let weights = try PretrainedWeights.named("regnet_x_400mf")
        let own = try withoutInitialValues { try ModelZoo.make(weights.model) }.stateDict()
        let theirs = Self.timmState(own, .regnet)
        #expect(theirs.keys != own.keys)
        #expect(Set(PretrainedWeights.ownNames(of: theirs, weights.model, like: own).keys) == Set(own.keys))
        #expect(PretrainedWeights.ownNames(of: own, weights.model, like: own).keys == own.keys)
    }

    @Test(arguments: PretrainedWeights.all.filter { HubRepository.with($0) != nil })
    func timmsNamesBecomeTorchvisions(_ weights: PretrainedWeights) throws {
        let repository = try #require(HubRepository.with(weights))
        let own = try withoutInitialValues { try ModelZoo.make(weights.model) }.stateDict()
        let theirs = Self.timmState(own, repository.naming)
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for (name, tensor) in theirs.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            for byte in "\(name) \(shape) \(tensor.dtype.name)\n".utf8 {
                digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        let text = String(digest, radix: 16)
        #expect(String(repeating: "0", count: 16 - text.count) + text == Self.digests[repository.name])
        let back = repository.naming.renamed(theirs)
        #expect(StateDict.Mismatch(model: own, file: back).isEmpty)
    }

    @Test func everyRepositoryButOneIsUsed() {
        #expect(Self.digests.count == 44)
        let used = Set(HubRepository.all.values.map(\.name))
        #expect(Set(Self.digests.keys).subtracting(used) == ["timm/inception_v3.tv_in1k"])
        #expect(used.isSubset(of: Set(Self.digests.keys)))
        #expect(HubRepository.all.count == used.count)
    }

    /// A cache with `bytes` as timm's file, reached by a chain of links.
    private static func cache(_ bytes: [UInt8], hash: String? = nil, _ repository: String) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let base = "hub/models--" + repository.replacing("/", with: "--")
        let commit = String(repeating: "0a", count: 20)
        for part in ["\(base)/blobs", "\(base)/refs", "\(base)/snapshots/\(commit)", "hub/blobs/ab"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + part, withIntermediateDirectories: true)
        }
        _ = folder.file("\(base)/refs/main", Array(commit.utf8))
        _ = folder.file("hub/blobs/ab/" + String(repeating: "ab", count: 32), bytes)
        let blob = hash ?? sha256(of: bytes)
        symlink("../../blobs/ab/" + String(repeating: "ab", count: 32), "\(folder.path)/\(base)/blobs/\(blob)")
        symlink("../../blobs/\(blob)", "\(folder.path)/\(base)/snapshots/\(commit)/model.safetensors")
        return folder
    }

    private static func environment(_ folder: TemporaryFolder, _ others: [String: String] = [:]) -> [String: String] {
        let own = ["HOME": folder.path, "HF_HUB_CACHE": folder.path + "/hub", "CRESSET_OFFLINE": "1"]
        return own.merging(others) { $1 }
    }

    private static func safetensors(_ state: StateDict) throws -> [UInt8] {
        let folder = TemporaryFolder()
        let file = folder.path + "/model.safetensors"
        try Checkpoint.save(state, to: file)
        return Array(try Data(contentsOf: URL(filePath: file)))
    }

    @Test func foundVerifiedAndTranslated() throws {
        let weights = try PretrainedWeights.named("regnet_y_400mf", "V2")
        let model = try withoutInitialValues { try ModelZoo.make("regnet_y_400mf") }
        model.fillWithWaves()
        let bytes = try Self.safetensors(Self.timmState(model.stateDict(), .regnet))
        let repository = "timm/regnety_004.tv2_in1k"
        let folder = try Self.cache(bytes, repository)
        let said = Mutex<[String]>([])
        var cache = WeightsCache(environment: Self.environment(folder))
        cache.report = { line in said.withLock { $0.append(line) } }
        #expect(cache.contains(weights))
        let state = try weights.load(from: cache)
        #expect(state.keys == model.stateDict().keys)
        #expect(state["fc.weight"]?.isAllClose(to: model.stateDict()["fc.weight"]!) == true)
        #expect(said.withLock { $0 } == ["weights of regnet_y_400mf from \(repository) in Hugging Face's cache"])
        #expect(try cache.location(of: weights).name == "model.safetensors")
        // Another kind of weights, and another network, are in other repositories.
        #expect(try !cache.contains(PretrainedWeights.named("regnet_y_400mf", "V1")))
    }

    @Test func whatIsNotWhatItSaysIsPassedOver() throws {
        let weights = try PretrainedWeights.named("resnet18")
        let repository = "timm/resnet18.tv_in1k"
        let other = try Self.safetensors(["fc.weight": Tensor.zeros([3])])
        for (folder, words) in [
            (try Self.cache(other, hash: String(repeating: "00", count: 32), repository), "SHA-256"),
            (try Self.cache(other, repository), "do not fit"),
            (try Self.cache(Array("<html>".utf8), repository), "HTML"),
        ] {
            let said = Mutex<[String]>([])
            var cache = WeightsCache(environment: Self.environment(folder))
            cache.report = { line in said.withLock { $0.append(line) } }
            let error = #expect(throws: WeightsError.self) { try weights.load(from: cache) }
            #expect(error?.kind == .offline)
            let lines = said.withLock { $0 }
            #expect(lines.count == 1 && lines[0].contains("is passed over") && lines[0].contains(words), "\(lines)")
        }
    }

    @Test func referencesThatLeadElsewhereAreIgnored() throws {
        let folder = try Self.cache([1], "timm/resnet18.tv_in1k")
        let cache = WeightsCache(environment: Self.environment(folder))
        let weights = try PretrainedWeights.named("resnet18")
        #expect(cache.contains(weights))
        for reference in ["../../..", "", "0a/../0a", "main"] {
            _ = folder.file("hub/models--timm--resnet18.tv_in1k/refs/main", Array(reference.utf8))
            #expect(!cache.contains(weights), "\(reference)")
        }
    }

    @Test(arguments: [
        (["HF_HUB_CACHE": "/a", "HUGGINGFACE_HUB_CACHE": "/b"], "/a", "HF_HUB_CACHE"),
        (["HUGGINGFACE_HUB_CACHE": "/b", "HF_HOME": "/c"], "/b", "HUGGINGFACE_HUB_CACHE"),
        (["HF_HOME": "~/c", "XDG_CACHE_HOME": "/d"], "/h/c/hub", "HF_HOME"),
        (["XDG_CACHE_HOME": "/d"], "/d/huggingface/hub", "XDG_CACHE_HOME"),
        ([:], "/h/.cache/huggingface/hub", "the default"),
    ])
    func theFolderIsHuggingFaces(_ variables: [String: String], _ folder: String, _ origin: String) throws {
        let cache = WeightsCache(environment: variables.merging(["HOME": "/h"]) { own, _ in own })
        let hub = try #require(cache.settings?.hub)
        #expect(hub.value == FilePath(folder) && hub.origin == origin)
    }
}
