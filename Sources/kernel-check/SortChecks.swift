import CressetBackend

extension Family {
    static let sort = Family(name: "sort") { _ in }
}
