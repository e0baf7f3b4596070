import CressetVision
import FoundationEssentials

/// The contents of `run.json`: everything needed to use a run's weights, and how they were made.
///
/// A file may have more fields than this version knows: they are kept, at every level, when the record is written again.
/// Fields that it lacks have defaults, except the network's name and the classes.
public struct RunRecord: Sendable, Encodable {
    /// The version of this layout. Files of a higher one are refused: their fields mean something else.
    public static let format = 1
    /// The number of times that fields were added to this layout. Files with a higher one can be read.
    public static let revision = 6

    /// The network.
    public struct Model: Sendable, Hashable, Encodable {
        /// Its name in the model zoo, such as `resnet18`.
        public var name: String
        public var classCount: Int

        enum CodingKeys: String, CodingKey { case name, classCount }

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - name: Its name in the model zoo.
        ///   - classCount: The number of classes.
        public init(name: String, classCount: Int) {
            self.name = name
            self.classCount = classCount
        }
    }

    /// The data trained on.
    public struct Data: Sendable, Hashable, Encodable {
        /// The absolute path of the folder, without links; in records from earlier versions as it was given.
        public var path: String
        /// The absolute path of the folder with the pictures for training; nil in records from earlier versions.
        public var trainPath: String?
        /// The absolute path of the folder with the pictures for validation; nil if they were taken from those for training.
        public var validationPath: String?
        /// The absolute path of the table of the pictures' classes; nil if each class has a folder.
        public var labelsPath: String?
        public var trainCount: Int
        public var validationCount: Int
        /// The first files that were skipped, each with the reason.
        public internal(set) var skipped: [String] = []
        /// How pictures were divided into training and validation, in words; nil if they had folders of their own.
        public var division: String?
        /// What was odd about the pictures, a line each; nil if nothing was.
        public var warnings: [String]?
        /// How many files were skipped; nil in records from earlier versions, which name them all.
        var skippedCount: Int?
        /// The bytes of the paths in base64, where bytes or characters are written out in their texts.
        var pathBytes, trainPathBytes, validationPathBytes, labelsPathBytes: String?

        enum CodingKeys: String, CodingKey {
            case path, trainPath, validationPath, labelsPath, trainCount, validationCount, skipped, division, warnings
            case skippedCount, pathBytes, trainPathBytes, validationPathBytes, labelsPathBytes
        }

        /// The maximum number of files that are named.
        public static let namedCount = 100

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - path: The folder.
        ///   - trainCount: The number of training pictures.
        ///   - validationCount: The number of validation pictures.
        ///   - skipped: The files that were skipped, each with the reason.
        public init(path: String, trainCount: Int, validationCount: Int, skipped: [String]) {
            self.path = path
            self.trainCount = trainCount
            self.validationCount = validationCount
            addSkipped(skipped)
        }

        /// How many files were skipped.
        public var totalSkipped: Int { max(skippedCount ?? 0, skipped.count) }

        /// Records that files were skipped: all are counted, the first ones are named.
        ///
        /// - Parameter files: A line for each file: its path and the reason.
        public mutating func addSkipped(_ files: [String]) {
            skippedCount = totalSkipped + files.count
            skipped += files.prefix(max(Data.namedCount - skipped.count, 0))
        }
    }

    /// The epoch whose weights were kept.
    public struct Best: Sendable, Hashable, Encodable {
        public var epoch: Int
        public var validationAccuracy: Double
        public var validationLoss: Double
        /// The number of validation pictures that could be read; nil in records from earlier versions.
        public var validationCount: Int?

        enum CodingKeys: String, CodingKey { case epoch, validationAccuracy, validationLoss, validationCount }

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - epoch: The number of the epoch, from 1.
        ///   - validationAccuracy: The share of the validation pictures that were classified correctly.
        ///   - validationLoss: The mean loss in validation.
        public init(epoch: Int, validationAccuracy: Double, validationLoss: Double) {
            self.epoch = epoch
            self.validationAccuracy = validationAccuracy
            self.validationLoss = validationLoss
        }
    }

    /// How far the run has come.
    public enum State: String, Sendable, Codable {
        case running
        case finished
        case interrupted
        case failed
    }

    public internal(set) var format = RunRecord.format
    public internal(set) var revision = RunRecord.revision
    public var state: State
    public var model: Model
    /// The class names; the model's output `i` is the class `classes[i]`.
    public var classes: [String]
    public var preprocessing: Preprocessing
    public var options: TrainingOptions
    public var data: Data
    public var best: Best?
    /// How the learning rate was found; nil if it was not looked for.
    public var rateSearch: RateSearch?
    /// The device it was trained on, such as `cpu`; nil in records from versions that supported only the CPU.
    public var device: String?
    /// Cresset's version.
    public var version: String
    /// When the run began.
    public var started: Date
    /// The command line.
    public var command: [String]
    /// What the file has beside the fields above.
    var unknown: JSONValue?

    enum CodingKeys: String, CodingKey {
        case format, revision, state, model, classes, preprocessing, options, data, best
        case device, version, started, command, rateSearch
    }

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - model: The network.
    ///   - classes: The names of the classes, in order.
    ///   - preprocessing: How pictures become tensors.
    ///   - options: How it was trained.
    ///   - data: What it was trained on.
    ///   - command: The command line.
    ///   - started: When it began.
    public init(
        model: Model, classes: [String], preprocessing: Preprocessing, options: TrainingOptions, data: Data,
        command: [String] = CommandLine.arguments, started: Date = Date()
    ) {
        state = .running
        self.model = model
        self.classes = classes
        self.preprocessing = preprocessing
        self.options = options
        self.data = data
        version = cressetVersion
        self.started = started
        self.command = command
    }
}
