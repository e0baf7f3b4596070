import Cresset
import CressetNN
import CressetOptim
import Foundation
import Testing

/// Where on a curve the learning rate is found.
@Suite struct LearningRateCurveTests {
    private static let rates = (0..<100).map { 1e-7 * pow(10 / 1e-7, Double($0) / 99) }

    /// A loss that falls to a valley after the 45th rate and grows from the 75th.
    private static func bowl(_ x: Double) -> Double {
        2.5 - 1.5 / (1 + exp(-(x - 45) / 6)) + (x < 75 ? 0 : 0.01 * (x - 75) * (x - 75))
    }

    private func curve(_ losses: [Double], of stepCount: Int = 100) -> LearningRateCurve {
        var curve = LearningRateCurve(stepCount: stepCount)
        curve.points = zip(Self.rates, losses).map { .init(learningRate: $0, loss: $1, smoothedLoss: $1) }
        return curve
    }

    private func curve(_ loss: (Double) -> Double) -> LearningRateCurve { curve((0..<100).map { loss(Double($0)) }) }

    /// fastai's `valley(lrs[10:-5], losses[10:-5], 100)` of the same losses gives the rates with the numbers 42, 54 and 51.
    @Test func theSuggestionIsThatOfFastai() {
        #expect(curve(Self.bowl).suggestion == Self.rates[42])
        #expect(curve { Self.bowl($0) + 0.05 * sin(7 * $0) }.suggestion == Self.rates[54])
        #expect(curve { 3 - 0.01 * $0 }.suggestion == Self.rates[51])
    }

    @Test func aCurveThatNeverFallsHasNoSuggestion() {
        #expect(curve { 1 + 0.01 * $0 }.suggestion == nil)
        #expect(curve { _ in 1 }.suggestion == nil)
        #expect(curve([]).suggestion == nil)
        // It fell, but there are only the first tenth of the rates and the last five.
        #expect(curve((0..<15).map { 3 - Double($0) }).suggestion == nil)
        #expect(curve((0..<17).map { 3 - Double($0) }).suggestion == Self.rates[10])
    }

    @Test func theSteepestRateIsWhereTheLossFallsFastest() throws {
        let steepest = try #require(curve(Self.bowl).steepest)
        #expect(Self.rates[43...46].contains(steepest))
        #expect(curve { 1 + 0.01 * $0 }.steepest == nil)
    }

    @Test func groupsKeepTheirRatios() throws {
        let model = Sequential(Linear(2, 2), Linear(2, 1))
        let groups = [(model[0], 0.25), (model[1], 0.5)].map { layer, lr in
            ParameterGroup(layer.parameters, [.lr: lr])
        }
        let optimizer = try SGD(groups, lr: 1)
        var seen: [(Double, [Double])] = []
        let curve = try LearningRateFinder(optimizer, from: 0.01, to: 1, steps: 3).run(model) { lr in
            seen.append((lr, optimizer.groups.map { $0[.lr] }))
            return 1
        }
        #expect(seen.count == 3 && seen.allSatisfy { $0.1 == [$0.0 / 2, $0.0] }, "\(seen)")
        #expect(optimizer.groups.map { $0[.lr] } == [0.25, 0.5])
        #expect(curve.stepCount == 3 && curve.points.count == 3)
    }

    @Test func aLossThatIsNoNumberEndsTheSearch() throws {
        let model = Linear(1, 1)
        var count = 0
        let curve = try LearningRateFinder(try SGD(model.parameters, lr: 1)).run(model) { _ in
            count += 1
            return count == 4 ? .nan : 1
        }
        #expect(count == 4 && curve.points.count == 3 && curve.suggestion == nil)
    }
}
