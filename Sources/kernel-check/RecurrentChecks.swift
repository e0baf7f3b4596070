import CressetBackend

extension Family {
    static let recurrent = Family(name: "recurrent") { _ in }
}
