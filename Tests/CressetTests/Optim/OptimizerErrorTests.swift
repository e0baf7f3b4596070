import CressetOptim
import Testing

/// Errors say what is wrong, and nothing is changed.
@Suite struct OptimizerErrorTests {
    private let p = Parameter(.ones([2]))
    private let q = Parameter(.ones([3]))

    @Test func optionsAreChecked() throws {
        #expect(throws: OptimizerError.outOfRange(option: "lr", value: -1, allowed: "0 or more")) {
            try Adam([p], lr: -1)
        }
        #expect(throws: OptimizerError.self) { try Adam([p], betas: (1, 0.9)) }
        #expect(throws: OptimizerError.self) { try Rprop([p], etas: (1.2, 0.5)) }
        #expect(throws: OptimizerError.noParameters) { try Adam([Parameter]()) }
        #expect(throws: OptimizerError.duplicate(parameter: "0")) {
            try SGD([ParameterGroup([p]), ParameterGroup([p])])
        }
        #expect(throws: OptimizerError.self) { try SGD([ParameterGroup([p], ["amsgrad": 1])]) }
        #expect(throws: OptimizerError.nothingMatches("fd.*")) { try SGD([Linear(2, 2).group(matching: "fd.*")]) }
        let optimizer = try SGD([p], lr: 0.1)
        #expect(throws: OptimizerError.self) { try optimizer.set(.lr, to: -1) }
        #expect(throws: OptimizerError.self) { try optimizer.set(.beta1, to: 0.5) }
        #expect(throws: OptimizerError.noGroup(1, count: 1)) { try optimizer.set(.lr, to: 1, group: 1) }
        #expect(optimizer.learningRate == 0.1)
        #expect(throws: OptimizerError.duplicate(parameter: "0")) { try optimizer.add(ParameterGroup([p])) }
        try optimizer.add(ParameterGroup([q], [.lr: 0.5]))
        #expect(optimizer.groups.map { $0[.lr] } == [0.1, 0.5])
        #expect(optimizer.description.contains("1: 1 parameter (3 elements)"))
    }

    @Test func badGradientsAreNamed() throws {
        let optimizer = try Adam([p, q], lr: 0.1)
        var gradients = Gradients()
        gradients[p] = .ones([2])
        gradients[q] = Tensor([1, .nan, 1] as [Float])
        #expect(throws: OptimizerError.gradientNotFinite(parameter: "1")) {
            try optimizer.step(gradients, ifNotFinite: .stop)
        }
        #expect(try optimizer.step(gradients, ifNotFinite: .skip) == false)
        #expect(withoutGradients { p.value.scalars(as: Float.self) } == [1, 1])
        gradients[q] = .ones([3])
        #expect(try optimizer.step(gradients, ifNotFinite: .stop))
    }

    @Test func statesOfOthersAreRefused() throws {
        func stepped(_ parameter: Parameter) throws -> Adam {
            let optimizer = try Adam([parameter])
            var gradients = Gradients()
            gradients[parameter] = .ones(parameter.shape)
            optimizer.step(gradients)
            return optimizer
        }
        let mine = try stepped(p)
        let before = mine.state.groups[0].parameters[0]!.tensors["exp_avg"]!.scalars(as: Float.self)
        #expect(throws: OptimizerError.self) { try mine.load(stepped(q).state) }
        #expect(throws: OptimizerError.self) { try mine.load(SGD([p]).state) }
        #expect(throws: OptimizerError.self) { try mine.load(Adam([p, q]).state) }
        var broken = mine.state
        broken.groups[0].options["lr"] = -1
        #expect(throws: OptimizerError.self) { try mine.load(broken) }
        broken = mine.state
        broken.groups[0].parameters[0]!.tensors["exp_avg_sq"] = nil
        #expect(throws: OptimizerError.self) { try mine.load(broken) }
        #expect(mine.state.groups[0].parameters[0]!.tensors["exp_avg"]!.scalars(as: Float.self) == before)
        #expect(mine.learningRate == 1e-3)
    }

    @Test func sparseAdamTakesRowsAlone() throws {
        let table = Parameter(.ones([5, 2]))
        let optimizer = try SparseAdam([table], lr: 0.1)
        #expect(throws: OptimizerError.denseGradient(parameter: "0")) {
            try optimizer.step(table.value.sum().gradients())
        }
        let loss = table.value.embedding(Tensor([1, 3, 1]), isSparse: true).squared().sum()
        try optimizer.step(loss.gradients())
        let rows: [Float] = withoutGradients { table.value.scalars() }
        #expect(rows.enumerated().allSatisfy { ($0.offset / 2 == 1 || $0.offset / 2 == 3) == ($0.element != 1) })
    }

    @Test func aLossThatIsNoNumberStopsLBFGS() throws {
        let optimizer = try LBFGS([p])
        #expect(throws: OptimizerError.self) { try optimizer.step { (p.value * Double.nan).sum() } }
        #expect(withoutGradients { p.value.scalars(as: Float.self) } == [1, 1])
    }
}
