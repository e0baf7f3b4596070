import CressetBackend

extension Family {
    static let random = Family(name: "random") { _ in }
}
