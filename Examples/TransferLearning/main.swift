// Transfer learning as a plain loop: a network that knows ImageNet learns the classes of a folder of pictures.
//
//     swift run -c release transfer-learning DATA [MODEL] [EPOCHS]
//
// DATA contains train and val, each with a folder of pictures per class. MODEL is resnet18, densenet121, squeezenet1_0,
// vgg16, alexnet, inception_v3 or any other that `cresset models` lists; its weights are downloaded once. All of it is
// kept but the last layer, which is replaced by one for the folder's classes.
import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Foundation

/// The network with ImageNet's weights, of which only a new last layer is trained.
func makeModel(_ name: String, classes: Int) throws -> any ClassificationModel {
    let model = try ModelZoo.make(name)
    try model.load(PretrainedWeights.named(name).load())
    model.freeze()
    switch model {
    case let resnet as ResNet: resnet.fc = Linear(resnet.fc.inFeatures, classes)
    case let densenet as DenseNet: densenet.classifier = Linear(densenet.classifier.inFeatures, classes)
    case let inception as InceptionV3: inception.replaceHeads(classes: classes)  // it has two: one is auxiliary
    case let squeezenet as SqueezeNet:
        squeezenet.classifier[1] = Conv2d(squeezenet.head.inFeatures, classes, kernelSize: 1)
    case let vgg as VGG: vgg.classifier[6] = Linear(vgg.head.inFeatures, classes)
    case let alexnet as AlexNet: alexnet.classifier[6] = Linear(alexnet.head.inFeatures, classes)
    default: model.replaceHeads(classes: classes)  // does the same in every family
    }
    return model
}

/// The loss of a batch, and how many of its pictures are classified correctly.
func evaluate(_ model: any ClassificationModel, _ batch: Batch) -> (loss: Tensor, correct: Int) {
    var loss: Tensor, scores: Tensor
    if model.isTraining, let model = model as? any AuxiliaryClassificationModel {
        let (main, auxiliary) = model.scores(batch.inputs)
        scores = main
        loss = auxiliary.reduce(main.crossEntropy(batch.labels)) {
            $0 + model.auxiliaryWeight * $1.crossEntropy(batch.labels)
        }
    } else {
        scores = model(batch.inputs)
        loss = scores.crossEntropy(batch.labels)
    }
    return (loss, Int((scores.argmax(axis: 1) .== batch.labels).to(.int64).sum().item()))
}

func run(_ arguments: [String]) throws {
    guard (2...4).contains(arguments.count), let epochs = Int(arguments.count > 3 ? arguments[3] : "10"), epochs > 0
    else { throw UsageError() }
    let (data, name) = (arguments[1], arguments.count > 2 ? arguments[2] : "resnet18")
    let device = CUDA.isAvailable ? Device.cuda(0) : .cpu
    // 224 pixels, but 299 for inception_v3, and for that one numbers from -1 to 1.
    let preprocessing = try PretrainedWeights.named(name).ownPreprocessing
    let train = try ImageFolder("\(data)/train", transform: preprocessing.training)
    let val = try ImageFolder("\(data)/val", classes: train.classes, transform: preprocessing.evaluation)
    print("\(train.count) pictures for training, \(val.count) for validation: \(train.classes.joined(separator: ", "))")

    Generator.current.manualSeed(0)
    let model = try makeModel(name, classes: train.classes.count)
    model.to(device)
    let optimizer = try SGD(model.heads.flatMap(\.layer.parameters), lr: 0.001, momentum: 0.9)
    let scheduler = Scheduler(optimizer, StepLR(stepSize: 7, gamma: 0.1))
    let loaders = (
        train: DataLoader(train, batchSize: 4, shuffles: true, workers: 2, pinsMemory: device != .cpu),
        val: DataLoader(val, batchSize: 4, workers: 2, pinsMemory: device != .cpu)
    )
    var best = (state: model.stateDict(), accuracy: 0.0)  // tensors are values: later steps do not change these

    for epoch in 1...epochs {
        for (phase, loader) in [("train", loaders.train), ("val", loaders.val)] {
            var (loss, correct, count) = (0.0, 0, 0)
            if phase == "train" { model.train() } else { model.eval() }
            let batches = loader.batches(epoch: epoch)
            while let batch = try batches.next()?.to(device) {
                let result =
                    phase == "train" ? evaluate(model, batch) : withoutGradients { evaluate(model, batch) }
                if phase == "train" { optimizer.step(result.loss.gradients()) }
                loss += result.loss.item() * Double(batch.count)
                correct += result.correct
                count += batch.count
            }
            let accuracy = Double(correct) / Double(count)
            let figures = String(format: "loss %.4f  acc %.4f", loss / Double(count), accuracy)
            print("\(epoch)/\(epochs) \(phase == "val" ? "val  " : phase)  \(figures)")
            if phase == "train" { scheduler.step() }
            if phase == "val", accuracy > best.accuracy { best = (model.stateDict(), accuracy) }
        }
    }
    try model.load(best.state)
    try model.save(to: "\(name).safetensors", metadata: ["classes": train.classes.joined(separator: ",")])
    print(String(format: "best accuracy %.4f; its weights are in %@.safetensors", best.accuracy, name))
}

struct UsageError: Error, CustomStringConvertible {
    var description: String { "usage: transfer-learning DATA [MODEL] [EPOCHS]" }
}

do {
    try run(CommandLine.arguments)
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
