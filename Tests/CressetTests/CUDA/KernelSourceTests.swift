import Foundation
import Testing

/// What the compiler of the fake driver accepts in a kernel and NVRTC does not, or rules of the kernels forbid.
@Suite struct KernelSourceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/CCUDA/Kernels")

    @Test func kernelsUseOnlyWhatNVRTCKnows() throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
            .filter { ["cu", "h"].contains($0.pathExtension) }
        #expect(files.count > 30)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            let code = text.split(separator: "\n").map { $0.components(separatedBy: "//")[0] }
            for word in ["__builtin_", "printf", "assert(", "malloc", "__constant__", "std::", "#include <"] {
                #expect(!code.contains { $0.contains(word) }, "\(file.lastPathComponent) uses \(word)")
            }
        }
    }
}
