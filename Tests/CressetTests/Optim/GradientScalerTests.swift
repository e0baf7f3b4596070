import Cresset
import CressetCommands
import CressetNN
import CressetOptim
import Foundation
import Testing

/// Scaled training, step by step as PyTorch 2.13 does it: which steps are skipped, what is counted, and the next scale.
/// The same on the CPU, on a GPU, and in steps that a GPU records.
@Suite struct GradientScalerTests {
    /// The loss is the sum of these multiples of the parameter's squares.
    private static let factors: [[Float]] = [
        [.infinity, 1, 2], [1, 2, 3], [0.5, -1, 2], [1, .nan, 1], [2, 2, -1], [1, 0.25, 3], [-1, 1, 1], [3e38, 1, 1],
        [-.infinity, 1, 1], [1, 1, 1], [2, -3, 1], [0.5, 0.5, 0.5], [1, 2, 1], [.infinity, .infinity, .infinity],
        [1, 1, -2], [0.1, 0.2, 0.3], [1, 2, 3], [-1, -2, -3], [1, 1, 1], [2, 2, 2],
    ]
    /// After each step, with the scaler below.
    private static let scales: [Float] = [
        2.4, 2.4, 2.4, 0.72, 0.72, 0.72, 1.8, 0.54, 0.162, 0.162, 0.162, 0.405, 0.405, 0.1215, 0.1215, 0.1215, 0.30375,
        0.30375, 0.30375, 0.759375,
    ]

    private static func scaler() -> GradientScaler {
        GradientScaler(initialScale: 8, growthFactor: 2.5, backoffFactor: 0.3, growthInterval: 3)
    }

    /// torch.optim's parameters after those steps, of which five are skipped, the first among them.
    private static let rules: [(make: @Sendable (Parameter) throws -> GradientOptimizer, expected: [Float])] = [
        ({ try SGD([$0], lr: 0.1, momentum: 0.9, dampening: 0.3) }, [0.36852583, -1.0880715, 0.30051774]),
        ({ try Adam([$0], lr: 0.05) }, [0.46614224, -1.6910168, 0.0764513]),
        ({ try AdamW([$0], lr: 0.05, amsgrad: true) }, [0.46095535, -1.6773872, 0.07470269]),
        ({ try NAdam([$0], lr: 0.05) }, [0.59465355, -1.7620538, 0.2445398]),
        ({ try RAdam([$0], lr: 0.05) }, [0.55378753, -1.0442555, 0.07012548]),
        ({ try Adamax([$0], lr: 0.05) }, [0.65302414, -1.7836906, 0.22304702]),
        ({ try Adagrad([$0], lr: 0.05, lrDecay: 0.1) }, [0.8319158, -1.9070714, 0.38648051]),
        ({ try ASGD([$0], lr: 0.05, lambd: 0.1, t0: 4) }, [0.25325164, -0.639575, 0.09777912]),
        ({ try RMSprop([$0], lr: 0.05, momentum: 0.5, centered: true) }, [-0.00490015, -0.19141392, -0.00448918]),
        ({ try Adadelta([$0], lr: 0.5) }, [0.984259, -1.9917428, 0.49200815]),
        ({ try Rprop([$0], lr: 0.05) }, [0.0317387, -1.6057928, -0.01240715]),
    ]

