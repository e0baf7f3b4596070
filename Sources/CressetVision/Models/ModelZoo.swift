import CressetNN

/// The networks available under torchvision's names.
public enum ModelZoo {
    /// A network of the zoo.
    struct Entry: Sendable {
        /// torchvision's name.
        let name: String
        /// The network with random weights, for a number of classes.
        let make: @Sendable (_ classes: Int) -> any ClassificationModel
    }

    /// The names, ordered by size within each family.
    public static let names = entries.map(\.name)

    /// The network with that name, with random weights.
    ///
    /// Whatever it is, its `ClassificationModel.heads` can be found and replaced.
    ///
    /// - Parameters:
    ///   - name: torchvision's name, such as `resnet18`.
    ///   - classes: The number of classes.
    /// - Throws: ``UnknownModel``, which suggests the nearest name.
    public static func make(_ name: String, classes: Int = 1000) throws(UnknownModel) -> any ClassificationModel {
        guard let entry = entries.first(where: { $0.name == name }) else { throw UnknownModel(name: name) }
        return entry.make(classes)
    }

    /// The number of parameters of the network with that name for ImageNet's classes; nil if there is none.
    package static func parameterCount(of name: String) -> Int? {
        withoutInitialValues { try? make(name) }?.parameterCount
    }
}

/// A name that no network of the zoo has.
public struct UnknownModel: ExplainedError, Sendable {
    public let name: String

    public var explanation: Explanation {
        let nearest = nearestNames(to: name, among: ModelZoo.names, count: 4).joined(separator: ", ")
        let question = nearest.isEmpty ? "" : "did you mean one of \(nearest)? "
        return Explanation(
            "there is no model named \(name.isEmpty ? "''" : name)",
            hint: question + "cresset models lists all \(ModelZoo.names.count), as does ModelZoo.names")
    }
}
