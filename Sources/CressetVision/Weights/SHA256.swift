import CCrypto
import Cresset
import Glibc

/// The SHA-256 of the file at `path`, as 64 hexadecimal digits; nil if it cannot be read.
func sha256(ofFile path: FilePath) -> String? {
    guard let file = try? RegularFile(path) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    return sha256 {
        let count = try? buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        return count.map { buffer[..<$0] }
    }
}

/// The SHA-256 of `bytes`, in 64 hexadecimal digits.
package func sha256(of bytes: [UInt8]) -> String {
    var rest = bytes[...]
    return sha256 {
        defer { rest = [] }
        return rest
    }!
}

/// The SHA-256 of the pieces that `next` gives, up to an empty one; nil when it gives nil.
private func sha256(_ next: () -> ArraySlice<UInt8>?) -> String? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { return nil }
    while true {
        guard let piece = next() else { return nil }
        if piece.isEmpty { break }
        let isTaken = piece.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1 }
        if !isTaken { return nil }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { return nil }
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