    private static func check(on device: Device, records: Bool, watches: Bool) throws {
        for (make, expected) in rules {
            let parameter = Parameter(Tensor([1, -2, 0.5] as [Float]).to(device))
            let optimizer = try make(parameter)
            let scaler = scaler()
            let step = TrainStep(optimizer, scaler: scaler, records: records) { inputs in
                ((parameter.value * parameter.value * inputs[0]).sum(), [])
            }
            for (i, factors) in factors.enumerated() {
                _ = step([Tensor(factors).to(device)])
                // Reading the scale makes the program wait; otherwise it runs ahead of the device.
                if watches { #expect(abs(Float(scaler.scale) / scales[i] - 1) < 1e-6, "\(optimizer.name) \(i)") }
            }
            for (found, wanted) in zip(parameter.value.scalars(as: Float.self), expected) {
                #expect(abs(found - wanted) <= 2e-6, "\(optimizer.name) on \(device): \(found) for \(wanted)")
            }
            #expect(optimizer.state.groups[0].parameters[0]?.count == 15, "\(optimizer.name)")
            let state = scaler.stateDict
            #expect(state["_growth_tracker"] == 0 && state["growth_factor"] == 2.5 && state["backoff_factor"] == 0.3)
            #expect(state["growth_interval"] == 3 && abs(state["scale"]! - 0.759375) < 1e-6)
        }
    }

    @Test func stepsAreThoseOfPyTorch() throws { try Self.check(on: .cpu, records: true, watches: true) }

    private static func onFakeDevice(_ settings: [String: String] = [:], _ body: (Device) throws -> Void) throws {
        setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
        for (name, value) in settings { setenv("CRESSET_FAKE_CUDA_\(name)", value, 1) }
        try body(.cuda(0))
    }

    @Test func theDeviceDecides() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                try Self.check(on: device, records: false, watches: true)
                try Self.check(on: device, records: true, watches: true)
            }
        }
    }

    @Test func theProgramRunsAheadOfTheDevice() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice(["LATE": "1", "ORDER": "random:5"]) { device in
                try Self.check(on: device, records: false, watches: false)
                try Self.check(on: device, records: true, watches: false)
            }
        }
    }

    /// Options that change between steps, parameters without gradients, and steps with no flag in between.
    @Test func historiesThatDifferAreKeptApart() async {
        await #expect(processExitsWith: .success) {
            @Sendable func values(on device: Device) throws -> [[Double]] {
                let parameters = [[1, -2] as [Float], [0.5, 3]].map { Parameter(Tensor($0).to(device)) }
                let optimizer = try ASGD(parameters, lr: 0.05, lambd: 0.1, t0: 4)
                let nadam = try NAdam(parameters, lr: 0.01)
                var skipped = 0
                for i in 0..<40 {
                    optimizer.learningRate = 0.05 / Double(1 + i)
                    nadam.groups[0][.beta1] = i % 9 == 4 ? 0.8 : 0.9
                    let isSkipped = (i * 7) % 5 == 0 || i == 3
                    if isSkipped { skipped += 1 }
                    let flag = Tensor.full([], Float(isSkipped ? 1 : 0), device: device)
                    var loss = (parameters[0].value * parameters[0].value).sum()
                    if i % 6 < 3 { loss = loss + parameters[1].value.exp().sum() }
                    let gradients = loss.gradients()
                    if i == 20 { optimizer.step(gradients) }
                    optimizer.step(gradients, unless: flag)
                    nadam.step(gradients, unless: flag)
                }
                #expect(optimizer.state.groups[0].parameters[0]!.count == 41 - skipped)
                return parameters.map { $0.value.scalars(as: Double.self) }
            }
            let expected = try values(on: .cpu)
            try Self.onFakeDevice(["LATE": "1", "ORDER": "random:5"]) { device in
                for (found, wanted) in zip(try values(on: device).joined(), expected.joined()) {
                    #expect(abs(found - wanted) <= 1e-6 * abs(wanted))
                }
            }
        }
    }

    // MARK: float16

    private static func checkHalf(on device: Device, records: Bool) throws {
        let (losses, scales) = try Float16Training.run(on: device, records: records)
        let expected: [Double] = [
            8_388_608, 4_194_304, 2_097_152, 1_048_576, 524_288, 262_144, 131_072, 65536, 32768, 32768, 32768, 32768,
            65536, 32768, 32768, 32768, 32768, 65536, 65536, 65536, 65536, 131_072, 65536, 65536,
        ]
        #expect(scales == expected)
        for (i, loss) in [(0, 2.520250558), (9, 2.520250558), (12, 2.280145883), (23, 1.675197244)] {
            #expect(abs(losses[i] - loss) < 2e-3, "step \(i): \(losses[i])")
        }
    }

    @Test func float16TrainsWithPyTorchsScales() throws { try Self.checkHalf(on: .cpu, records: true) }

    @Test func float16TrainsOnADevice() async {
        await #expect(processExitsWith: .success) {
            try Self.onFakeDevice { device in
                try Self.checkHalf(on: device, records: false)
                try Self.checkHalf(on: device, records: true)
            }
        }
    }

    // MARK: State

    @Test func resumesFromASavedScale() throws {
        let parameter = Parameter(Tensor([1, 2] as [Float]))
        let optimizer = try SGD([parameter], lr: 0.1)
        let scaler = Self.scaler()
        scaler.load(scale: 32, finiteSteps: 2)
        var gradients = scaler.scaled((parameter.value * 3).sum()).gradients()
        #expect(gradients[parameter]!.scalars(as: Float.self) == [96, 96])
        scaler.step(optimizer, &gradients)
        #expect(scaler.scale == 80 && scaler.finiteSteps == 0)
        #expect(GradientScaler(isEnabled: false).stateDict.isEmpty)
    }

    // MARK: Gradients unscaled by hand

    @Test func unscalingTwiceDividesOnce() throws {
        let parameter = Parameter(Tensor([1, 2] as [Float]))
        let optimizer = try SGD([parameter], lr: 1)
        let scaler = GradientScaler(initialScale: 8)
        var gradients = scaler.scaled((parameter.value * 3).sum()).gradients()
        scaler.unscale(&gradients)
        scaler.unscale(&gradients)
        scaler.step(optimizer, &gradients)
        #expect(parameter.value.scalars(as: Float.self) == [-2, -1])
    }

    @Test func gradientsReplacedInAStepAreNotUnscaledAgain() throws {
        let parameter = Parameter(Tensor([1, 2] as [Float]))
        let step = TrainStep(
            try SGD([parameter], lr: 1), scaler: GradientScaler(initialScale: 8),
            gradients: { gradients in
                var kept = Gradients()
                kept[parameter] = gradients[parameter]
                gradients = kept
            }
        ) { inputs in ((parameter.value * inputs[0]).sum(), []) }
        _ = step([Tensor([3, 3] as [Float])])
        #expect(parameter.value.scalars(as: Float.self) == [-2, -1])
    }

    @Test func anOverflowInOneOfSeveralGradientsSkipsTheirStep() throws {
        let parameter = Parameter(Tensor([1, 2] as [Float]))
        let optimizer = try SGD([parameter], lr: 1)
        let scaler = GradientScaler(initialScale: 8)
        var first = scaler.scaled((parameter.value * Float.infinity).sum()).gradients()
        scaler.unscale(&first)
        var second = scaler.scaled((parameter.value * 3).sum()).gradients()
        scaler.unscale(&second)
        first += second
        scaler.step(optimizer, &first)
        #expect(parameter.value.scalars(as: Float.self) == [1, 2] && scaler.scale == 4)
        // The next step is not affected.
        var third = scaler.scaled((parameter.value * 3).sum()).gradients()
        scaler.step(optimizer, &third)
        #expect(parameter.value.scalars(as: Float.self) == [-2, -1])
    }

    @Test func anyFlagButZeroSkipsOneStep() throws {
        let parameter = Parameter(Tensor([1, 2] as [Float]))
        let optimizer = try Adam([parameter], lr: 1)
        let gradients = (parameter.value * 3).sum().gradients()
        for flag: Float in [2, 0, .nan, 0] { optimizer.step(gradients, unless: Tensor.full([], flag)) }
        #expect(optimizer.state.groups[0].parameters[0]?.count == 2)
        let values = parameter.value.scalars(as: Float.self)
        #expect(values.allSatisfy { $0.isFinite })
    }
}
