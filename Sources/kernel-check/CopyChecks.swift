import CressetBackend

extension Family {
    static let copy = Family(name: "copy") { _ in }
}
