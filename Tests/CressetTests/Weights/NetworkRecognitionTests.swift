import Cresset
import CressetNN
import CressetVision
import Testing

/// Networks are told by their number of parameters, whatever their heads and the order of their entries.
@Suite struct NetworkRecognitionTests {
    private static let auxiliary = ["aux1.", "aux2.", "AuxLogits."]

    @Test(arguments: ModelZoo.names)
    func retrainedNetworksAreRecognised(_ name: String) throws {
        let state = try withoutInitialValues { try ModelZoo.make(name, classes: 7) }.stateDict()
        let alphabetical = StateDict(state.sorted { $0.name < $1.name })
        let wrapped = state.renamed { "module." + $0 }
        let single = state.renamed { name in Self.auxiliary.contains { name.hasPrefix($0) } ? nil : name }
        for (kind, variant) in [
            ("as it is", state), ("in the order of the alphabet", alphabetical), ("wrapped", wrapped),
            ("without auxiliary heads", single),
        ] {
            let found = PretrainedWeights.recognized(variant)
            #expect(found?.model == name && found?.classes == 7, "\(kind): \(found as Any)")
        }
    }

    @Test func publishedNetworksAreRecognised() throws {
        for name in ["inception_v3", "googlenet", "efficientnet_lite4", "maxvit_t", "squeezenet1_0"] {
            let state = try withoutInitialValues { try ModelZoo.make(name) }.stateDict()
            let found = PretrainedWeights.recognized(state)
            #expect(found?.model == name && found?.classes == 1000)
        }
    }

    @Test func othersAreNot() {
        #expect(PretrainedWeights.network(of: ["conv.weight": Tensor.zeros([8, 3, 3, 3])]) == nil)
        #expect(PretrainedWeights.network(of: ["fc.weight": Tensor.zeros([3, 0])]) == nil)
        #expect(PretrainedWeights.network(of: ["fc.bias": Tensor.zeros([3])]) == nil)
    }
}
