import CressetBackend

extension Family {
    static let batchNorm = Family(name: "batchNorm") { _ in }
}
