import Cresset
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Foundation
import Testing

/// Options become recipes, or usage errors.
@Suite struct RecipeOptionTests {
    private func options(_ change: (inout TrainingOptions) -> Void) -> TrainingOptions {
        var options = TrainingOptions()
        options.weights = "none"
        change(&options)
        return options
    }

    /// The recipe of docs/recipes.md, unless something else is asked for.
    @Test func trainedWeightsThawFromTheHead() throws {
        let options = options { $0.weights = "imagenet" }.completed()
        #expect(options.learningRate == 0.005 && options.scheduler == .cosine)
        #expect(options.frozenEpochs == 1 && options.layerDecay == 0.8)
        let head = self.options { ($0.weights, $0.freezesBody) = ("imagenet", true) }.completed()
        #expect(head.learningRate == 0.005 && head.frozenEpochs == 0 && head.layerDecay == 1 && head.problem == nil)
        let given = self.options {
            ($0.weights, $0.optimizer, $0.scheduler) = ("imagenet", .adamw, .onecycle)
            ($0.frozenEpochs, $0.layerDecay) = (0, 1)
        }.completed()
        #expect(given.learningRate == 0.001 && given.scheduler == .onecycle)
        #expect(given.frozenEpochs == 0 && given.layerDecay == 1)
        let recipe = try self.options { $0.weights = "imagenet" }.recipe(
            for: ModelZoo.make("resnet18", classes: 2), batchCount: 3)
        #expect(recipe.freezing?.epochs == 1 && recipe.optimizer.groups.count == 10)
    }

    private func rates(_ options: TrainingOptions, batchCount: Int) throws -> [Double] {
        let recipe = try options.recipe(for: Linear(2, 2), batchCount: batchCount)
        guard case .eachStep(let schedule) = recipe.schedule else { return [] }
        return (0..<options.epochs * batchCount).map { schedule.learningRate(at: $0, base: 1) }
    }

    @Test(arguments: TrainingOptions.OptimizerName.allCases)
    func everyOptimizerHasPyTorchsName(_ name: TrainingOptions.OptimizerName) throws {
        let recipe = try options { $0.optimizer = name }.recipe(for: Linear(2, 2), batchCount: 1)
        #expect(recipe.optimizer.name.lowercased() == name.rawValue)
        #expect(recipe.optimizer.learningRate == name.usualRate)
    }

    @Test func theWeightDecayIsPyTorchsUnlessGiven() {
        #expect(options { $0.optimizer = .adamw }.completed().weightDecay == 0.01)
        #expect(options { $0.optimizer = .adam }.completed().weightDecay == 0)
        #expect(options { $0.weightDecay = 0.5 }.completed().weightDecay == 0.5)
    }

    @Test func theTutorialsScheduleCountsEpochs() throws {
        let recipe = try options { _ in }.recipe(for: Linear(2, 2), batchCount: 5)
        guard case .eachEpoch(let schedule) = recipe.schedule else {
            Issue.record("the schedule does not count epochs")
            return
        }
        #expect((schedule as? StepLR)?.stepSize == 7)
    }

