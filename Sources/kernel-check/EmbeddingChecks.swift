import CressetBackend

extension Family {
    static let embedding = Family(name: "embedding") { _ in }
}
