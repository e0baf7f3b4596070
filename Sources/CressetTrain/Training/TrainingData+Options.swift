import CressetVision

extension TrainingData {
    /// The pictures of a run.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `train` and `val`, or the folders of the classes.
    ///   - validation: A folder with the pictures for validation; nil for one in `path`.
    ///   - labels: A CSV file with the classes of the pictures, if they have no folders of their own.
    ///   - preprocessing: How pictures are made ready for the network.
    ///   - options: What the user chose.
    init(
        _ path: some PathConvertible, validation: (any PathConvertible)?, labels: FilePath?,
        preprocessing: Preprocessing, options: TrainingOptions
    ) throws {
        var selection = options.selection
        selection.labels = labels
        try self.init(
            path, validation: validation, preprocessing: preprocessing, augmentation: options.augmentation,
            limit: options.badPictureLimit, workers: options.workers, validationShare: options.validationShare,
            seed: options.seed, selection: selection)
    }
}
