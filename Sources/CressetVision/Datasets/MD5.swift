import CCrypto
import Cresset

/// The MD5 of `bytes`, in 32 hexadecimal digits: it tells whether a file is the published one, not whether it is safe. Nil
/// on systems that do not allow it.
func md5(of bytes: [UInt8]) -> String? {
    var digest = [UInt8](repeating: 0, count: 16)
    guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil) == 1 else { return nil }
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
