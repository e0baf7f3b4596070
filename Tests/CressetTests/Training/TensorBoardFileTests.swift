import CressetTrain
import Foundation
import Testing

/// Event files, read by a decoder of the test's own, which checks every checksum. TensorBoard 2.21 reads the same figures:
/// `scripts/tensorboard-check`.
@Suite struct TensorBoardFileTests {
    private let folder = TemporaryFolder()

    /// A message of protocol buffers: the values of each field, as bytes, in their order.
    private struct Message {
        var fields: [Int: [[UInt8]]] = [:]

        init(_ bytes: [UInt8]) throws {
            var rest = bytes[...]
            func variable() throws -> Int {
                var value = 0, shift = 0
                while true {
                    let next = rest.popFirst(), byte = try #require(next)
                    value |= Int(byte & 127) << shift
                    if byte < 128 { return value }
                    shift += 7
                }
            }
            func take(_ count: Int) throws -> [UInt8] {
                try #require(rest.count >= count)
                defer { rest = rest.dropFirst(count) }
                return Array(rest.prefix(count))
            }
            while !rest.isEmpty {
                let key = try variable()
                let value =
                    switch key & 7 {
                    case 0: [UInt8(try variable())]
                    case 1: try take(8)
                    case 2: try take(variable())
                    default: try take(4)
                    }
                fields[key >> 3, default: []].append(value)
            }
        }
    }

    private struct Event: Equatable {
        var time: Double
        var step: Int
        var version: String?
        var figures: [String: Float]
    }

    private static func number<T: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, _ type: T.Type) -> T {
        bytes.reversed().reduce(0) { $0 << 8 | T($1) }
    }

    /// The checksum bit by bit, as RFC 3720 defines it.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum: UInt32 = ~0
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
        }
        return ~sum
    }

    private static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xa282_ead8
    }

    /// The path of the event file of a run, of which there is one.
    private func path(_ run: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + run)
        let found = names.filter { $0.contains("tfevents") }
        #expect(found.count == 1)
        #expect(try #require(found.first).wholeMatch(of: /events\.out\.tfevents\.\d{10}\.cresset/) != nil)
        return try "\(run)/" + #require(found.first)
    }

    private func events(_ run: String) throws -> [Event] {
        var rest = try Array(folder.bytes(path(run)))[...]
        var events: [Event] = []
        while !rest.isEmpty {
            let length = rest.prefix(8), count = Int(Self.number(length, UInt64.self))
            let message = rest.dropFirst(12).prefix(count)
            #expect(Self.number(rest.dropFirst(8).prefix(4), UInt32.self) == Self.masked(length))
            #expect(Self.number(rest.dropFirst(12 + count).prefix(4), UInt32.self) == Self.masked(message))
            rest = rest.dropFirst(16 + count)
            let fields = try Message(Array(message)).fields
            var figures: [String: Float] = [:]
            for summary in fields[5] ?? [] {
                for value in try Message(summary).fields[1] ?? [] {
                    let parts = try Message(value).fields
                    let bits = Self.number(try #require(parts[2]?.first)[...], UInt32.self)
                    figures[String(decoding: try #require(parts[1]?.first), as: UTF8.self)] = Float(bitPattern: bits)
                }
            }
            let time = Self.number(try #require(fields[1]?.first)[...], UInt64.self)
            events.append(
                Event(
                    time: Double(bitPattern: time), step: Int(try #require(fields[2]?.first)[0]),
                    version: fields[3].map { String(decoding: $0[0], as: UTF8.self) }, figures: figures))
        }
        return events
    }

    /// RFC 3720, appendix B.4.
    @Test func theTestsChecksumIsTheRFCs() {
        #expect(Self.checksum("123456789".utf8) == 0xe306_9283)
        #expect(Self.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(Self.checksum([UInt8](repeating: 255, count: 32)) == 0x62a8_ab43)
        #expect(Self.checksum((0..<32).map { UInt8($0) }) == 0x46dd_794e)
    }

    @Test func hasTheFiguresOfTheTable() throws {
        try folder.drawPictures()
        try folder.plan { $0.epochs = 2 }.makeRun(in: folder.path + "/run").train()
        let events = try events("run"), rows = try folder.figures(of: "run")
        #expect(events.map(\.step) == [0, 1, 2])
        #expect(events[0].version == "brain.Event:2" && events[0].figures.isEmpty)
        #expect(events[1].time >= events[0].time && events[0].time > 1.7e9)
        let tags = ["lr", "loss/train", "accuracy/train", "loss/val", "accuracy/val"]
        #expect(rows[0].dropFirst() == ["lr", "train_loss", "train_accuracy", "val_loss", "val_accuracy"])
        for (event, row) in zip(events.dropFirst(), rows.dropFirst()) {
            #expect(event.version == nil)
            #expect(Set(event.figures.keys) == Set(tags))
            #expect(tags.map { event.figures[$0] } == row.dropFirst().map { Double($0).map { Float($0) } })
        }
    }

    /// What a killed process left behind is continued: whole records with their times, a cut one and a missing one anew.
    @Test func aRunThatGoesOnContinuesTheFile() throws {
        try folder.drawPictures()
        try folder.plan { $0.epochs = 2 }.makeRun(in: folder.path + "/run").train()
        let first = try events("run"), name = try path("run"), whole = try Array(folder.bytes(name))
        _ = folder.file(name, Array(whole.dropLast(5)))
        try RunContinuation(folder.path + "/run", epochs: 3).run.train()
        let second = try events("run")
        #expect(second.map(\.step) == [0, 1, 2, 3])
        #expect(Array(second.prefix(2)) == Array(first.prefix(2)))
        #expect(second[2].figures == first[2].figures && second[2].time >= first[2].time)
        try FileManager.default.removeItem(atPath: folder.path + "/" + name)
        try RunContinuation(folder.path + "/run", epochs: 4).run.train()
        let third = try events("run")
        #expect(third.map(\.step) == [0, 1, 2, 3, 4])
        #expect(third.prefix(4).map(\.figures) == second.map(\.figures))
    }
}
