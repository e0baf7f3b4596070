import CressetBackend

extension Family {
    static let scan = Family(name: "scan") { _ in }
}
