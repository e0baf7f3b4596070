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

    @Option(help: "The initial learning rate (default: 0.001; adagrad 0.01, adadelta 1).")
    var lr: Double?

    @Option(help: ArgumentHelp("The momentum of sgd and rmsprop.", visibility: .hidden))
    var momentum = TrainingOptions().momentum

    @Option(help: "The weight decay (default: 0; adamw 0.01).")
    var weightDecay: Double?

    @Option(help: "How the learning rate changes; step multiplies it by --gamma every --step-size epochs.")
    var scheduler = TrainingOptions().scheduler

    @Option(help: "Epochs after which the learning rate is multiplied by --gamma.")
    var stepSize = TrainingOptions().stepSize

    @Option(help: "The factor by which the learning rate is multiplied.")
    var gamma = TrainingOptions().gamma

    @Option(help: "Epochs, or parts of one, in which the learning rate rises to its full size.")
    var warmupEpochs = TrainingOptions().warmupEpochs

    @Flag(help: "Train only the new last layer; all other weights stay fixed.")
    var freeze = false

    @Option(help: "Epochs at the beginning in which only the new last layer is trained.")
    var freezeEpochs = TrainingOptions().frozenEpochs

    @Option(help: "The learning rate of each layer as a share of that of the layer after it.")
    var layerDecay = TrainingOptions().layerDecay

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
        options.scheduler = scheduler
        options.stepSize = stepSize
        options.gamma = gamma
        options.warmupEpochs = warmupEpochs
        options.freezesBody = freeze
        options.frozenEpochs = freezeEpochs
        options.layerDecay = layerDecay
        options.averageDecay = ema
        options.accumulatedBatches = accumulate
        options.largestNorm = clip
    }
}
