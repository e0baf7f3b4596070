import CressetBackend

extension Family {
    static let indexing = Family(name: "indexing") { _ in }
}
