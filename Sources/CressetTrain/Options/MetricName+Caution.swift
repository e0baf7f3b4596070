extension TrainingOptions.MetricName {
    /// The figure as people call it.
    private var words: String {
        switch self {
        case .accuracy: "accuracy"
        case .balancedAccuracy: "balanced accuracy"
        case .f1: "F1"
        case .loss: "loss"
        }
    }

    /// What is to be known of pictures that have chosen a run's epoch by this figure.
    package var caution: String {
        "the run's epoch was chosen by its \(words) on these pictures: on others it may be "
            + (self == .loss ? "higher" : "lower")
    }
}
