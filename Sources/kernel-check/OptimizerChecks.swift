import CressetBackend

extension Family {
    static let optimizer = Family(name: "optimizer") { _ in }
}
