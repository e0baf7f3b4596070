import Cresset
import CressetCPU
import CressetNN
import CressetOptim
import Glibc
import Testing

/// The device whose memory only a backend can touch: what works there does not mistake a device's memory for the host's.
@Suite struct GuardedDeviceTests {
    /// The losses of a few steps of a network with convolutions, normalisation, dropout and clipping.
    private static func losses(on device: Device) throws -> [Double] {
        let generator = Generator(seed: 11)
        return try Generator.$current.withValue(generator) {
            try withDevice(device) {
                let model = Sequential(
                    Conv2d(3, 8, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(8), ReLU(), MaxPool2d(2),
                    Conv2d(8, 8, kernelSize: 3), GroupNorm(2, 8), GELU(), AdaptiveAvgPool2d(1), Flatten(),
                    Dropout(0.2), Linear(8, 5), LayerNorm([5]), Linear(5, 3))
                let optimizer = try AdamW(model.parameters, lr: 0.01)
                return (0..<4).map { _ in
                    let pictures = Tensor.normal([6, 3, 9, 9], device: .cpu).channelsLast().to(device)
                    let labels = Tensor.integers([6], in: 0..<3, device: .cpu).to(device)
                    let loss = model(pictures).crossEntropy(labels)
                    var gradients = loss.gradients()
                    _ = gradients.clip(norm: 1)
                    optimizer.step(gradients)
                    return loss.item()
                }
            }
        }
    }

    @Test func trainingGivesTheLossesOfTheCPU() throws {
        let expected = try Self.losses(on: .cpu)
        #expect(try Self.losses(on: .guarded) == expected)
        #expect(expected.last! < expected[0] * 2, "and they are numbers")
    }

    @Test func copiesKeepTheElements() {
        let x = Tensor.normal([3, 4], generator: Generator(seed: 1))
        let there = x.to(.guarded)
        #expect(there.device == .guarded)
        #expect(there.transposed(0, 1).to(.cpu).scalars(as: Float.self) == x.transposed(0, 1).scalars(as: Float.self))
        #expect(there.scalars(as: Float.self) == x.scalars(as: Float.self))
        #expect("\(there.sum())" == "\(x.sum())")
    }

    @Test func devicesDoNotMix() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([2], device: .guarded) + Tensor.ones([2])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("guarded") && text.contains("cpu") && text.contains("add"), "\(text.prefix(300))")
    }

    @Test func hostsReadingItFault() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            setenv("SWIFT_BACKTRACE", "enable=no", 1)
            let storage = GuardedBackend.shared.allocate(byteCount: 8)
            withExtendedLifetime(storage) { #expect(storage.pointer.load(as: Float.self) == 0) }
        }
    }
}
