/// An `http` or `https` address, read as strictly as input from outside requires: nothing in it can be understood in
/// two ways.
struct WebAddress: CustomStringConvertible {
    let isEncrypted: Bool
    /// In lower case; brackets around an IPv6 address are kept.
    let host: String
    let description: String

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
        description = text
    }

    /// Whether it is on this machine.
    var isLoopback: Bool { ["127.0.0.1", "localhost", "[::1]"].contains(host) }
}
