// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "parity",
    dependencies: [.package(name: "cresset", path: "../..")],
    targets: [
        .executableTarget(
            name: "zoo-logits", dependencies: [.product(name: "CressetVision", package: "cresset")]),
        .executableTarget(
            name: "ten-steps",
            dependencies: [
                .product(name: "Cresset", package: "cresset"), .product(name: "CressetVision", package: "cresset"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
