import Cresset
import Foundation
import Testing

/// Runs the conformance cases kept in the repository.
@Suite struct ConformanceTests {
    private static let cases = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/conformance")

    /// The executable built next to this test bundle.
    private static var runner: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("conformance")
    }

    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = Self.runner
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    /// The devices of this machine, and the one that stands for a GPU's memory.
    private static let devices =
        ["cpu", "guarded"] + (0..<(CUDA.isAvailable ? CUDA.deviceCount : 0)).map { "cuda:\($0)" }

    @Test(arguments: devices) func allCasesPass(_ device: String) throws {
        let result = try run([Self.cases.path, "--device", device])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains(" passed, 0 failed"))
    }

    @Test func theLayoutOfInputsDoesNotMatter() throws {
        let result = try run([Self.cases.path, "--strided"])
        #expect(result.status == 0, "\(result.output)")
    }

    /// In float64, including second derivatives.
    @Test func allGradientsAreTheSlopes() throws {
        let result = try run([Self.cases.path, "--gradcheck"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains(" passed, 0 failed"))
    }

    @Test func onlyNarrowsTheRun() throws {
        let result = try run([Self.cases.path, "--only", "ops/relu_of_a_case_that_is_not_there"])
        #expect(result.output.hasSuffix("0 passed, 0 failed\n"))
        #expect(result.status == 0)
    }

    /// `conformance --from-pytorch > docs/from-pytorch.md` updates the page, and
    /// `conformance --spellings > Tests/PublicTests/FromPyTorchSpellings.swift` its Swift, which the compiler has seen.
    @Test(arguments: [
        ("--from-pytorch", "docs/from-pytorch.md"), ("--spellings", "Tests/PublicTests/FromPyTorchSpellings.swift"),
    ]) func thePageFromPyTorchIsTrue(_ option: String, _ file: String) throws {
        let printed = try run([option])
        #expect(try printed.output == String(contentsOf: SourceText.root.appending(path: file), encoding: .utf8))
        #expect(printed.status == 0)
    }

    @Test func aFolderThatIsNotThereIsAnError() throws {
        let result = try run(["/no/such/folder"])
        #expect(result.status == 2)
        #expect(result.output.contains("/no/such/folder"))
    }
}
