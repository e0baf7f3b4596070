import CressetData
import CressetOptim
import CressetTrain
import CressetVision
import Foundation
import Testing

/// The page "From PyTorch" on what no table of cases covers: these lines are on it, and compile.
@Suite struct FromPyTorchExamples {
    private func tensors(_ given: Tensor, _ y: Tensor, _ shape: Shape, _ device: Device) throws {
        var x = given
        // On the page
        _ = y.gradients(withRespectTo: [x], createsGraph: true)
        _ = x.requiringGradient()
        _ = x.detached()
        _ = x.to(device)
        _ = x.to(.float32)
        _ = x[1..<5, .slice(step: 2), .newAxis, .ellipsis, -1]
        x[0, 1] = Tensor(5)
        _ = Tensor([[1.0, 2], [3, 4]])
        _ = x.item(as: Int.self)
        Generator.current.manualSeed(0)
        _ = Tensor.uniform(shape)
        _ = Device.cuda(0)
        _ = CUDA.isAvailable
        setThreadCount(2)
        device.synchronize()
        _ = device.memoryStatistics
        device.resetPeakMemory()
        CUDA.emptyCache()
        // Until here
    }

    private func training(
        _ model: ResNet, _ p: Parameter, _ state: StateDict, _ f: String, _ loss: Tensor, _ embedding: Embedding,
        _ x: Tensor
    ) throws {
        var (gradients, total) = (loss.gradients(), loss.gradients())
        let optimizer = try SGD(model.parameters, lr: 0.1)
        let scaler = GradientScaler()
        // On the page
        optimizer.step(loss.gradients())
        _ = Linear(weight: embedding.weight)
        model.to(.float64)
        _ = try model.optimized(for: x)
        _ = try model.optimized(for: x, in: .int8(Int8Calibration([x])))
        p.initializeXavierUniform()
        model.freeze(matching: "layer1.*")
        _ = model.stateDict()
        try model.load(state)
        try Checkpoint.save(state, to: f)
        _ = try Checkpoint.load(f)
        try optimizer.load(contentsOf: f)
        _ = model.groups(["fc.*": [.lr: 0.01], "*": [:]])
        _ = optimizer.groups[0][.lr]
        _ = gradients.clip(norm: 1)
        gradients.clip(value: 1)
        _ = try gradients.clip(finiteNorm: 1)
        _ = WeightAverage(model)
        _ = scaler.scaled(loss).gradients()
        scaler.unscale(&gradients)
        scaler.step(optimizer, &gradients)
        _ = scaler.stateDict
        total += loss.gradients()
        optimizer.step(total)
        _ = Scheduler(optimizer, StepLR(stepSize: 7))
        _ = try ModelZoo.make("resnet18", classes: 10)
        try model.load(PretrainedWeights.named("resnet18").load())
        _ = try PretrainedWeights.named("resnet18", "IMAGENET1K_V1")
        model.fc = Linear(model.fc.inFeatures, 10)
        try model.load(state, isStrict: false)
        try Checkpoint.save(state, to: f, metadata: [:])
        _ = try Classifier("runs/train-1").predict("photo.jpg", count: 3)
        // Until here
    }

    private func pictures(
        _ path: String, _ bytes: [UInt8], _ w: Int, _ h: Int, _ root: String, _ transform: any Transform,
        _ d: some Dataset, _ sampler: some Sampler, _ weights: PretrainedWeights, _ m: [Double], _ s: [Double]
    ) throws {
        let image = try Image(contentsOf: path)
        // On the page
        _ = try Image(contentsOf: path)
        _ = try Image(decoding: bytes)
        _ = image.resized(width: w, height: h)
        try image.writePNG(to: "x.png")
        _ = Resize(256)
        _ = Resize(.exactly(width: w, height: h))
        _ = RandomHorizontalFlip(probability: 0.5)
        _ = Normalize(mean: m, deviation: s)
        _ = Normalize.imageNet
        _ = weights.preprocessing.evaluation
        _ = try ImageFolder(root, transform: transform)
        _ = try MNIST(folder: root, .train)
        _ = DataLoader(d, batchSize: 32, shuffles: true, workers: 2)
        _ = DataLoader(d, batchSampler: BatchSampler(sampler, batchSize: 32))
        // Until here
    }

