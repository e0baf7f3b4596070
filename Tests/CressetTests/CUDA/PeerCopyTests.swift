import Cresset
import Foundation
import Testing

/// Copies between two GPUs of one process.
@Suite struct PeerCopyTests {
    private static func onTwoDevices(_ settings: [String: String], _ body: () throws -> Void) throws {
        setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
        for (name, value) in settings { setenv("CRESSET_FAKE_CUDA_\(name)", value, 1) }
        setenv("CRESSET_FAKE_CUDA_DEVICES", "2", 1)
        try body()
    }

    /// A chain of copies and sums, in which memory on both devices is used again and again while work is under way.
    private static func copyBackAndForth() {
        for round in 0..<30 {
            let start = Tensor.full([1000 + round], Float(round), device: .cuda(0))
            var there = (start + 1).to(.cuda(1))
            for i in 0..<6 {
                // Both the copy's source and its destination are given up right away.
                let here = (there * 2).to(.cuda(0)) - Float(i)
                there = (here + 0.5).to(.cuda(1))
                _ = Tensor.full([1000 + round], Float.nan, device: .cuda(i % 2))
            }
            var expected = Float(round) + 1
            for i in 0..<6 { expected = expected * 2 - Float(i) + 0.5 }
            #expect(there.device == .cuda(1))
            #expect(there.scalars(as: Float.self) == [Float](repeating: expected, count: 1000 + round))
        }
        let empty = Tensor.zeros([0, 3], device: .cuda(0)).to(.cuda(1))
        #expect(empty.shape == [0, 3] && empty.device == .cuda(1))
    }

    @Test func copiesAreInTheOrderOfBothDevices() async {
        await #expect(processExitsWith: .success) { try Self.onTwoDevices([:]) { Self.copyBackAndForth() } }
        await #expect(processExitsWith: .success) {
            try Self.onTwoDevices(["LATE": "1", "ORDER": "random:3"]) { Self.copyBackAndForth() }
        }
        await #expect(processExitsWith: .success) { try Self.onTwoDevices(["GUARD": "1"]) { Self.copyBackAndForth() } }
    }

    @Test func withoutPeersTheyGoThroughTheHost() async {
        await #expect(processExitsWith: .success) {
            try Self.onTwoDevices(["PEERS": "0", "LATE": "1"]) { Self.copyBackAndForth() }
        }
    }

    @Test func layoutAndGradientAreKept() async {
        await #expect(processExitsWith: .success) {
            try Self.onTwoDevices(["LATE": "1"]) {
                let x = Tensor.arange(24, device: .cuda(0)).to(.float32).reshaped([2, 3, 4]).transposed(0, 2)
                let leaf = x.requiringGradient()
                let moved = leaf.to(.cuda(1))
                #expect(moved.scalars(as: Float.self) == x.scalars(as: Float.self))
                let gradient = (moved * moved).sum().gradients()[leaf]!
                #expect(gradient.device == .cuda(0))
                #expect(gradient.scalars(as: Float.self) == x.scalars(as: Float.self).map { 2 * $0 })
            }
        }
    }
}
