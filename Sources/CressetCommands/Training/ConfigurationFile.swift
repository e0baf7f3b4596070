import CressetTrain

/// Writes the options of a run into its folder, `config.json`, when it begins or goes on; if that is impossible, the run
/// fails.
package final class ConfigurationFile: TrainingObserver {
    private let configuration: TrainingConfiguration
    private let folder: RunFolder

    /// An observer that has written nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: The options.
    ///   - folder: The folder of the run.
    package init(_ configuration: TrainingConfiguration, in folder: RunFolder) {
        self.configuration = configuration
        self.folder = folder
    }

    package func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        if case .runBegan = event { try configuration.write(to: folder) }
    }
}
