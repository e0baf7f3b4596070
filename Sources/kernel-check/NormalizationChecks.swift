import CressetBackend

extension Family {
    static let normalization = Family(name: "normalization") { _ in }
}
