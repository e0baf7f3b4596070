import Cresset
import Glibc

extension RunFolder {
    /// Removes what a run that could not begin has written; there was nothing in the folder before.
    ///
    /// - Parameter isNumbered: Whether the folder was made for the run, under the next free number: then it goes, too.
    func clear(isNumbered: Bool) {
        let files = [
            weightsPath, recordPath, metricsPath, ratesPath, configurationPath, statePath, dataPath, predictionsPath,
            environmentPath, logPath,
        ]
        for file in files + TensorBoardFile.paths(in: path) { _ = file.withPlatformString { unlink($0) } }
        if isNumbered { _ = path.withPlatformString { rmdir($0) } }
    }
}
