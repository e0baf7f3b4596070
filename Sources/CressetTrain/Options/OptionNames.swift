extension TrainingOptions {
    /// The optimizers that need nothing but gradients, by PyTorch's names in small letters.
    public enum OptimizerName: String, Sendable, Hashable, Codable, CaseIterable {
        case sgd, adam, adamw, adamax, nadam, radam, rmsprop, adagrad, adadelta, asgd, rprop

        /// The learning rate if none is given: 0.001, but PyTorch's default where the rule's rates are of another size.
        public var usualRate: Double {
            switch self {
            case .adadelta: 1
            case .adagrad: 0.01
            default: 0.001
            }
        }

        /// The weight decay if none is given: PyTorch's default.
        public var usualWeightDecay: Double { self == .adamw ? 0.01 : 0 }

        /// Whether the rule has a weight decay at all.
        var hasWeightDecay: Bool { self != .rprop }
    }

    /// How the learning rate changes during a run.
    public enum SchedulerName: String, Sendable, Hashable, Codable, CaseIterable {
        /// It is multiplied by ``TrainingOptions/gamma`` every few epochs.
        case step
        /// It falls to 0 along half a cosine.
        case cosine
        /// It rises from a twenty-fifth in the first third, then falls to almost nothing.
        case onecycle
        /// It stays the same.
        case none
    }

    /// What is done to training pictures.
    public enum AugmentationName: String, Sendable, Hashable, Codable, CaseIterable {
        /// Nothing: the network sees the centre of a picture, as in validation.
        case none
        /// A random part of the picture, mirrored half of the time.
        case light
        /// The same, and one operation on colours or geometry (`TrivialAugmentWide`).
        case standard
        /// The same with two operations (`RandAugment`), and a quarter of the pictures lose a rectangle.
        case strong
    }

    /// What each class counts in the training loss.
    public enum ClassWeighting: String, Sendable, Hashable, Codable, CaseIterable {
        /// Each picture counts the same.
        case none
        /// Each class counts the same, however many pictures it has.
        case balanced
    }

    /// The figure for the validation pictures by which the best epoch is chosen.
    public enum MetricName: String, Sendable, Hashable, Codable, CaseIterable {
        /// The share of pictures that are classified correctly; of epochs where it is the same, the lowest loss.
        case accuracy
        /// The mean of that share over the classes.
        case balancedAccuracy = "balanced-accuracy"
        /// The mean of the classes' F1, the harmonic mean of precision and recall.
        case f1
        case loss
    }
}
