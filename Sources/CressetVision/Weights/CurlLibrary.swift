import CCurl
import Cresset
import Glibc

/// libcurl, which is opened at the first download: a machine that downloads nothing does not need it.
struct CurlLibrary: @unchecked Sendable {
    // Safe to send: the functions may be called from any thread, and the table never changes.
    let functions: cresset_curl

    /// Nil if this machine has none.
    static let shared: CurlLibrary? = open(["libcurl.so.4", "libcurl-gnutls.so.4"])

    /// The first of `names` that exists and is complete.
    static func open(_ names: [String]) -> CurlLibrary? {
        for name in names {
            guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
            let functions = withUnsafeTemporaryAllocation(of: cresset_curl.self, capacity: 1) { table in
                cresset_load_curl(library, table.baseAddress!) == nil ? table[0] : nil
            }
            if let functions { return CurlLibrary(functions: functions) }
        }
        return nil
    }

    /// The trusted certificates: the file named by the environment, or where the distributions store theirs.
    ///
    /// A libcurl built for another distribution would look in the wrong place.
    static let authorities: String? = {
        let named = SystemFiles.environment("CURL_CA_BUNDLE", "SSL_CERT_FILE")
        for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE"] {
            if let file = named[name], !file.isEmpty { return file }
        }
        let usual = [
            "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch
            "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, Red Hat
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/ca-bundle.pem",  // openSUSE
            "/etc/ssl/cert.pem",  // Alpine
        ]
        return usual.first { access($0, R_OK) == 0 }
    }()
}
