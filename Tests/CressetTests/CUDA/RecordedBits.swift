import Cresset
import Foundation
import Testing

/// How the driver that computes on the CPU works in a process that ends with the test: `CRESSET_FAKE_CUDA_…`.
enum FakeMode: String, CaseIterable, Codable, CustomTestStringConvertible {
    case forward, random, late, guarded

    private var settings: [String: String] {
        switch self {
        case .forward: [:]
        case .random: ["ORDER": "random:5"]
        case .late: ["ORDER": "random:9", "LATE": "1"]
        case .guarded: ["GUARD": "1"]
        }
    }
    var testDescription: String { rawValue }

    /// The device, in a process that has not used one yet.
    func device() throws -> Device {
        for (name, value) in FakeMachine.variables(settings) { setenv(name, value, 1) }
        setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
        return .cuda(0)
    }
}

/// Functions that are executed one operator at a time and, with the same inputs, as recorded work.
enum RecordedBits {
    /// Compares the two, bit by bit (NaN is NaN), and returns how many kernels, copies and fills were recorded.
    @discardableResult
    static func expectSame(
        _ name: String, on device: Device, _ inputs: [Tensor], _ body: ([Tensor]) -> [Tensor],
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Int {
        // Not the inputs themselves: a body may change them in place.
        func copies() -> [Tensor] { inputs.map { $0.detached().cloned() } }
        var expected: [[Double]] = []
        for _ in 0..<2 { expected = body(copies()).map { $0.scalars() } }
        let given = copies()
        let (recording, results) = DeviceRecording.record(on: device) { body(given) }
        recording.launch()
        let found: [[Double]] = results.map { $0.scalars() }
        #expect(found.count == expected.count, sourceLocation: sourceLocation)
        for (place, (a, b)) in zip(found, expected).enumerated() {
            let isSame = zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
            #expect(isSame && a.count == b.count, "\(name), result \(place)", sourceLocation: sourceLocation)
        }
        return recording.nodeCount
    }
}
