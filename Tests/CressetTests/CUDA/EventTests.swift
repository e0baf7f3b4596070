import Cresset
import CressetNN
import CressetOptim
import Foundation
import Testing

/// Points in a GPU's work, what is said about recorded steps, and which GPUs a program starts.
@Suite struct EventTests {
    private static func onFakeDevice(_ settings: [String: String] = [:], _ body: (Device) throws -> Void) throws {
        setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
        for (name, value) in settings { setenv("CRESSET_FAKE_CUDA_\(name)", value, 1) }
        try body(.cuda(0))
    }

    @Test func eventsMeasureTheDevicesWork() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice(["LATE": "1"]) { device in
                let (start, end) = (CUDA.Event(on: device), CUDA.Event(on: device))
                #expect(start.isDone)
                start.record()
                var x = Tensor.ones([1 << 12], device: device)
                for _ in 0..<20 { x = x * 1.5 }
                end.record()
                #expect(!end.isDone)
                end.synchronize()
                #expect(start.isDone && end.isDone)
                let time = start.elapsedTime(to: end)
                #expect(time > 0 && time < 60_000)
                #expect(end.elapsedTime(to: start) == -time)
            }
        }
    }

    @Test func eventsThatWereNotRecordedHaveNoTime() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.onFakeDevice { device in
                let start = CUDA.Event(on: device)
                start.record()
                print(start.elapsedTime(to: CUDA.Event(on: device)))
            }
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("CUDA.Event: an event has not been recorded"), "\(text)")
    }

    @Test func recordingsSayWhatTheyTake() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                let model = withDevice(device) { Linear(3, 2) }
                let step = try TrainStep(SGD(model.parameters, lr: 0.1)) { (model($0[0]).mean(), []) }
                #expect("\(step)" == "TrainStep of SGD")
                for _ in 0...TrainStep.eagerSteps { _ = step([.ones([4, 3], device: device)]) }
                let pattern = #/TrainStep of SGD\n  cuda:0: float32 \[4, 3\]: [1-9][0-9]* operations, 2 MiB/#
                #expect("\(step)".wholeMatch(of: pattern) != nil, "\(step)")
                let function = RecordedFunction { [$0[0] * 2] }
                for _ in 0..<4 { _ = function([.ones([5], device: device)]) }
                #expect(
                    "\(function)".hasPrefix("RecordedFunction\n  cuda:0: float32 [5]: 1 operations, "), "\(function)")
            }
        }
    }

    @Test func pinnedMemoryStartsNoOtherDevice() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice(["DEVICES": "2"]) { _ in
                let x = Tensor([1, 2] as [Float])
                #expect(!x.pinned().isPinned)
                // Whichever is in use serves.
                let used = Tensor.ones([2], device: .cuda(1))
                let pinned = x.pinned()
                #expect(pinned.isPinned && pinned.to(.cuda(1)).scalars(as: Float.self) == [1, 2])
                #expect(used.sum().item() == 2)
                #expect(CUDA.devicesInUse == [.cuda(1)])
                #expect(withDevice(.cuda(0)) { x.pinned().isPinned })
                #expect(CUDA.devicesInUse == [.cuda(0), .cuda(1)])
            }
        }
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { _ in #expect(Tensor([1, 2] as [Float]).pinned().isPinned) }
        }
    }

    @Test func eachDeviceHasItsOwnRandomNumbers() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice(["DEVICES": "2"]) { _ in
                func draw(_ ordinal: Int) -> [Float] {
                    Tensor.uniform([5], device: .cuda(ordinal)).scalars(as: Float.self)
                }
                Generator.current.manualSeed(3)
                let alone = [draw(0), draw(0)]
                // What another device draws in between changes nothing; equal positions give equal numbers.
                Generator.current.manualSeed(3)
                let first = draw(0)
                #expect(draw(1) == alone[0])
                #expect([first, draw(0)] == alone && draw(1) == alone[1])
            }
        }
    }
}
