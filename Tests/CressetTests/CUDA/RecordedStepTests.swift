import Cresset
import CressetNN
import CressetOptim
import Foundation
import Testing

/// Steps recorded by the fake driver, compared with the same steps unrecorded, while other code holds the model's
/// tensors, takes free memory, and fills the table of constants.
@Suite struct RecordedStepTests {
    /// Runs `body` with the fake driver in place of NVIDIA's.
    private static func onFakeDevice(_ body: (Device) throws -> Void) throws {
        setenv("CRESSET_CUDA_DRIVER", "fake", 1)
        try body(.cuda(0))
    }

    /// Losses and running statistics of steps after each of which `between` is called.
    private static func figures(
        records: Bool, on device: Device, dtype: DType = .float32, autocast: DType? = nil, steps: Int = 9,
        between: (Int, Sequential, Adam) -> Void
    ) throws -> [Double] {
        Generator.current.manualSeed(11)
        let model = withDevice(device) {
            Sequential(
                Conv2d(3, 4, kernelSize: 3, padding: 1), BatchNorm2d(4), ReLU(), Flatten(), Dropout(0.25),
                Linear(4 * 36, 10))
        }
        model.to(dtype)
        let optimizer = try Adam(model.parameters, lr: 1e-2)
        let step = TrainStep(optimizer, records: records) { inputs in
            (withAutocast(autocast) { model(inputs[0]).crossEntropy(inputs[1]) }, [])
        }
        let losses = (0..<steps).map { i in
            let x = Tensor.normal([4, 3, 6, 6], dtype: dtype, device: device)
            let loss = step([x, Tensor.integers([4], in: 0..<10, device: device)]).loss.item()
            between(i, model, optimizer)
            return loss
        }
        return losses + model.namedBuffers.flatMap { $0.buffer.value.scalars(as: Double.self) }
    }

    private static func expectAlike(
        on device: Device, dtype: DType = .float32, autocast: DType? = nil, steps: Int = 9,
        between: (Int, Sequential, Adam) -> Void = { _, _, _ in }
    ) throws {
        let all = try [false, true].map {
            try figures(records: $0, on: device, dtype: dtype, autocast: autocast, steps: steps, between: between)
        }
        #expect(all[0] == all[1])
    }

    @Test func replaysDoWhatTheStepDoes() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                try Self.expectAlike(on: device)
                try Self.expectAlike(on: device, dtype: .bfloat16)
                try Self.expectAlike(on: device, autocast: .bfloat16)
            }
        }
    }

    @Test func memoryGivenBackIsNotTheGraphs() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                try Self.expectAlike(on: device) { _, _, _ in
                    CUDA.emptyCache()
                    _ = (0..<40).map { Tensor.full([1 << 18], Float($0), device: device) }
                }
            }
        }
    }

    /// As code does that keeps the best weights so far.
    @Test func heldTensorsStayWhatTheyAre() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                var held: [(tensor: Tensor, values: [Float])] = []
                try Self.expectAlike(on: device, steps: 14) { i, model, optimizer in
                    if i == 6 || i == 9 {
                        let moments = optimizer.state.groups.flatMap { $0.parameters }.compactMap { $0 }
                        let weights = withoutGradients { model.parameters.map(\.value) }
                        let tensors =
                            weights + model.namedBuffers.map(\.buffer.value) + moments.flatMap { $0.tensors.values }
                        held += tensors.map { ($0, $0.scalars()) }
                    }
                    if i == 12 { #expect(held.allSatisfy { $0.tensor.scalars() == $0.values }) }
                }
            }
        }
    }

    @Test func constantsOutliveTheirTable() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                var number = 0.0
                try Self.expectAlike(on: device) { _, _, _ in
                    let one = Tensor.ones([1], device: device)
                    for _ in 0..<700 {
                        number += 1
                        _ = one * number
                    }
                    _ = (0..<60).map { Tensor.full([1], Float($0) + 0.5, device: device) }
                }
            }
        }
    }

    @Test func recordedFunctionsFollowTheirWeights() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                let layer = withDevice(device) { Linear(8, 8) }
                let function = RecordedFunction { x in withAutocast { [layer(x[0])] } }
                for _ in 0..<6 {
                    let x = Tensor.normal([2, 8], device: device)
                    let found: [Float] = function([x])[0].scalars()
                    let wanted = withoutGradients { withAutocast { layer(x) } }
                    #expect(found == wanted.scalars())
                    layer.weight.update { $0 += 0.25 }
                }
            }
        }
    }

    /// Clipping by norm, of gradients that have been unscaled, is part of the step.
    @Test func gradientsAreClippedInRecordedSteps() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                func losses(on device: Device, records: Bool) throws -> [Double] {
                    let parameter = Parameter(Tensor([1, -2, 3] as [Float]).to(device))
                    let optimizer = try SGD([parameter], lr: 0.1)
                    let step = TrainStep(
                        optimizer, scaler: GradientScaler(initialScale: 16), records: records,
                        gradients: { $0.clip(norm: 0.5) }
                    ) { inputs in
                        ((parameter.value * parameter.value * inputs[0]).sum(), [])
                    }
                    return (0..<8).map { i in
                        step([Tensor([Float(i), 0.01, 0.02]).to(device)]).loss.item()
                    }
                }
                let expected = try losses(on: .cpu, records: false)
                for records in [false, true] {
                    for (own, value) in zip(try losses(on: device, records: records), expected) {
                        #expect(abs(own - value) <= 1e-5 * abs(value))
                    }
                }
            }
        }
    }

    /// A recorded function that is called in a step becomes a part of the step's recording.
    @Test func aRecordedFunctionMayBePartOfAStep() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            func losses(records: Bool) throws -> [Float] {
                try Generator.$current.withValue(Generator(seed: 4)) {
                    let weight = Parameter(Tensor([0.5, -1, 2] as [Float]).to(.cuda(0)))
                    let optimizer = try SGD([weight], lr: 0.1)
                    let teacher = RecordedFunction { [$0[0].dropout(probability: 0.5)] }
                    let step = TrainStep(optimizer, records: records) { inputs in
                        ((inputs[0] * weight.value - teacher([inputs[0]])[0]).squared().mean(), [])
                    }
                    let x = Tensor([1, 2, 3] as [Float]).to(.cuda(0))
                    return (0..<8).map { _ in Float(step([x]).loss.item()) }
                }
            }
            let (recorded, eager) = (try losses(records: true), try losses(records: false))
            #expect(recorded == eager)
        }
    }

    /// With CRESSET_SYNC=1 every kernel is waited for, so nothing is recorded.
    @Test func synchronousWorkIsNotRecorded() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            setenv("CRESSET_SYNC", "1", 1)
            let double = RecordedFunction { [$0[0] * 2] }
            for _ in 0..<5 {
                #expect(double([Tensor([1, 2] as [Float]).to(.cuda(0))])[0].scalars(as: Float.self) == [2, 4])
            }
        }
    }
}
