import CressetOptim
import Foundation
import Testing

/// Reads states of PyTorch's optimizers, and writes them for it. `Fixtures/pytorch/optimizers.py` made the files; with
/// a folder as its argument it checks what ``writesWhatPyTorchReads(_:)`` wrote there.
@Suite struct PyTorchStateTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/pytorch").path
    private let folder = TemporaryFolder()

    private func fixture() throws -> CheckpointValue {
        try CheckpointValue(contentsOf: Self.fixtures + "/optimizers.pth")
    }

    private func difference(_ a: Tensor, _ b: Tensor) -> Double {
        (a.to(.float64) - b.to(.float64)).abs().amax().item()
    }

    @Test(arguments: OptimizerCase.all) func goesOnWherePyTorchWas(_ example: OptimizerCase) throws {
        let saved = try #require(try fixture()[example.name])
        let state = try OptimizerState(pytorch: saved)
        let parameters = OptimizerCase.parameters(try #require(saved["before"]?.tensor))
        let optimizer = try example.plainOptimizer(parameters)
        #expect(state.optimizer == optimizer.name)
        try optimizer.load(state)
        for (option, value) in try example.optimizer(OptimizerCase.start()).groups[0].options {
            #expect(optimizer.groups[0][option] == value, "\(option)")
        }
        for t in 6...10 { try OptimizerCase.step(optimizer, parameters, t) }
        let after = try #require(saved["after"]?.tensor)
        #expect(difference(OptimizerCase.vector(parameters), after) < 2e-6)
    }

    @Test(arguments: OptimizerCase.all) func writesWhatPyTorchReads(_ example: OptimizerCase) throws {
        let path = ProcessInfo.processInfo.environment["CRESSET_PYTORCH_FOLDER"] ?? folder.path
        let parameters = OptimizerCase.start()
        let optimizer = try example.optimizer(parameters)
        for t in 1...5 { try OptimizerCase.step(optimizer, parameters, t) }
        let (state, before) = (optimizer.state, OptimizerCase.vector(parameters))
        for t in 6...10 { try OptimizerCase.step(optimizer, parameters, t) }
        let file: CheckpointValue = [
            "optimizer": state.pytorch, "before": .tensor(before), "after": .tensor(OptimizerCase.vector(parameters)),
        ]
        try file.save(to: "\(path)/\(example.name).pth")

        let again = try OptimizerState(contentsOf: "\(path)/\(example.name).pth")
        #expect(again.optimizer == state.optimizer && again.groups.map(\.options) == state.groups.map(\.options))
        for (a, b) in zip(again.groups.flatMap(\.parameters), state.groups.flatMap(\.parameters)) {
            // SGD without momentum has nothing to save; with momentum PyTorch counts no steps.
            if example.name.hasPrefix("SGD") { continue }
            #expect(a?.count == b?.count && a?.numbers == b?.numbers)
            #expect(a?.tensors.mapValues { $0.scalars(as: Float.self) } == b?.tensors.mapValues { $0.scalars() })
        }
    }

    @Test func writesEveryTypeOfTensor() throws {
        let path = ProcessInfo.processInfo.environment["CRESSET_PYTORCH_FOLDER"] ?? folder.path
        let state = Self.state()
        try Checkpoint.save(state, to: path + "/model.pth")
        let again = try Checkpoint(contentsOf: path + "/model.pth")
        #expect(again.container == .zip && again.state.keys == state.keys && again.skipped.isEmpty)
        for (name, tensor) in state {
            #expect(again.state[name]?.dtype == tensor.dtype && again.state[name]?.shape == tensor.shape)
            #expect(again.state[name]?.scalars(as: Double.self) == tensor.scalars(as: Double.self))
        }
    }

    private static func state() -> StateDict {
        var state = StateDict()
        let types: [DType] = [
            .float32, .float64, .bfloat16, .float16, .int64, .int32, .int16, .int8, .uint8,
        ]
        for type in types { state["\(type)"] = Tensor.arange(6).reshaped([2, 3]).to(type) }
        state["bool"] = Tensor.arange(2).to(.bool)
        state["empty"] = Tensor.zeros([0, 3])
        state["scalar"] = Tensor.zeros([], dtype: .int64)
        // Stored in a different order from the one it is read in.
        state["ordered"] = Tensor.arange(24).to(.float32).reshaped([1, 2, 3, 4]).channelsLast()
        state["shared"] = state["float32"]
        return state
    }

    @Test func findsTheOptimizerInACheckpoint() throws {
        let path = Self.fixtures + "/adamw.pth"
        let parameters = OptimizerCase.start()
        let optimizer = try AdamW([ParameterGroup([parameters[0]]), ParameterGroup([parameters[1]])])
        try optimizer.load(contentsOf: path)
        #expect(optimizer.groups.map { $0[.lr] } == [0.01, 0.005] && optimizer.groups[1][.weightDecay] == 0.1)
        #expect(optimizer.state.groups[1].parameters[0]?.count == 5)
        let file = try CheckpointValue(contentsOf: path)
        #expect(file["epoch"]?.int == 5 && file["note"]?.text == "as people write it")
        #expect(file["model"]?.stateDict?["x"]?.shape == [10])
        // Under a script's own names: one is found; if there are several, none.
        let state = optimizer.state.pytorch
        #expect(try OptimizerState(pytorch: ["mine": state, "epoch": 3]).optimizer == "AdamW")
        let several = #expect(throws: OptimizerError.self) {
            try OptimizerState(pytorch: ["generator": state, "critic": state])
        }
        #expect(several?.description.contains("generator, critic") == true)
        let none = #expect(throws: OptimizerError.self) { try OptimizerState(pytorch: ["epoch": 3]) }
        #expect(none?.description.contains("no optimizer") == true)
    }

    @Test func statesOfOthersAreRefused() throws {
        let adamw = try OptimizerState(contentsOf: Self.fixtures + "/adamw.pth")
        func refusal(_ optimizer: any Optimizer) -> String? {
            let before = "\(optimizer)"
            let error = #expect(throws: OptimizerError.self) { try optimizer.load(adamw) }
            #expect("\(optimizer)" == before)
            #expect(optimizer.state.groups.allSatisfy { $0.parameters.allSatisfy { $0 == nil } })
            return error?.description
        }
        let p = OptimizerCase.start()
        #expect(refusal(try Adam(p))?.contains("it belongs to AdamW, not Adam") == true)
        #expect(refusal(try AdamW(p))?.contains("it has 2 groups, not 1") == true)
        let (one, two) = (ParameterGroup([p[0]]), ParameterGroup([p[1]]))
        #expect(
            refusal(try AdamW([ParameterGroup(p), ParameterGroup([Parameter(.ones([1]))])]))?
                .contains("group 0 has 1 parameters, not 2") == true)
        #expect(refusal(try AdamW([two, one]))?.contains("exp_avg of parameter 0 has shape [3, 2]") == true)
    }

    @Test func statesThatMakeNoSenseAreRefused() throws {
        func state(
            _ entries: CheckpointValue, _ params: CheckpointValue = [0, 1], _ options: [CheckpointValue.Pair] = []
        ) -> CheckpointValue {
            let group: [CheckpointValue.Pair] = [
                ("lr", 0.1), ("betas", .tuple([0.9, 0.99])), ("eps", 1e-8), ("weight_decay", 0), ("amsgrad", false),
                ("decoupled_weight_decay", false), ("params", params),
            ]
            return ["state": entries, "param_groups": [.dictionary(group + options)]]
        }
        let optimizer = try Adam(OptimizerCase.start())
        try optimizer.load(OptimizerState(pytorch: state(.dictionary([]))))
        #expect(optimizer.learningRate == 0.1)
        let bad: [CheckpointValue] = [
            .none, 3, "text", [1, 2], ["state": 1, "param_groups": 2], ["a": 1], state([:], 5), state([:], ["a", "b"]),
            state([5: ["step": 1]]), state(["x": ["step": 1]]), state([0: 7]), state([0: ["step": "many"]]),
            state([0: ["step": -1]]), state([0: ["step": .double(.nan)]]), state([0: ["step": 0.5]]),
            state([0: ["step": 1e300]]), state([0: ["step": 1, "exp_avg": 5]]), state([0: ["step": 1]]),
            state([0: ["step": 1, "exp_avg": .tensor(.ones([3, 2])), "exp_avg_sq": .tensor(.ones([2, 3]))]]),
            state([0: ["step": 1]], [0, 0]), state([:], [0]), state([:], [0, 1], [("lr", "fast")]),
            state([:], [0, 1], [("lr", -1)]), state([:], [0, 1], [("betas", [0.9])]),
            state([:], [0, 1], [("betas", [2, 3])]),
        ]
        for (i, value) in bad.enumerated() {
            #expect(throws: OptimizerError.self, "\(i)") { try optimizer.load(OptimizerState(pytorch: value)) }
        }
        #expect(optimizer.learningRate == 0.1)
        // What scripts store in addition, and how PyTorch computes: no effect.
        let beside: [CheckpointValue.Pair] = [("fused", true), ("foreach", .none), ("name", "head"), ("initial_lr", 9)]
        try optimizer.load(OptimizerState(pytorch: state([:], [0, 1], beside)))
    }

    /// Every byte of the pickle is replaced by others: an error or a state, never a crash, and no partial state.
    @Test func survivesMutants() throws {
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/adamw.pth")))
        // The first member's bytes are at PyTorch's alignment; a descriptor follows.
        let end = try #require((64..<file.count).first { file[$0...].starts(with: [0x50, 0x4B, 7, 8]) })
        let pickle = Array(file[64..<end])
        let storages = [4, 24, 24, 4, 16, 16, 40].enumerated().map {
            ("\($0.offset)", [UInt8](repeating: 0, count: $0.element))
        }
        #expect(throws: Never.self) {
            try OptimizerState(contentsOf: folder.file("sound.pth", torchZip(pickle, storages: storages)))
        }
        let parameters = OptimizerCase.start()
        let optimizer = try AdamW([ParameterGroup([parameters[0]]), ParameterGroup([parameters[1]])])
        var random = SystemRandomNumberGenerator()
        var loaded = 0
        for position in pickle.indices {
            for _ in 0..<3 {
                var mutant = pickle
                mutant[position] = .random(in: 0...255, using: &random)
                let path = folder.file("mutant.pth", torchZip(mutant, storages: storages))
                let before = "\(optimizer)"
                do {
                    try optimizer.load(contentsOf: path)
                    loaded += 1
                } catch {
                    #expect("\(optimizer)" == before)
                    #expect(error is CheckpointError || error is OptimizerError)
                }
            }
        }
        #expect(loaded > 0)
    }

    @Test func schedulersOfPyTorch() throws {
        let saved: CheckpointValue = ["base_lrs": [0.1, 0.2], "last_epoch": 3, "step_size": 2, "gamma": 0.1]
        #expect(try Scheduler.State(pytorch: saved) == .init(epoch: 3, baseRates: [0.1, 0.2]))
        #expect(throws: OptimizerError.self) { try Scheduler.State(pytorch: ["last_epoch": 3]) }
    }
}
