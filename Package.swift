// swift-tools-version: 6.2
// The targets are the layers of docs/architecture.md, level by level; Tests/CressetTests/House/LayeringTests.swift
// checks the imports.
import PackageDescription

let package = Package(
    name: "cresset",
    products: [
        .library(name: "Cresset", targets: ["Cresset", "CressetNN", "CressetOptim", "CressetData"]),
        .library(name: "CressetVision", targets: ["CressetVision", "CressetTrain"]),
        .executable(name: "cresset", targets: ["cresset-cli"]),
        .executable(name: "conformance", targets: ["conformance"]),
        // Replaces NVIDIA's libraries in tests.
        .library(name: "cressetfakecuda", type: .dynamic, targets: ["CFakeCUDA"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
    ],
    targets: [
        // Level 0: shared vocabulary and C.
        .target(name: "CressetBackend"),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("m"), .linkedLibrary("dl")]),
        .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dl")]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CPixels", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CJPEG", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("jpeg")]),
        .target(
            name: "CPNG", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("png16"), .linkedLibrary("z")]),
        .target(name: "CWebP", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CTIFF", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CGIF", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CAVIF", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CHEIF", dependencies: ["CPixels"], linkerSettings: [.linkedLibrary("dl")]),
        .target(
            name: "CCUDA", exclude: ["Kernels"], cSettings: [.headerSearchPath("Kernels")],
            linkerSettings: [.linkedLibrary("dl")]),
        .target(
            name: "CFakeCUDA", cxxSettings: [.headerSearchPath("../CCUDA/include")],
            linkerSettings: [.linkedLibrary("dl")]),
        // Level 1: devices.
        .target(name: "CressetCPU", dependencies: ["CressetBackend", "COneDNN", "CKernels"]),
        .target(name: "CressetCUDA", dependencies: ["CressetBackend", "CCUDA", "CCrypto"]),
        // Level 2: tensors.
        .target(
            name: "Cresset",
            dependencies: [
                "CressetBackend", "CressetCPU", "CressetCUDA", "CKernels", "CZlib",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // Level 3: networks, optimization, data.
        .target(name: "CressetNN", dependencies: ["Cresset"]),
        .target(name: "CressetOptim", dependencies: ["Cresset", "CressetNN"]),
        .target(name: "CressetData", dependencies: ["Cresset"]),
        // Level 4: pictures, training, commands.
        .target(
            name: "CressetVision",
            dependencies: [
                "CressetNN", "CressetData", "CCurl", "CJPEG", "CPNG", "CWebP", "CTIFF", "CGIF", "CAVIF", "CHEIF",
                "CPixels", "CZlib", "CCrypto",
            ]),
        .target(name: "CressetTrain", dependencies: ["CressetVision", "CressetOptim"]),
        .target(name: "CressetCommands", dependencies: ["CressetTrain"]),
        .executableTarget(
            name: "cresset-cli",
            dependencies: ["CressetCommands", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/cresset-cli"),
        .executableTarget(
            name: "conformance",
            dependencies: ["CressetCommands"]),
        // Compares the GPU's kernels with the CPU's, operand by operand.
        .executableTarget(name: "kernel-check", dependencies: ["CressetBackend", "CressetCPU", "CressetCUDA"]),
        .testTarget(
            name: "CressetTests",
            dependencies: ["CressetCommands", "CCUDA"],
            exclude: ["Fixtures"]),
        // What users write: it sees what is public, and nothing else.
        .testTarget(name: "PublicTests", dependencies: ["CressetTrain"], packageAccess: false),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11,
    cxxLanguageStandard: .cxx17
)

// Each target's folder has a README.md, some folders below too; they are not sources.
let otherReadmes = ["Cresset": ["Checkpoints/README.md"], "CressetVision": ["Weights/README.md"]]
for target in package.targets where target.type != .system && target.type != .test {
    target.exclude += ["README.md"] + otherReadmes[target.name, default: []]
}