    private func loading<D: Dataset>(
        _ d: D, _ root: String, _ transform: any Transform, _ folder: ImageFolder, _ indices: [Int], _ a: D, _ b: D,
        _ w: [Double], _ n: Int, _ s: UInt64, _ rank: Int, _ world: Int, _ loader: DataLoader<D>, _ state: LoaderState
    ) throws {
        // On the page
        _ = try FashionMNIST(folder: root, .train)
        _ = try EMNIST(folder: root, .letters, .train)
        _ = try CIFAR(root, .ten, .train)
        _ = FolderSplit(folder, validation: 0.2, seed: s)
        _ = try ImageFolder(labels: "labels.csv", transform: transform)
        _ = try ImageArchive("data.zip", folder: "train", transform: transform)
        _ = d.subset(indices)
        _ = ConcatDataset([a, b])
        _ = d.randomSplit(fractions: [0.8, 0.2], seed: s)
        _ = WeightedRandomSampler(weights: w, count: n, seed: s)
        _ = SubsetRandomSampler(indices, seed: s)
        _ = DistributedSampler(count: d.count, rank: rank, worldSize: world)
        _ = RandomSampler(count: d.count, seed: s, order: .pyTorchLoader)
        _ = try loader.batches(resuming: state)
        // Until here
        _ = DataLoader(d, timeout: .seconds(30), collation: .padding())
    }

    private func transforms(
        _ image: Image, _ t: any Transform, _ u: any Transform, _ x: Tensor, _ m: Tensor, _ v: Tensor, _ n: Int,
        _ w: Int, _ h: Int, _ batch: Batch, _ epoch: Int, _ weights: PretrainedWeights, _ corners: [Image.Point],
        _ moved: [Image.Point]
    ) throws {
        // On the page
        _ = RandomCrop(32, padding: 4)
        _ = FiveCrop(224)
        _ = RandomRotation(30, fill: [124, 116, 104])
        _ = RandomAffine(10, translation: (x: 0.1, y: 0.1), scale: 0.9...1.1, shear: (-5...5, 0...0))
        _ = RandomPerspective(distortion: 0.5, probability: 0.5)
        _ = ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)
        _ = Grayscale(channels: 3)
        _ = RandomGrayscale(probability: 0.1)
        _ = GaussianBlur(kernelSize: 5, sigma: 0.1...2)
        _ = RandomPosterize(bits: 4)
        _ = RandomSolarize(threshold: 128)
        _ = RandomAdjustSharpness(factor: 2)
        _ = ElasticTransform(alpha: 50, sigma: 5)
        _ = RandomErasing(probability: 0.1, value: .random)
        _ = RandomApply([t], probability: 0.5)
        _ = RandomChoice([t, u])
        _ = RandomOrder([t, u])
        _ = Lambda(image: { $0.adjustingGamma(0.8) })
        _ = Resize(.shortSideWithin(256, longSide: 512))
        _ = RandAugment(operations: 2, magnitude: 9, bins: 31)
        _ = AutoAugment(.cifar10)
        _ = MixUp(alpha: 1, classes: n)(batch, seed: 0, epoch: epoch)
        _ = CutMix(alpha: 1, classes: n)
        _ = x.convertingPicture(to: .float32)
        _ = LinearTransformation(matrix: m, mean: v)
        _ = image.perspective(from: corners, to: moved)
        _ = try image.rotated(by: 30, center: (10, 20), fill: 255)
        _ = image.elasticallyTransformed(by: x)
        _ = image.cropped(left: -2, top: 0, width: w, height: h, fill: 0)
        _ = try image.fiveCrops(width: w, height: h)
        _ = Normalize.imageNet(x)
        _ = weights.preprocessing.training(augmentedBy: [TrivialAugmentWide()], erasing: 0.1)
        // Until here
    }

    @Test func theLinesAreOnThePage() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/from-pytorch.md"), encoding: .utf8)
        var (isOnPage, count) = (false, 0)
        for line in try String(contentsOfFile: #filePath, encoding: .utf8).split(separator: "\n") {
            let text = line.drop { $0 == " " }
            if text == "// On the page" || text == "// Until here" {
                isOnPage = text == "// On the page"
            } else if isOnPage {
                count += 1
                let call = text.hasPrefix("_ = ") ? text.dropFirst(4) : text
                #expect(page.contains(call), "the page does not show \(call)")
            }
        }
        #expect(count > 50)
    }
}
