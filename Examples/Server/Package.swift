// swift-tools-version: 6.2
// By itself, so that the other examples need no packages from elsewhere.
import PackageDescription

let package = Package(
    name: "server",
    dependencies: [
        .package(name: "cresset", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        .executableTarget(
            name: "classify-server",
            dependencies: [
                .product(name: "CressetVision", package: "cresset"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
