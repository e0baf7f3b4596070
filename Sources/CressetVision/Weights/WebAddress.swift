import FoundationEssentials

/// An `http` or `https` address, read as strictly as input from outside requires: nothing in it can be understood in
/// two ways.
struct WebAddress: CustomStringConvertible {
    let isEncrypted: Bool
    /// In lower case; brackets around an IPv6 address are kept.
    let host: String
    /// Scheme, host and port, in lower case.
    let origin: String
    /// All of it.
    let text: String

    /// Nil if `text` is not such an address, contains a user name, or contains characters that an address may not.
    init?(_ text: String) {
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { lower.hasPrefix($0) }) else { return nil }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Set("\\\"<>^`{}|".utf8).contains($0) }
        guard isPlain else { return nil }
        let authority = lower.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let host: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        let port = authority.dropFirst(host.count)
        guard !host.isEmpty, !host.contains("@"), !host.contains("%"),
            port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil)
        else { return nil }
        isEncrypted = scheme == "https://"
        self.host = String(host)
        origin = scheme + authority
        self.text = text
    }

    /// Without what follows the path, where some servers put passwords.
    var description: String { String(text.prefix { $0 != "?" && $0 != "#" }) }

    /// The last part of the path, decoded.
    var fileName: String {
        let path = description.dropFirst(origin.count)
        return path.split(separator: "/", omittingEmptySubsequences: false).last?.percentDecoded ?? ""
    }

    /// The address that `reference` means on the page with this address; nil if it is not allowed anywhere.
    func resolving(_ reference: String) -> WebAddress? {
        URL(string: reference, relativeTo: URL(string: text)).flatMap { WebAddress($0.absoluteString) }
    }

    /// Whether it is on this machine.
    var isLoopback: Bool { ["127.0.0.1", "localhost", "[::1]"].contains(host) }
}

extension StringProtocol {
    /// The text with `%2F` and the like replaced by what they stand for.
    var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
