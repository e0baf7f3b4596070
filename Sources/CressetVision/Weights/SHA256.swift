import CCrypto
import Cresset
import Glibc

/// The SHA-256 of the file at `path`, in 64 hexadecimal digits.
///
/// - Parameter path: The file.
package func sha256(ofFile path: FilePath) throws(RegularFile.ReadError) -> String {
    let file = try RegularFile(path)
    return try sha256 { (add) throws(RegularFile.ReadError) in
        while true {
            let piece = try file.read(upTo: 1 << 20)
            if piece.isEmpty { return }
            piece.withUnsafeBytes(add)
        }
    }
}

/// The SHA-256 of `bytes`, in 64 hexadecimal digits.
package func sha256(of bytes: [UInt8]) -> String { sha256 { add in bytes.withUnsafeBytes(add) } }

/// The SHA-256 of all bytes that `body` adds, one piece after another, in 64 hexadecimal digits.
///
/// - Parameter body: Called with the function that adds a piece.
package func sha256<E>(_ body: ((UnsafeRawBufferPointer) -> Void) throws(E) -> Void) throws(E) -> String {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var digest = [UInt8](repeating: 0, count: 32)
    require(EVP_DigestInit_ex(context, EVP_sha256(), nil))
    try body { require(EVP_DigestUpdate(context, $0.baseAddress, $0.count)) }
    require(EVP_DigestFinal_ex(context, &digest, nil))
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// libcrypto refuses only where it lacks memory.
private func require(_ status: Int32) { if status != 1 { fatalError("SHA-256: libcrypto has not enough memory") } }
