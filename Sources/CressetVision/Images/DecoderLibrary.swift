import CAVIF
import CGIF
import CHEIF
import CTIFF
import CWebP
import Glibc

/// A library that decodes a format, opened at the first picture of that format: a program that sees none does not need
/// it, and starts without it.
struct DecoderLibrary<Functions>: @unchecked Sendable {
    // Safe to send: the functions may be called from any thread, and the table never changes.
    private let functions: Result<Functions, ImageError>

    /// Opens the first of `names` that exists and is complete.
    fileprivate init(
        _ names: [String], for format: PictureHeader.Format, package: String,
        _ load: (UnsafeMutableRawPointer, UnsafeMutablePointer<Functions>) -> UnsafePointer<CChar>?
    ) {
        let missing = ImageError.missingLibrary(format: format.rawValue, package: package)
        functions = DecoderLibrary.open(names, load).mapError { problem in
            guard let reason = problem.reason else { return missing }
            return .unusableLibrary(format: format.rawValue, package: package, reason: reason)
        }
    }

    /// Why no library could be opened; without a reason there is none.
    private struct Problem: Error {
        var reason: String?
    }

    private static func open(
        _ names: [String], _ load: (UnsafeMutableRawPointer, UnsafeMutablePointer<Functions>) -> UnsafePointer<CChar>?
    ) -> Result<Functions, Problem> {
        var problem = Problem()
        var functions: Functions?
        for name in names {
            guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
                let message = dlerror().map { String(cString: $0) } ?? ""
                // Another file that is not there is one that the library needs.
                let isMissing = message.hasPrefix("\(name): ") && message.hasSuffix("No such file or directory")
                if !isMissing && problem.reason == nil { problem.reason = message }
                continue
            }
            let lack: String? = withUnsafeTemporaryAllocation(of: Functions.self, capacity: 1) { table in
                if let lack = load(library, table.baseAddress!) { return String(cString: lack) }
                functions = table[0]
                return nil
            }
            if let functions { return .success(functions) }
            if let lack, problem.reason == nil { problem.reason = "\(name) lacks \(lack)" }
        }
        return .failure(problem)
    }

    /// The functions; throws ``ImageError/missingLibrary(format:package:)`` if this machine has none, and
    /// ``ImageError/unusableLibrary(format:package:reason:)`` if what it has does not serve.
    func table() throws(ImageError) -> Functions { try functions.get() }
}

extension DecoderLibrary<cresset_webp> {
    static let webp = DecoderLibrary(["libwebp.so.7"], for: .webp, package: "libwebp7") { cresset_load_webp($0, $1) }
}

extension DecoderLibrary<cresset_tiff> {
    static let tiff = DecoderLibrary(["libtiff.so.6", "libtiff.so.5"], for: .tiff, package: "libtiff6") {
        cresset_load_tiff($0, $1)
    }
}

extension DecoderLibrary<cresset_gif> {
    static let gif = DecoderLibrary(["libgif.so.7"], for: .gif, package: "libgif7") { cresset_load_gif($0, $1) }
}

extension DecoderLibrary<cresset_avif> {
    static let avif = DecoderLibrary(
        ["libavif.so.16", "libavif.so.15"], for: .avif, package: "libavif16, on Debian 12 libavif15"
    ) { cresset_load_avif($0, $1) }
}

extension DecoderLibrary<cresset_heif> {
    static let heif = DecoderLibrary(["libheif.so.1"], for: .heic, package: "libheif1") { cresset_load_heif($0, $1) }
}