    @Test func theScheduleBeginsWhenTheBodyThaws() throws {
        let rates = try rates(
            options {
                $0.epochs = 4
                $0.frozenEpochs = 1
                $0.warmupEpochs = 1
                $0.scheduler = .cosine
            }, batchCount: 2)
        let expected = [1, 1, 0.1, 0.55, 1, (1 + cos(Double.pi / 4)) / 2, 0.5, (1 - cos(Double.pi / 4)) / 2]
        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-12 } && rates.count == 8, "\(rates)")
    }

    @Test func oneCycleIsThatOfPyTorch() throws {
        // torch 2.15: OneCycleLR(SGD(…), max_lr=0.001, total_steps=8, cycle_momentum=False)
        let expected = [
            4e-05, 0.000819275104892, 0.000971941777387, 0.000811745653950, 0.000555984014122, 0.000283060998207,
            7.66415938342e-05, 4e-09,
        ]
        let rates = try rates(
            options {
                $0.epochs = 4
                $0.scheduler = .onecycle
            }, batchCount: 2)
        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-14 } && rates.count == 8, "\(rates)")
    }

    @Test func layersHaveAShareOfTheRateOfTheNext() throws {
        let model = try ModelZoo.make("resnet18", classes: 2)
        let layers = LayerRates(model, decay: 0.5)
        // conv1 with bn1, eight residual blocks, and the head.
        #expect(layers.layers.count == 10)
        #expect(layers.layers[0] == ["conv1.weight", "bn1.weight", "bn1.bias"])
        #expect(layers.layers[9] == ["fc.weight", "fc.bias"])
        let groups = layers.groups(1)
        #expect(groups.map { $0[.lr] } == (0..<10).map { 1 / Double(1 << $0) })
        #expect(groups.reduce(0) { $0 + $1.parameters.count } == model.parameters.count)
        #expect(layers.body.count == model.parameters.count - 2)
        #expect(LayerRates(model, decay: 1).groups(1).count == 1)
    }

    @Test(arguments: [
        ("features.3.1.block.0.0.weight", "features.3.1"), ("layer1.0.bn2.bias", "layer1.0"),
        ("encoder.layers.encoder_layer_3.mlp.0.weight", "encoder.layers.encoder_layer_3"),
        ("class_token", "class_token"),
        ("conv_stem.weight", "conv_stem"), ("blocks.2.1.conv_pw.weight", "blocks.2.1"),
    ])
    func blocksAreNamedByTheirNumbers(_ name: String, _ block: String) {
        #expect(LayerRates.block(of: name) == block)
    }

    @Test func whatCannotBeUsedIsNamed() {
        func problem(_ change: (inout TrainingOptions) -> Void) -> String { options(change).problem?.message ?? "" }
        #expect(problem { $0.accumulatedBatches = 0 }.contains("from 1 to 1000000, got 0"))
        #expect(problem { $0.largestNorm = .nan }.contains("above 0, got nan"))
        #expect(problem { $0.averageDecay = 1 }.contains("between 0 and 1, got 1.0"))
        #expect(problem { $0.warmupEpochs = 10 }.contains("less than the number of epochs, 10"))
        #expect(problem { ($0.warmupEpochs, $0.scheduler) = (1, .onecycle) }.contains("a warm-up of its own"))
        #expect(problem { ($0.freezesBody, $0.frozenEpochs) = (true, 1) }.contains("in all epochs"))
        #expect(problem { ($0.freezesBody, $0.layerDecay) = (true, 0.5) }.contains("has no effect"))
        #expect(problem { $0.layerDecay = 0 }.contains("above 0 and at most 1"))
        #expect(problem { $0.mixUp = 1e9 }.contains("from 0.01 to 100"))
        #expect(problem { ($0.cutMix, $0.batchSize) = (1, 1) }.contains("has only one"))
        #expect(problem { $0.labelSmoothing = 1 }.contains("below 1, got 1.0"))
        #expect(problem { $0.patience = 0 }.contains("1 or more, got 0"))
        #expect(problem { $0.timeLimit = "soon" }.contains("such as 90s, 30m, 2h or 1h30m, got soon"))
        #expect(problem { ($0.optimizer, $0.weightDecay) = (.rprop, 0.1) }.contains("rprop has no weight decay"))
    }

    @Test(arguments: [
        ("90s", 90.0), ("30m", 1800), ("1h30m", 5400), ("1d", 86400), ("1.5h", 5400), ("2", 120), ("0", nil), ("", nil),
        ("h", nil), ("30m1h", nil), ("1h30", nil), ("-5m", nil), ("1e3m", nil), ("٣m", nil), ("10000d", nil),
    ])
    func timesAreRead(_ text: String, _ seconds: Double?) {
        #expect(TimeLimit(text)?.duration == seconds.map { Duration.seconds($0) })
    }

    @Test func optionsSurviveARecord() throws {
        let all = options {
            ($0.optimizer, $0.scheduler, $0.augmentation) = (.nadam, .onecycle, .strong)
            ($0.learningRate, $0.weightDecay, $0.largestNorm, $0.averageDecay) = (0.5, 0.25, 2, 0.75)
            ($0.mixUp, $0.cutMix, $0.labelSmoothing, $0.classWeights) = (0.5, 0.25, 0.125, .balanced)
            ($0.metric, $0.patience, $0.timeLimit) = (.balancedAccuracy, 3, "5m")
            ($0.alpha, $0.appliesOrientation, $0.truncated, $0.rejectsSuspect) = (.overBlack, false, .pad, true)
            ($0.allowsEmptyClasses, $0.ignoresUnknownClasses) = (true, true)
            ($0.frozenEpochs, $0.layerDecay, $0.warmupEpochs, $0.accumulatedBatches) = (2, 0.5, 1.5, 4)
        }
        let text = try JSONEncoder().encode(all)
        #expect(try JSONDecoder().decode(TrainingOptions.self, from: text) == all)
        let later = Data(#"{"optimizer": "lion", "epochs": 3}"#.utf8)
        let read = try JSONDecoder().decode(TrainingOptions.self, from: later)
        #expect(read.optimizer == .sgd && read.epochs == 3)
    }
}
