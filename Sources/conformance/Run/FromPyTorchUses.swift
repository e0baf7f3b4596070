/// The part of the page "From PyTorch" on pictures, data, models and training, which no table of cases covers.
enum FromPyTorchUses {
    static let text = [
        section("Pictures", pictures), section("Transforms", FromPyTorchTransforms.rows), section("Data", data),
        section("Models and weights", models),
        section("Training", training),
    ].joined(separator: "\n\n")

    private static func section(_ title: String, _ rows: [(torch: String, swift: String)]) -> String {
        "## \(title)\n\n| PyTorch | Cresset |\n|---|---|\n"
            + rows.map { "| \($0.torch) | \($0.swift) |" }.joined(separator: "\n")
    }

    private static let pictures = [
        (
            "`Image.open(path).convert(\"RGB\")`",
            "`try Image(contentsOf: path)`: a camera's orientation is applied, too"
        ),
        ("`torchvision.io.decode_image(data)`", "`try Image(decoding: bytes)`"),
        ("`image.resize((w, h))`, `image.crop(…)`", "`image.resized(width: w, height: h)`, `image.cropped(…)`"),
        ("`image.save(\"x.png\")`", "`try image.writePNG(to: \"x.png\")`, `writeJPEG(to:quality:)`"),
        ("`transforms.Compose([…])`", "`Compose([…])`; `compose(image)` applies it"),
        ("`Resize(256)`, `Resize((h, w))`", "`Resize(256)`, `Resize(.exactly(width: w, height: h))`"),
        ("`CenterCrop(224)`, `RandomResizedCrop(224)`, `Pad(4)`", "the same"),
        ("`RandomHorizontalFlip(p=0.5)`", "`RandomHorizontalFlip(probability: 0.5)`"),
        ("`ToTensor()`", "the same: numbers from 0 to 1, channels first"),
        ("`Normalize(mean=m, std=s)`", "`Normalize(mean: m, deviation: s)`, `Normalize.imageNet`"),
        ("`weights.transforms()`", "`weights.preprocessing.evaluation`, and `.training`"),
        (
            "a custom transform",
            "a `struct` that conforms to `Transform` and draws from the `random` that it is given"
        ),
        (
            "`transforms.functional.adjust_hue` and similar",
            "methods of `Image`: `adjustingHue(by:)`, `rotated(by:)`, `grayscale()`, …"
        ),
    ]

    private static let data = [
        (
            "`ImageFolder(root, transform)`",
            "`try ImageFolder(root, transform: transform)`; `.skipped` lists files that are not pictures"
        ),
        ("`datasets.MNIST(root)`", "`try MNIST(folder: root, .train)`, `MNIST.load(folder:)`, `MNIST.download(into:)`"),
        (
            "`datasets.FashionMNIST(root)`, `KMNIST`, `EMNIST(root, \"letters\")`",
            "`try FashionMNIST(folder: root, .train)`, `KMNIST`, `try EMNIST(folder: root, .letters, .train)`"
        ),
        (
            "`datasets.CIFAR10(root)`, `CIFAR100`",
            "`try CIFAR(root, .ten, .train)`, `.hundred`; also `\"cifar-10-python.tar.gz\"` itself"
        ),
        (
            "a folder to be split, a CSV of labels, an archive",
            "`FolderSplit(folder, validation: 0.2, seed: s)`, `try ImageFolder(labels: \"labels.csv\", transform: transform)`, `try ImageArchive(\"data.zip\", folder: \"train\", transform: transform)`"
        ),
        (
            "`class Mine(Dataset)` with `__len__`, `__getitem__`",
            "a `struct` that conforms to `Dataset`: `count`, `read(_:context:into:)`"
        ),
        ("`TensorDataset(x, y)`", "the same"),
        ("`Subset(d, indices)`, `ConcatDataset([a, b])`", "`d.subset(indices)`, `ConcatDataset([a, b])`"),
        ("`random_split(d, [0.8, 0.2], generator=g)`", "`d.randomSplit(fractions: [0.8, 0.2], seed: s)`"),
        (
            "`DataLoader(d, 32, shuffle=True, num_workers=2)`",
            "`DataLoader(d, batchSize: 32, shuffles: true, workers: 2)`; workers are threads"
        ),
        ("`drop_last`, `prefetch_factor`, `pin_memory`", "`dropsLast`, `prefetch` (batches), `pinsMemory`"),
        (
            "`for x, y in loader:`",
            "`for try await batch in loader.batches(epoch: epoch)`, or `while let batch = try batches.next()`; `batch.inputs`, `batch.labels`"
        ),
        ("`sampler=`, `batch_sampler=`", "`DataLoader(d, batchSampler: BatchSampler(sampler, batchSize: 32))`"),
        (
            "`RandomSampler`, `SequentialSampler`",
            "the same; a custom one conforms to `Sampler`: `count`, `indices(epoch:)`"
        ),
        (
            "`WeightedRandomSampler(w, n)`, `SubsetRandomSampler(i)`",
            "`WeightedRandomSampler(weights: w, count: n, seed: s)`, `SubsetRandomSampler(indices, seed: s)`"
        ),
        ("`DistributedSampler(d, world, rank)`", "`DistributedSampler(count: d.count, rank: rank, worldSize: world)`"),
        ("PyTorch's own order for a seed", "`RandomSampler(count: d.count, seed: s, order: .pyTorchLoader)`"),
        ("`collate_fn=`, `timeout=`", "`collation: .padding()`, `timeout: .seconds(30)`"),
        ("`StatefulDataLoader.state_dict()`", "`stream.state`, `try loader.batches(resuming: state)`"),
        (
            "`worker_init_fn`, `generator=`",
            "not needed: `seed:`, epoch and index decide, whatever the number of workers"
        ),
        ("an exception in `__getitem__`", "the sample is skipped, counted and named in `loader.problems`"),
    ]

