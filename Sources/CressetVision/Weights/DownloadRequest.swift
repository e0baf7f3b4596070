/// What a server is asked for.
struct DownloadRequest {
    var address: WebAddress
    /// What errors and progress call it.
    var fileName: String
    /// The most bytes to accept.
    var byteLimit: Int
    /// The media types that are understood; nil for any.
    var accept: String?
    /// Sent to the origin of ``address``, and never to where it redirects.
    var login: Login?
    /// How the server is reached, where that differs from what the environment says.
    var connection = Connection()
    /// Whether a redirect to an address is followed.
    var isTrusted: (WebAddress) -> Bool

    /// What replaces the trusted certificates and the proxy that the environment names.
    struct Connection {
        /// The file with the trusted certificates.
        var authorities: String?
        /// The proxy's address.
        var proxy: String?
    }

    /// A name and a password. Neither is ever printed.
    struct Login {
        var user: String
        var password: String
    }
}

/// What receives the bytes of a download.
protocol DownloadTarget: AnyObject {
    /// Bytes received so far.
    var byteCount: Int { get }
    /// Drops everything received.
    func clear() throws(WeightsError)
    /// Adds `bytes` at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(WeightsError)
}

extension PartialFile: DownloadTarget {}

/// A small download, such as a page.
final class DownloadedBytes: DownloadTarget {
    private(set) var bytes: [UInt8] = []
    var byteCount: Int { bytes.count }

    func clear() { bytes = [] }
    func append(_ more: UnsafeRawBufferPointer) { bytes += more }
}
