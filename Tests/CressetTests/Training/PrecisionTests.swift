import Cresset
import CressetCommands
import CressetData
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Testing

@Suite struct PrecisionTests {
    private let folder = TemporaryFolder()

    /// A run on a few pictures of 32 pixels, and what it prints.
    private func run(_ precision: Precision) throws -> (run: TrainingRun, output: String) {
        try folder.drawPictures(train: 4, validation: 2)
        var options = TrainingOptions()
        options.epochs = 1
        options.batchSize = 4
        options.imageSize = 32
        options.weights = "none"
        options.precision = precision
        let plan = try TrainingPlan(
            data: folder.path + "/data", model: "shufflenet_v2_x0_5", options: options, device: .cpu)
        let run = try plan.makeRun(in: folder.path + "/\(precision)")
        let lines = Lines()
        try run.train(observers: [
            TrainingReport(run, note: plan.note, results: lines.terminal, progress: Lines().terminal)
        ])
        return (run, lines.text)
    }

    /// Losses differ from those in float32 by rounding, and weights are float32.
    @Test func runsSayInWhichPrecisionTheyWere() throws {
        let (short, output) = try run(.bfloat16)
        #expect(output.contains("device  cpu, bfloat16, "))
        #expect(try folder.record(of: "bfloat16").options.precision == .bfloat16)
        #expect(try folder.text("bfloat16/run.json").contains("\"precision\" : \"bfloat16\""))
        let (exact, exactOutput) = try run(.float32)
        #expect(exactOutput.contains("device  cpu, float32, "))
        let losses = try [short, exact].map { try #require($0.record.best?.validationLoss) }
        #expect(losses[0] != losses[1] && abs(losses[0] - losses[1]) < 0.05 * losses[1], "\(losses)")
        for (name, tensor) in try Checkpoint.load(folder.path + "/bfloat16/model.safetensors") {
            #expect(tensor.dtype == (name.hasSuffix("num_batches_tracked") ? .int64 : .float32), "\(name)")
        }
    }

    @Test func whatIsLeftToTheDeviceIsRecordedAsWhatItWas() throws {
        let suited: Precision = Device.cpu.isFasterInBFloat16 ? .bfloat16 : .float32
        #expect(Precision.auto.resolved(on: .cpu) == suited)
        #expect(Precision.float32.resolved(on: .cpu) == .float32)
        #expect(try run(.auto).run.record.options.precision == suited)
    }

    /// A network's probabilities are those of its weights, whatever it was trained in, unless told otherwise.
    @Test func classifiersComputeInFloat32UnlessToldOtherwise() throws {
        _ = try run(.bfloat16)
        let path = folder.path + "/bfloat16"
        let (exact, short) = (try Classifier(path), try Classifier(path, precision: .bfloat16))
        #expect(exact.precision == .float32 && short.precision == .bfloat16)
        let batch = Tensor.normal([2, 3, 32, 32], generator: Generator(seed: 1))
        let model = try ModelZoo.make("shufflenet_v2_x0_5", classes: 2)
        try model.load(Checkpoint.load(path + "/model.safetensors"))
        model.eval()
        let expected = withoutGradients { model(batch).softmax(axis: 1).amax(axes: [1]).scalars(as: Double.self) }
        let guesses = try exact.predict(batch).map { $0[0].probability }
        let rough = try short.predict(batch).map { $0[0].probability }
        for ((wanted, exact), short) in zip(zip(expected, guesses), rough) {
            #expect(abs(exact - wanted) < 1e-6)
            #expect(short != wanted && abs(short - wanted) < 0.03)
        }
    }

    @Test func lossesAndScoresOfATaskAreFloat32() {
        let generator = Generator(seed: 2)
        let network = Generator.$current.withValue(generator) { Linear(8, 3) }
        let batch = Batch(
            fields: [Tensor.normal([4, 8], generator: generator), Tensor([0, 1, 2, 0] as [Int64])],
            indices: [0, 1, 2, 3], number: 0)
        let exact = ClassificationTask(network).assess(batch, in: .training)
        let short = ClassificationTask(network, precision: .bfloat16).assess(batch, in: .training)
        #expect(short.loss.dtype == .float32 && short.outputs?.dtype == .float32)
        #expect(short.loss.item() != exact.loss.item() && abs(short.loss.item() - exact.loss.item()) < 0.02)
        #expect(short.loss.gradients()[network.weight]?.dtype == .float32)
    }

    /// A run of a later version can be used.
    @Test func aPrecisionThatThisVersionDoesNotKnow() throws {
        let options = try JSONDecoder().decode(
            TrainingOptions.self, from: Data(#"{"precision": "float8", "epochs": 3}"#.utf8))
        #expect(options.precision == .float32 && options.epochs == 3)
    }
}
