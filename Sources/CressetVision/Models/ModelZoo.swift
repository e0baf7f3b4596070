import CressetNN

/// The networks available under torchvision's names.
public enum ModelZoo {
    /// A network of the zoo.
    struct Entry: Sendable {
        /// torchvision's name.
        let name: String
        /// The sides of the pictures that it can take.
        let sides: InputSides
        /// The network with random weights, for a number of classes, made for pictures of a size if that matters.
        let make: @Sendable (_ classes: Int, _ imageSize: Int?) -> any ClassificationModel

        /// A network that is the same for pictures of any size.
        init(
            name: String, sides: InputSides = .atLeast(1),
            make: @escaping @Sendable (_ classes: Int) -> any ClassificationModel
        ) {
            (self.name, self.sides) = (name, sides)
            self.make = { classes, _ in make(classes) }
        }

        /// A network that is made for pictures of one size, which are cut into patches.
        init(
            name: String, patch: Int,
            make: @escaping @Sendable (_ classes: Int, _ imageSize: Int) -> any ClassificationModel
        ) {
            (self.name, sides) = (name, .multiples(of: patch))
            self.make = { make($0, $1 ?? 224) }
        }
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
    ///   - imageSize: The side of the pictures, for networks that are made for one size, as ``VisionTransformer`` is; 224
    ///     if nil. Traps if such a network cannot take it: ``inputSides(of:)`` says which it can.
    /// - Throws: ``UnknownModel``, which suggests the nearest name.
    public static func make(
        _ name: String, classes: Int = 1000, imageSize: Int? = nil
    ) throws(UnknownModel) -> any ClassificationModel {
        try entry(name).make(classes, imageSize)
    }

    /// The sides of the square pictures that the network with that name can take.
    ///
    /// A single smaller picture would end in nothing, or not fit the network's windows or patches.
    ///
    /// - Parameter name: torchvision's name, such as `resnet18`.
    /// - Throws: ``UnknownModel``, which suggests the nearest name.
    public static func inputSides(of name: String) throws(UnknownModel) -> InputSides { try entry(name).sides }

    /// Throws unless the network can take pictures of `side` × `side` pixels.
    package static func requireSide(_ side: Int, of name: String) throws {
        let sides = try inputSides(of: name)
        if !sides.contains(side) { throw UnsuitableInputSide(model: name, side: side, sides: sides) }
    }

    private static func entry(_ name: String) throws(UnknownModel) -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else { throw UnknownModel(name: name) }
        return entry
    }

    /// The number of parameters of the network with that name for ImageNet's classes; nil if there is none.
    package static func parameterCount(of name: String) -> Int? {
        withoutInitialValues { try? make(name) }?.parameterCount
    }
}

/// A name that no network of the zoo has.
public struct UnknownModel: ExplainedError, Sendable {
    public let name: String

    package init(name: String) { self.name = name }

    public var explanation: Explanation {
        let nearest = nearestNames(to: name, among: ModelZoo.names, count: 4).joined(separator: ", ")
        let question = nearest.isEmpty ? "" : "did you mean one of \(nearest)? "
        return Explanation(
            "there is no model named \(name.isEmpty ? "''" : name)",
            hint: question + "cresset models lists all \(ModelZoo.names.count)")
    }
}
