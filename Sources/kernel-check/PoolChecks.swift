import CressetBackend

extension Family {
    static let pool = Family(name: "pool") { _ in }
}
