import Cresset
import CressetData
import CressetNN
import CressetVision

/// The body of a network of which only the head is trained, and in which phases its features can be remembered.
package struct FrozenBody {
    private let model: any FeatureModel
    private let precision: Precision
    private let device: Device
    /// The phases in which an epoch's features are those of the epoch before.
    package let phases: Set<Phase>

    /// Nil if other layers are trained too, or the network does not say what its body makes of pictures.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - options: What the user chose.
    ///   - side: The side of the pictures.
    ///   - device: Where the network is.
    package init?(_ network: any Layer, _ options: TrainingOptions, side: Int, device: Device) {
        guard options.freezesBody, let model = network as? any FeatureModel else { return nil }
        self.model = model
        self.device = device
        precision = options.precision
        let changesPictures = options.augmentation != .none || options.mixUp > 0 || options.cutMix > 0
        let isRandom = changesPictures || FrozenBody.drawsNumbers(model, side: side, device: device)
        phases = isRandom ? [.validation] : [.training, .validation]
    }

    /// The source of features for a phase; nil if they cannot be remembered.
    package func source<Pictures>(
        _ phase: Phase, _ loader: DataLoader<Pictures>, batchSize: Int
    ) -> CachedFeatures<Pictures>? {
        guard phases.contains(phase) else { return nil }
        return CachedFeatures(loader, batchSize: batchSize, device: device) { [model, precision, device] in
            let pictures = $0
            return precision.scores(on: device) { model.features(of: pictures) }
        }
    }

    /// Whether the body draws random numbers in training, for dropout or stochastic depth.
    private static func drawsNumbers(_ model: any FeatureModel, side: Int, device: Device) -> Bool {
        let generator = Generator(seed: 0), before = generator.state, mode = model.isTraining
        defer { model.train(mode) }
        Generator.$current.withValue(generator) {
            withoutGradients { _ = model.train(true).features(of: .zeros([2, 3, side, side], device: device)) }
        }
        return generator.state != before
    }
}
