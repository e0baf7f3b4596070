import CressetVision

extension TrainingOptions.AugmentationName {
    /// What happens to a training picture before it reaches the network.
    ///
    /// - Parameter preprocessing: How the network expects its pictures.
    func transform(_ preprocessing: Preprocessing) -> Compose {
        switch self {
        case .none: preprocessing.evaluation
        case .light: preprocessing.training
        case .standard: preprocessing.training(augmentedBy: [TrivialAugmentWide()])
        case .strong: preprocessing.training(augmentedBy: [RandAugment()], erasing: 0.25)
        }
    }
}
