// swift-tools-version: 6.2
import PackageDescription

let cresset: [Target.Dependency] = [
    .product(name: "Cresset", package: "cresset"), .product(name: "CressetVision", package: "cresset"),
]

let package = Package(
    name: "examples",
    dependencies: [.package(name: "cresset", path: "..")],
    targets: [
        // Code shared by the two MNIST programs.
        .target(name: "Digits", dependencies: cresset)
    ]
        + ["mnist-linear", "mnist-convolutional"].map {
            .executableTarget(name: $0, dependencies: cresset + ["Digits"])
        }
        + ["mnist-devices", "text", "series"].map { .executableTarget(name: $0, dependencies: cresset) }
        + [.executableTarget(name: "transfer-learning", dependencies: cresset, path: "TransferLearning")],
    swiftLanguageModes: [.v6]
)
