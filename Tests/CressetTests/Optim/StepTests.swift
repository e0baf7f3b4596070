import Cresset
import CressetNN
import CressetOptim
import Testing

@Suite struct StepTests {
    @Test func anyOptimizerMakesSteps() throws {
        let makers: [(Parameter) throws -> any Optimizer] = [
            { try SGD([$0], lr: 0.1) }, { try Adam([$0], lr: 0.1) }, { try LBFGS([$0], lr: 0.1) },
        ]
        for make in makers {
            let p = Parameter(Tensor([3.0, -2]))
            let optimizer = try make(p)
            let first = try optimizer.step { p.value.squared().sum() }
            #expect(first == 13)
            #expect(withoutGradients { p.value.squared().sum().item() } < 13)
        }
        let p = Parameter(Tensor([1.0]))
        let optimizer: any Optimizer = try SGD([p], lr: 0.5)
        try optimizer.step(p.value.squared().sum().gradients())
        #expect(p.value.item() == 0)
    }

    @Test func lbfgsNeedsTheLoss() throws {
        let p = Parameter(Tensor([1.0]))
        let optimizer: any Optimizer = try LBFGS([p])
        let gradients = p.value.sum().gradients()
        #expect(throws: OptimizerError.needsLoss) { try optimizer.step(gradients) }
    }

    @Test func aLayerThatLeftTheModelIsFound() async {
        await #expect(processExitsWith: .failure) {
            let (old, new) = (Linear(2, 2), Linear(2, 3))
            let optimizer = try SGD(old.parameters, lr: 0.1)
            optimizer.step(new(Tensor.ones([1, 2])).sum().gradients())
        }
        await #expect(processExitsWith: .failure) {
            let (old, new) = (Linear(2, 2), Linear(2, 3))
            try LBFGS(old.parameters).step { new(Tensor.ones([1, 2])).sum() }
        }
    }

    @Test func frozenOrUnusedPartsAreNoMistake() throws {
        let (first, second) = (Linear(2, 2), Linear(2, 2))
        let both = try SGD(first.parameters + second.parameters, lr: 0.1)
        both.step(first(Tensor.ones([1, 2])).sum().gradients())
        second.freeze()
        let frozen = try SGD(second.parameters, lr: 0.1)
        frozen.step(first(Tensor.ones([1, 2])).sum().gradients())
        both.step(Gradients())
    }
}
