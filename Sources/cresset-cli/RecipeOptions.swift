import ArgumentParser
import CressetTrain

extension TrainingOptions.OptimizerName: ExpressibleByArgument {}
extension TrainingOptions.SchedulerName: ExpressibleByArgument {}
extension TrainingOptions.AugmentationName: ExpressibleByArgument {}
extension TrainingOptions.ClassWeighting: ExpressibleByArgument {}
extension TrainingOptions.MetricName: ExpressibleByArgument {}

/// The options of `cresset train` that say how weights change. Rare ones are shown by `--help-hidden`.
struct RecipeOptions: ParsableArguments {
    @Option(help: "What moves the weights.")
    var optimizer = TrainingOptions().optimizer

    @Option(
        help:
            "The initial learning rate (default: 0.005 for sgd from trained weights; adagrad 0.01, adadelta 1; else 0.001)."
    )
    var lr: Double?

    @Option(help: ArgumentHelp("The momentum of sgd and rmsprop.", visibility: .hidden))
    var momentum = TrainingOptions().momentum

    @Option(help: "The weight decay (default: 0; adamw 0.01).")
    var weightDecay: Double?

    @Option(
        help: ArgumentHelp(
            "How the learning rate changes; step multiplies it by --gamma every --step-size epochs (default: cosine from "
                + "trained weights, otherwise step).", valueName: "name"))
    var scheduler: TrainingOptions.SchedulerName?

    @Option(help: "Epochs after which step multiplies the learning rate by --gamma (default: 7).")
    var stepSize: Int?

    @Option(help: "The factor by which step multiplies the learning rate (default: 0.1).")
    var gamma: Double?

    @Option(help: "Epochs, or parts of one, in which the learning rate rises to its full size.")
    var warmupEpochs = TrainingOptions().warmupEpochs

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Train only the new last layer; all other weights stay fixed.")
    var freeze = false

    @Option(
        help:
            "Epochs at the beginning in which only the new last layer is trained (default: 1 from trained weights, or 0)."
    )
    var freezeEpochs: Int?

    @Option(
        help: "The learning rate of each layer as a share of the next one's (default: 0.8 from trained weights, or 1).")
    var layerDecay: Double?

    @Option(help: "The share of earlier weights in an average used instead of the last weights, such as 0.99.")
    var ema: Double?

    @Option(help: ArgumentHelp("Batches that make one step together.", visibility: .hidden))
    var accumulate = TrainingOptions().accumulatedBatches

    @Option(help: ArgumentHelp("The largest norm of a step's gradients; larger ones are scaled.", visibility: .hidden))
    var clip: Double?

    func apply(to options: inout TrainingOptions) {
        options.optimizer = optimizer
        options.learningRate = lr
        options.momentum = momentum
        options.weightDecay = weightDecay
        // Who gives the numbers of a schedule means that schedule.
        options.scheduler = scheduler ?? (stepSize == nil && gamma == nil ? nil : .step)
        options.stepSize = stepSize ?? options.stepSize
        options.gamma = gamma ?? options.gamma
        options.warmupEpochs = warmupEpochs
        options.freezesBody = freeze
        options.frozenEpochs = freezeEpochs
        options.layerDecay = layerDecay
        options.averageDecay = ema
        options.accumulatedBatches = accumulate
        options.largestNorm = clip
    }
}
