import Cresset
import CressetNN
import CressetOptim
import CressetVision

// Pictures and labels are drawn on the CPU, so that they are the same for every device.

/// A step of training on a batch of random pictures, repeated by the training measures.
struct ImageTrainingStep {
    let batch: Int
    /// The type of the products; nil for the type of the weights.
    let autocast: DType?
    private let model: any ClassificationModel
    private let optimizer: SGD
    private let x, y: Tensor

    init(
        _ name: String, isFrozen: Bool, batch: Int = 16, autocast: DType? = nil, side: Int? = nil,
        dtype: DType = .float32
    ) throws {
        let side = side ?? Self.side(of: name)
        self.batch = batch
        self.autocast = autocast
        model = try ModelZoo.make(name).train()
        if isFrozen {
            model.replaceHeads(classes: 3)
            model.freezeBody()
        }
        model.to(dtype)
        x = Tensor.normal([batch, 3, side, side], device: .cpu).to(dtype).channelsLast().to(Device.current)
        y = Tensor.integers([batch], in: 0..<(isFrozen ? 3 : 1000), device: .cpu).to(Device.current)
        optimizer = try SGD(
            model.parameters.filter(\.requiresGradient), lr: 0.001, momentum: 0.9)
    }

    /// The side of a network's usual pictures; Inception's auxiliary head fits no others.
    static func side(of name: String) -> Int { name == "inception_v3" ? 299 : 224 }

    func run() { _ = loss() }

    /// The same step, recorded after its first runs.
    func recorded() -> () -> Tensor {
        let step = TrainStep(optimizer) { [model, autocast] inputs in
            (withAutocast(autocast) { model(inputs[0]).crossEntropy(inputs[1]) }, [])
        }
        return { [x, y] in step([x, y]).loss }
    }

    /// Takes a step on other pictures.
    func run(on pictures: Tensor) {
        let loss = withAutocast(autocast) { model(pictures).crossEntropy(y) }
        optimizer.step(loss.gradients())
    }

    /// Takes a step; returns the loss before it, with those of auxiliary heads.
    func loss() -> Tensor {
        let loss = withAutocast(autocast) {
            guard let model = model as? any AuxiliaryClassificationModel else { return model(x).crossEntropy(y) }
            let (main, auxiliary) = model.scores(x)
            return auxiliary.reduce(main.crossEntropy(y)) { $0 + model.auxiliaryWeight * $1.crossEntropy(y) }
        }
        optimizer.step(loss.gradients())
        return loss
    }
}

/// A step of training four linear layers on random pictures the size of MNIST's.
struct LinearTrainingStep {
    let batch = 100
    private let model = Sequential(
        Linear(784, 512), ReLU(), Linear(512, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 10))
    private let optimizer: SGD
    private let x, y: Tensor

    init() throws {
        optimizer = try SGD(model.parameters, lr: 0.01, momentum: 0.9)
        x = Tensor.normal([batch, 784], device: .cpu).to(Device.current)
        y = Tensor.integers([batch], in: 0..<10, device: .cpu).to(Device.current)
    }

    /// The same step, recorded after its first runs.
    func recorded() -> () -> Tensor {
        let step = TrainStep(optimizer) { [model] inputs in (model(inputs[0]).crossEntropy(inputs[1]), []) }
        return { [x, y] in step([x, y]).loss }
    }

    /// Takes a step; returns the loss before it.
    @discardableResult func loss() -> Tensor {
        let loss = model(x).crossEntropy(y)
        optimizer.step(loss.gradients())
        return loss
    }
}

/// A step of training a network that continues text, on random characters.
struct CharacterTrainingStep {
    let batch = 32, length = 64
    private let embedding = Embedding(65, 64)
    private let memory = LSTM(64, 256, layers: 2, batchFirst: true)
    private let output = Linear(256, 65)
    private let optimizer: Adam
    private let x, y: Tensor

    init() throws {
        optimizer = try Adam(embedding.parameters + memory.parameters + output.parameters)
        x = Tensor.integers([batch, length], in: 0..<65)
        y = Tensor.integers([batch * length], in: 0..<65)
    }

    func run() {
        let scores = output(memory(embedding(x)).output).reshaped([batch * length, 65])
        optimizer.step(scores.crossEntropy(y).gradients())
    }
}
