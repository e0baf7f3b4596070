import Cresset
import CressetNN
import CressetVision
import Testing

/// float16 as what a network is stored in and infers in: computed in float32, each result rounded once.
@Suite struct Float16Tests {
    private let folder = TemporaryFolder()

    private func model(_ name: String) throws -> any ClassificationModel {
        try Generator.$current.withValue(Generator(seed: 3)) { try ModelZoo.make(name, classes: 10) }.eval()
    }

    private func pictures() -> Tensor { Tensor.normal([2, 3, 64, 64], generator: Generator(seed: 4)) }

    /// With the folded weights, kernels and caches that are meant for float32.
    @Test(arguments: ["shufflenet_v2_x0_5", "squeezenet1_1"])
    func networksInfer(name: String) throws {
        let model = try model(name), x = pictures()
        withoutGradients {
            let exact = model(x)
            model.to(.float16)
            for _ in 0..<2 {
                let scores = model(x.to(.float16))
                #expect(scores.dtype == .float16)
                let largest = exact.abs().amax().item()
                #expect((scores.to(.float32) - exact).abs().amax().item() < 0.01 * largest, "\(name)")
            }
            #expect(model.parameters.allSatisfy { $0.dtype == .float16 })
        }
    }

    /// The copies that are kept for inference follow the weights.
    @Test func copiesOfAWeightFollowIt() throws {
        let layer = Conv2d(4, 8, kernelSize: 3, padding: 1).to(.float16)
        let x = Tensor.normal([1, 4, 8, 8], generator: Generator(seed: 5)).to(.float16)
        withoutGradients {
            let before = layer(x).to(.float32)
            #expect(layer(x).scalars(as: Float.self) == before.scalars(as: Float.self))
            layer.weight.update { $0 *= 2 }
            layer.bias?.update { $0 *= 2 }
            #expect(layer(x).to(.float32).isAllClose(to: before * 2, relativeTolerance: 1e-3, absoluteTolerance: 1e-3))
        }
    }

    /// A file keeps its type; a float32 network that loads it takes its numbers, a float16 one its bits.
    @Test(arguments: ["model.safetensors", "model.pt"]) func filesOfFloat16(name: String) throws {
        let model = try model("shufflenet_v2_x0_5"), path = folder.path + "/" + name
        let wide = try self.model("shufflenet_v2_x0_5")
        model.to(.float16)
        try model.save(to: path)
        let state = try Checkpoint.load(path)
        let weight = try #require(state["conv1.0.weight"])
        #expect(weight.dtype == .float16)
        try wide.load(state)
        #expect(try #require(wide.stateDict()["conv1.0.weight"]).dtype == .float32)
        let short = try self.model("shufflenet_v2_x0_5").to(.float16)
        try short.load(state)
        let x = pictures()
        withoutGradients {
            let scores = short(x.to(.float16))
            #expect(scores.scalars(as: Float.self) == model(x.to(.float16)).scalars(as: Float.self))
            let exact = wide(x)
            #expect((scores.to(.float32) - exact).abs().amax().item() < 0.01 * exact.abs().amax().item())
        }
    }
}
