import Cresset
import Glibc

/// The figures of each epoch, in a CSV file that only grows: a killed run leaves all its complete rows behind.
public struct MetricsTable: Sendable {
    /// One epoch.
    public struct Row: Sendable, Hashable {
        public var epoch: Int
        public var learningRate: Double
        public var trainLoss: Double
        public var trainAccuracy: Double
        public var validationLoss: Double
        public var validationAccuracy: Double
        /// Training images per second.
        public var imagesPerSecond: Double
        /// Seconds for both phases.
        public var seconds: Double

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - epoch: The number of the epoch, from 1.
        ///   - learningRate: The learning rate.
        ///   - trainLoss: The mean loss in training.
        ///   - trainAccuracy: The share of the training pictures that were classified correctly.
        ///   - validationLoss: The mean loss in validation.
        ///   - validationAccuracy: The share of the validation pictures that were classified correctly.
        ///   - imagesPerSecond: Training pictures per second.
        ///   - seconds: Seconds for both phases.
        public init(
            epoch: Int, learningRate: Double, trainLoss: Double, trainAccuracy: Double, validationLoss: Double,
            validationAccuracy: Double, imagesPerSecond: Double, seconds: Double
        ) {
            self.epoch = epoch
            self.learningRate = learningRate
            self.trainLoss = trainLoss
            self.trainAccuracy = trainAccuracy
            self.validationLoss = validationLoss
            self.validationAccuracy = validationAccuracy
            self.imagesPerSecond = imagesPerSecond
            self.seconds = seconds
        }

        /// The row as written. Numbers have the shortest form that reads back equal.
        var csv: String {
            let figures = [
                learningRate, trainLoss, trainAccuracy, validationLoss, validationAccuracy,
                (imagesPerSecond * 100).rounded() / 100, (seconds * 1000).rounded() / 1000,
            ]
            return ([String(epoch)] + figures.map { "\($0)" }).joined(separator: ",")
        }
    }

    static let header =
        "epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_second,seconds"

    public let path: FilePath

    /// A new table at `path`, with its header.
    ///
    /// *Throws* ``Failure`` if the file already exists (another run has begun in the folder) or cannot be created.
    public init(creating path: some PathConvertible) throws(Failure) {
        self.path = path.filePath
        try append(line: Self.header, flags: O_CREAT | O_EXCL)
    }

    /// Appends a row; it is on the disk when this returns.
    ///
    /// - Parameter row: The figures of an epoch.
    public func append(_ row: Row) throws(Failure) { try append(line: row.csv, flags: 0) }

    private func append(line: String, flags: Int32) throws(Failure) {
        // A pipe in place of the file must not make this wait.
        let file = path.withPlatformString {
            open($0, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags, 0o666)
        }
        if file < 0 { throw Failure(system: errno, writing: path) }
        defer { close(file) }
        let start = lseek(file, 0, SEEK_END)
        let bytes = Array((line + "\n").utf8)
        do throws(Failure) {
            try write(bytes, to: file)
        } catch {
            // If the disk filled up, the partial row is removed again: a row is there completely or not at all.
            ftruncate(file, start)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to file: Int32) throws(Failure) {
        let code = bytes.withUnsafeBytes { SystemFiles.write($0, to: file) }
        if code != 0 { throw Failure(system: code, writing: path) }
        if fsync(file) != 0 { throw Failure(system: errno, writing: path) }
    }
}