    private static let models = [
        ("`models.resnet18(num_classes=10)`", "`try ModelZoo.make(\"resnet18\", classes: 10)`; `ModelZoo.names`"),
        (
            "`models.resnet18(weights=\"DEFAULT\")`",
            "`try model.load(PretrainedWeights.named(\"resnet18\").load())`: from torch's cache, else downloaded"
        ),
        (
            "`ResNet18_Weights.IMAGENET1K_V1`",
            "`try PretrainedWeights.named(\"resnet18\", \"IMAGENET1K_V1\")`; `PretrainedWeights.all`, EfficientNet-Lite's among them"
        ),
        (
            "`model.fc = nn.Linear(512, 10)`",
            "`model.fc = Linear(model.fc.inFeatures, 10)`, or in every family `model.replaceHeads(classes: 10)`; before the optimizer is created"
        ),
        ("`model.load_state_dict(d, strict=False)`", "`try model.load(state, isStrict: false)`"),
        (
            "`TORCH_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`",
            "the same variables, the same files; `cresset weights where` tells what they come to"
        ),
        ("`torch.load(f, weights_only=True)`", "`try Checkpoint.load(f)`: nothing in a file is ever run"),
        (
            "`safetensors.torch.save_file(d, f)`",
            "`try Checkpoint.save(state, to: f, metadata: [:])`, where `f` ends in `.safetensors`"
        ),
        ("`Path(\"runs\") / name`", "paths are strings, `URL`s or `FilePath`s: `\"runs/\\(name)\"`"),
    ]

    private static let training = [
        ("`for epoch in range(5):`", "`for epoch in 0..<5`"),
        ("`scheduler.step()`", "`scheduler.step()` of `Scheduler(optimizer, StepLR(stepSize: 7))`, once an epoch"),
        (
            "gradient accumulation by calling `backward` twice",
            "`total += loss.gradients()`, then `optimizer.step(total)`"
        ),
        ("`optimizer.step(closure)`", "`try optimizer.step { loss() }`, of `any Optimizer`"),
        ("`with torch.no_grad(): model.eval()`", "`model.eval()`, `withoutGradients { model(x) }`"),
        ("`torch.save({\"model\": …, \"epoch\": 3}, f)`", "`CheckpointValue.dictionary(…)`, see above"),
        ("`torch.device(\"cuda:0\")`, `torch.cuda.is_available()`", "`Device.cuda(0)`, `CUDA.isAvailable`"),
        ("`with torch.device(\"cuda\"):`", "`withDevice(.cuda(0)) { … }`"),
        ("`x.to(device, non_blocking=True)`", "`batch.to(device)`, with `pinsMemory: true` in the loader"),
        ("`torch.autocast(\"cuda\", torch.bfloat16)`", "`withAutocast(.bfloat16) { … }`"),
        ("`torch.compile(model)`, for inference", "`try model.optimized(for: x)`"),
        (
            "`torch.ao.quantization.quantize_fx.convert_fx(…)`, after calibration",
            "`try model.optimized(for: x, in: .int8(Int8Calibration([x])))`"
        ),
        (
            "`GradScaler()`",
            "`GradientScaler()`: `scaler.scaled(loss).gradients()`, `scaler.step(optimizer, &gradients)`"
        ),
        (
            "`scaler.unscale_(optimizer)`, `scaler.state_dict()`",
            "`scaler.unscale(&gradients)`, then `scaler.step(optimizer, &gradients)`; `scaler.stateDict`"
        ),
        ("`torch.cuda.make_graphed_callables`", "`TrainStep(optimizer) { … }`"),
        ("`torch.cuda.synchronize()`", "`device.synchronize()`"),
        (
            "`torch.cuda.Event(enable_timing=True)`, `start.elapsed_time(end)`",
            "`CUDA.Event(on: device)`, `start.elapsedTime(to: end)`, in milliseconds; `query()` is `isDone`"
        ),
        (
            "`torch.cuda.memory_allocated()`, `max_memory_allocated()`, `memory_reserved()`",
            "`device.memoryStatistics`: `inUse`, `peak`, `reserved`"
        ),
        (
            "`torch.cuda.reset_peak_memory_stats()`, `torch.cuda.empty_cache()`",
            "`device.resetPeakMemory()`, `CUDA.emptyCache()`"
        ),
        (
            "`with torch.cuda.stream(s):`",
            "nothing: all work on a GPU is in one stream; `TrainStep` is for small batches"
        ),
        ("`nn.DataParallel(model)`", "`try DataParallel(model, devices: devices) { Net() }`"),
        ("`torch.set_num_threads(2)`", "`setThreadCount(2)`"),
        ("a script that classifies one picture", "`try Classifier(\"runs/train-1\").predict(\"photo.jpg\", count: 3)`"),
    ]
}
