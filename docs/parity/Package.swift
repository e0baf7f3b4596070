// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "parity",
    dependencies: [.package(name: "cresset", path: "../..")],
    targets: [
        .executableTarget(
            name: "ten-steps",
            dependencies: [
                .product(name: "Cresset", package: "cresset"), .product(name: "CressetVision", package: "cresset"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
