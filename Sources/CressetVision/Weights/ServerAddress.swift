/// The address of a folder on a web server, with the login that may precede its host.
struct ServerAddress {
    /// Without a login, and without a slash at its end.
    let address: WebAddress
    /// Without a login, but with the slash.
    let page: WebAddress
    let login: DownloadRequest.Login?

    /// Nil if `text` is not an `http` or `https` address, or has a part after its path.
    init?(_ text: String) {
        guard let scheme = text.firstRange(of: "://") else { return nil }
        let authority = text[scheme.upperBound...].prefix { !"/?#\\".contains($0) }
        var rest = text[scheme.upperBound...]
        if let at = authority.lastIndex(of: "@") {
            let name = authority[..<at].prefix { $0 != ":" }
            login = .init(
                user: name.percentDecoded, password: authority[name.endIndex..<at].dropFirst().percentDecoded)
            rest = rest[rest.index(after: at)...]
        } else {
            login = nil
        }
        let page = WebAddress(String(text[..<scheme.upperBound] + rest))
        while rest.last == "/" { rest.removeLast() }
        guard let address = WebAddress(String(text[..<scheme.upperBound] + rest)), address.text == address.description
        else { return nil }
        self.address = address
        self.page = page ?? address
    }
}
