import CressetOptim
import Foundation
import Testing

/// Clipping, averages and the learning-rate finder.
@Suite struct AroundTheStepTests {
    @Test func gradientsAreClipped() {
        let (p, q) = (Parameter(.zeros([2])), Parameter(.zeros([1])))
        var gradients = Gradients()
        gradients[p] = Tensor([3, 0] as [Float])
        gradients[q] = Tensor([-4] as [Float])
        #expect(gradients.norm() == 5 && gradients.norm(order: .infinity) == 4)
        var clipped = gradients
        #expect(clipped.clip(norm: 1).item() == 5)
        #expect(abs(clipped.norm() - 1) < 1e-5)
        clipped = gradients
        clipped.clip(norm: 2, of: [q])
        #expect(abs(clipped[q]!.item() + 2) < 1e-5 && clipped[p]!.scalars(as: Float.self) == [3, 0])
        clipped = gradients
        clipped.clip(value: 1)
        #expect(clipped[p]!.scalars(as: Float.self) == [1, 0] && clipped[q]!.item() == -1)
        clipped = gradients
        #expect(clipped.clip(norm: 100).item() == 5 && clipped[q]!.item() == -4)
    }

    @Test func weightsAreAveraged() throws {
        let model = Linear(1, 1, bias: false)
        let (mean, moving) = (WeightAverage(model), WeightAverage(model, .exponential(decay: 0.5)))
        for value in [1, 2, 6] as [Float] {
            model.weight.value = Tensor([value], shape: [1, 1])
            mean.update()
            moving.update()
        }
        #expect(abs(mean.stateDict()["weight"]!.item() - 3) < 1e-6)
        #expect(abs(moving.stateDict()["weight"]!.item() - 3.75) < 1e-6)
        mean.withAveragedWeights { #expect(withoutGradients { abs(model.weight.value.item() - 3) < 1e-6 }) }
        #expect(withoutGradients { model.weight.value.item() } == 6)
        try mean.load(["weight": Tensor([9] as [Float], shape: [1, 1])], updateCount: 1)
        mean.update()
        #expect(mean.stateDict()["weight"]!.item() == 7.5)
    }

    @Test func batchNormLearnsItsStatisticsAnew() {
        let layer = BatchNorm1d(1).eval()
        layer.updateBatchNorm([[1, 3], [5, 9]] as [[Float]]) { _ = layer(Tensor($0, shape: [2, 1])) }
        #expect(abs(layer.runningMean!.value.scalars(as: Double.self)[0] - 4.5) < 1e-5)
        // Unbiased: (2 + 8) / 2.
        #expect(abs(layer.runningVar!.value.scalars(as: Double.self)[0] - 5) < 1e-4)
        #expect(layer.numBatchesTracked!.value.item() == 2 && !layer.isTraining)
    }

    @Test func theFinderPutsEverythingBack() throws {
        let model = Linear(4, 1)
        let x = (Tensor.arange(32).to(.float32) * 0.7).sin().reshaped([8, 4])
        let y = x.sum(axes: [1], keepsAxes: true)
        let optimizer = try SGD(model.parameters, lr: 0.5, momentum: 0.9)
        let before = model.stateDict()["weight"]!.scalars(as: Float.self)
        let curve = try LearningRateFinder(optimizer, from: 1e-4, to: 100).run(model) { lr in
            #expect(optimizer.learningRate == lr)
            let loss = (model(x) - y).squared().mean()
            optimizer.step(loss.gradients())
            return loss.detached().item()
        }
        #expect(model.stateDict()["weight"]!.scalars(as: Float.self) == before)
        #expect(optimizer.learningRate == 0.5 && optimizer.state.groups[0].parameters.allSatisfy { $0 == nil })
        // It diverges long before a rate of 100.
        #expect(curve.points.count < 100)
        let suggestion = try #require(curve.suggestion)
        #expect(suggestion > 1e-3 && suggestion < 10)
        #expect(curve.plot.svg.hasPrefix("<svg") && curve.plot.svg.contains("polyline"))
    }

    /// Gradients of intermediate tensors are not gradients of parameters: they do not count in the norm.
    @Test func innerGradientsTakeNoPartInTheNorm() {
        let p = Parameter(Tensor([3, 4] as [Float]))
        func gradients() -> (Gradients, Tensor) {
            let hidden = p.value * 2
            return ((hidden * hidden).sum().gradients(withRespectTo: [hidden]), hidden)
        }
        var (sum, hidden) = gradients()
        #expect(sum.count == 1 && sum.tensors.count == 1)
        #expect(sum.norm() == 40 && sum[hidden]!.scalars(as: Float.self) == [12, 16])
        sum += sum
        #expect(sum[hidden]!.scalars(as: Float.self) == [24, 32] && sum[p]!.scalars(as: Float.self) == [48, 64])
    }

    @Test func theAverageOfTiedWeightsHasAllTheirNames() throws {
        final class Tied: Layer {
            let first = Linear(2, 2, bias: false)
            let second: Linear
            init() { second = first }
            func forward(_ x: Tensor) -> Tensor { second(first(x)) }
        }
        let model = Tied()
        model.first.weight.value = .ones([2, 2])
        let average = WeightAverage(model)
        average.update()
        model.first.weight.value = .full([2, 2], 3)
        average.update()
        let state = average.stateDict()
        #expect(state.map(\.name) == ["first.weight", "second.weight"])
        #expect(state.allSatisfy { $0.tensor.scalars(as: Float.self) == [2, 2, 2, 2] })
        try average.load(model.stateDict(sharedOnce: true), updateCount: 2)
        #expect(average.stateDict()["second.weight"]!.scalars(as: Float.self) == [3, 3, 3, 3])
    }

    /// Options that change during training change the state; it is the one that the current options need.
    @Test func theStateFitsOptionsThatChanged() throws {
        let p = Parameter(.ones([2]))
        var gradients = Gradients()
        gradients[p] = .ones([2])
        let sgd = try SGD([p], lr: 0.1, momentum: 0.9)
        sgd.step(gradients)
        sgd.groups[0][.momentum] = 0
        try sgd.load(sgd.state)
        sgd.groups[0][.momentum] = 0.9
        try sgd.load(sgd.state)
        let adam = try Adam([p], lr: 0.1)
        adam.step(gradients)
        adam.groups[0][.amsgrad] = 1
        try adam.load(adam.state)
        #expect(adam.state.groups[0].parameters[0]!.tensors.count == 3)
    }

    /// State that the options do not use for a while is still there when they use it again, as in PyTorch.
    @Test func momentumThatRestsIsNotForgotten() throws {
        func run(_ momenta: [Double]) throws -> Double {
            let p = Parameter(Tensor([1.0] as [Double]))
            let optimizer = try SGD([p], lr: 0.1, momentum: 0.9)
            for momentum in momenta {
                optimizer.groups[0][.momentum] = momentum
                optimizer.step((p.value * p.value).sum().gradients())
            }
            return withoutGradients { p.value.item() }
        }
        // By hand: v = 0.9 v + 2 p with momentum, 2 p without, which leaves v unchanged.
        var (p, v) = (1.0, 0.0)
        for momentum in [0.9, 0, 0, 0.9] {
            if momentum > 0 { v = momentum * v + 2 * p }
            p -= 0.1 * (momentum > 0 ? v : 2 * p)
        }
        #expect(abs(try run([0.9, 0, 0, 0.9]) - p) < 1e-12)
    }

    /// Statistics computed with the averaged weights belong to the average; the model gets its own back.
    @Test func averagedStatisticsBelongToTheAverage() {
        let model = Sequential(Linear(2, 2), BatchNorm1d(2))
        let x = Tensor.normal([8, 2]) * 3 + 1
        let average = WeightAverage(model)
        average.update()
        let own = model.stateDict()["1.running_mean"]!.scalars(as: Float.self)
        average.withAveragedWeights { model.updateBatchNorm([x]) { _ = model($0) } }
        #expect(model.stateDict()["1.running_mean"]!.scalars(as: Float.self) == own)
        let averaged = average.stateDict()["1.running_mean"]!.scalars(as: Float.self)
        #expect(averaged != own)
        average.withAveragedWeights {
            #expect(model.stateDict()["1.running_mean"]!.scalars(as: Float.self) == averaged)
        }
        average.update()
        #expect(average.stateDict()["1.running_mean"]!.scalars(as: Float.self) == own)
    }

    @Test func lbfgsCanClimb() throws {
        let p = Parameter(Tensor([3.0, -2] as [Double]))
        let optimizer = try LBFGS([p], lineSearch: .strongWolfe, maximize: true)
        let first = try optimizer.step { -(p.value * p.value).sum() }
        #expect(first == -13)
        #expect(withoutGradients { p.value.abs().amax().item() } < 1e-6)
        #expect(throws: OptimizerError.self) { try optimizer.set(.maximize, to: 0.5) }
    }

    /// Numbers that PyTorch's schedules store in a group are passed through.
    @Test func numbersOfSchedulesAreCarried() throws {
        let p = Parameter(.zeros([2]))
        let optimizer = try SGD([p], lr: 0.1)
        _ = Scheduler(optimizer, ConstantLR(factor: 0.5))
        var saved = optimizer.state.pytorch
        #expect(saved["param_groups"]?.items?[0]["initial_lr"]?.number == 0.1)
        var state = try OptimizerState(pytorch: saved)
        state.groups[0].carried["max_lr"] = 3
        try optimizer.load(state)
        saved = optimizer.state.pytorch
        #expect(saved["param_groups"]?.items?[0]["max_lr"]?.number == 3)
        let (tensors, metadata) = try optimizer.state.saved()
        #expect(
            try OptimizerState(tensors: tensors, metadata: metadata).groups[0].carried == [
                "initial_lr": 0.1, "max_lr": 3,
            ])
    }

    @Test func anInfiniteFirstFigureIsNoBest() {
        let optimizer = try! SGD([Parameter(.zeros([1]))], lr: 0.1)
        let plateau = ReduceLROnPlateau(optimizer, .init(factor: 0.5, patience: 0))
        #expect(plateau.step(.infinity) && optimizer.learningRate == 0.05)
        #expect(plateau.state.best == nil)
    }
}
