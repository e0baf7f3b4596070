import Testing

/// Code that works on tensors says where new ones are made, with `device:` or `like:`: none falls to the device that
/// happens to be current. Parameters and buffers are what is created there.
@Suite struct DeviceChoiceTests {
    private static let folders = [
        "Sources/Cresset", "Sources/CressetNN", "Sources/CressetOptim", "Sources/CressetData", "Sources/CressetVision",
    ]

    /// A name followed by arguments.
    private struct Call {
        let name: String
        let arguments: String
        /// The few characters in front.
        let before: String
        let place: Int
    }

    private static func calls(in code: [UInt8], of wanted: (String) -> Bool) -> [Call] {
        var found: [Call] = []
        for (open, byte) in code.enumerated() where byte == UInt8(ascii: "(") {
            var stop = open
            // The parameters of a generic declaration.
            if stop > 0, code[stop - 1] == UInt8(ascii: ">") {
                stop = code[..<stop].lastIndex(of: UInt8(ascii: "<")) ?? stop
            }
            var begin = stop
            while begin > 0, SourceText.isName(code[begin - 1]) { begin -= 1 }
            guard begin < stop else { continue }
            let name = String(decoding: code[begin..<stop], as: UTF8.self)
            guard wanted(name) else { continue }
            var (end, depth) = (open + 1, 1)
            while end < code.count, depth > 0 {
                if code[end] == UInt8(ascii: "(") { depth += 1 }
                if code[end] == UInt8(ascii: ")") { depth -= 1 }
                end += 1
            }
            found.append(
                Call(
                    name: name, arguments: String(decoding: code[(open + 1)..<(end - 1)], as: UTF8.self),
                    before: String(decoding: code[max(0, begin - 12)..<begin], as: UTF8.self), place: begin))
        }
        return found
    }

    /// The static functions in `folder` that have a default for `device`.
    private static func factories(in folder: String) throws -> Set<String> {
        let found = try SourceText.files(in: folder).flatMap { file in calls(in: file.code) { _ in true } }
            .filter { $0.before.hasSuffix("static func ") && $0.arguments.contains("device: Device = .current") }
        return Set(found.map { $0.name })
    }

    /// The first labels of the initialisers of tensors that have no device to choose.
    private static func otherLabels() throws -> Set<String> {
        let initialisers = try SourceText.files(in: "Sources/Cresset").flatMap {
            calls(in: $0.code, of: { $0 == "init" })
        }
        return Set(initialisers.filter { !$0.arguments.contains("device: Device") }.map { label($0.arguments) })
            .subtracting(["_"])
    }

    /// The first name.
    private static func label(_ arguments: String) -> String {
        String(decoding: arguments.utf8.drop { !SourceText.isName($0) }.prefix(while: SourceText.isName), as: UTF8.self)
    }

    @Test func factoriesAreToldTheDevice() throws {
        let creating = try Self.factories(in: "Sources/Cresset/Tensor")
        let drawing = try Self.factories(in: "Sources/Cresset/Random")
        let otherLabels = try Self.otherLabels()
        #expect(creating.count >= 7 && drawing.count >= 5, "\(creating) \(drawing)")
        for file in try Self.folders.flatMap({ try SourceText.files(in: $0) }) {
            // There the names of factories without a type are those of generators and their distributions, too.
            let saysType = file.path.hasPrefix("Sources/Cresset/")
            let calls = Self.calls(in: file.code) {
                $0 == "Tensor" || creating.contains($0) || drawing.contains($0)
            }
            for call in calls {
                if call.name == "Tensor" {
                    if otherLabels.contains(Self.label(call.arguments)) { continue }
                } else if !call.before.hasSuffix("Tensor.") {
                    // A member of something else, or a declaration.
                    guard call.before.hasSuffix("."), let last = call.before.utf8.dropLast().last else { continue }
                    if SourceText.isName(last) || last == UInt8(ascii: ")") { continue }
                    if saysType && drawing.contains(call.name) { continue }
                }
                if ["device:", "like:"].contains(where: call.arguments.contains) { continue }
                if ["Parameter(.", "Buffer(."].contains(where: call.before.hasSuffix) { continue }
                Issue.record("\(file.path):\(file.line(at: call.place)): \(call.name) does not say on which device")
            }
        }
    }
}
