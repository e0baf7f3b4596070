import CressetNN

/// The networks available under torchvision's names.
public enum ModelZoo {
    /// The names, ordered by size within each family.
    public static let names = [
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
        "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2",
    ]

    /// The network with that name, with random weights.
    ///
    /// - Parameters:
    ///   - name: torchvision's name, such as `resnet18`.
    ///   - classes: The number of classes.
    /// - Throws: ``UnknownModel``, which suggests the nearest name.
    public static func make(_ name: String, classes: Int = 1000) throws(UnknownModel) -> ResNet {
        switch name {
        case "resnet18": ResNet(.basic, layers: [2, 2, 2, 2], classes: classes)
        case "resnet34": ResNet(.basic, layers: [3, 4, 6, 3], classes: classes)
        case "resnet50": ResNet(.bottleneck, layers: [3, 4, 6, 3], classes: classes)
        case "resnet101": ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: classes)
        case "resnet152": ResNet(.bottleneck, layers: [3, 8, 36, 3], classes: classes)
        case "resnext50_32x4d":
            ResNet(.bottleneck, layers: [3, 4, 6, 3], classes: classes, groups: 32, widthPerGroup: 4)
        case "resnext101_32x8d":
            ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: classes, groups: 32, widthPerGroup: 8)
        case "resnext101_64x4d":
            ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: classes, groups: 64, widthPerGroup: 4)
        case "wide_resnet50_2": ResNet(.bottleneck, layers: [3, 4, 6, 3], classes: classes, widthPerGroup: 128)
        case "wide_resnet101_2": ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: classes, widthPerGroup: 128)
        default: throw UnknownModel(name: name)
        }
    }
}

/// A name that no network of the zoo has.
public struct UnknownModel: Error, Sendable, CustomStringConvertible {
    public let name: String

    public var description: String {
        let nearest =
            nearestName(to: name, among: ModelZoo.names).map { "did you mean \($0)? There are " } ?? "there are "
        return "there is no model named \(name.isEmpty ? "''" : name)\n  hint: \(nearest)"
            + ModelZoo.names.joined(separator: ", ")
    }
}
