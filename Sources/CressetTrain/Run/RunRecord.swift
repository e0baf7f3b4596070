import Cresset
import CressetVision
import FoundationEssentials
import Glibc

/// The contents of `run.json`: everything needed to use a run's weights, and how they were made.
public struct RunRecord: Sendable, Codable {
    /// The version of this layout.
    public static let format = 1
    /// No run record is larger; a larger file is something else.
    static let sizeLimit = 32 << 20
    /// How much a record may still grow after the start of a run.
    private static let growth = 4 << 20

    /// The network.
    public struct Model: Sendable, Hashable, Codable {
        /// Its name in the model zoo, such as `resnet18`.
        public var name: String
        public var classCount: Int

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
    public struct Data: Sendable, Hashable, Codable {
        public var path: String
        public var trainCount: Int
        public var validationCount: Int
        /// The first files that were skipped, each with the reason.
        public private(set) var skipped: [String] = []
        /// How many files were skipped; nil in records from earlier versions, which name them all.
        private var skippedCount: Int?

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
    public struct Best: Sendable, Hashable, Codable {
        public var epoch: Int
        public var validationAccuracy: Double
        public var validationLoss: Double

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

    public var format = RunRecord.format
    public var state: State
    public var model: Model
    /// The class names; the model's output `i` is the class `classes[i]`.
    public var classes: [String]
    public var preprocessing: Preprocessing
    public var options: TrainingOptions
    public var data: Data
    public var best: Best?
    /// The device it was trained on, such as `cpu`; nil in records from versions that supported only the CPU.
    public var device: String?
    /// Cresset's version.
    public var version: String
    /// When the run began.
    public var started: Date
    /// The command line.
    public var command: [String]

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

    /// Writes the record into `folder`, completely or not at all.
    ///
    /// *Throws* ``Failure`` if it could not be read again: too many class names, or names that are too long. That shows
    /// at the start of a run, where room is reserved for everything that is added later.
    public func write(to folder: RunFolder) throws {
        if let problem { throw Failure("\(folder.recordPath): cannot be written: \(problem)", status: .badData) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let text = try encoder.encode(self)
        if text.count > RunRecord.sizeLimit - (best == nil ? RunRecord.growth : 0) {
            throw Failure(
                "\(folder.recordPath): cannot be written: the names of \(classes.count) classes are too long",
                hint: "train with fewer classes, or shorten their folder names", status: .badData)
        }
        let newline = UInt8(ascii: "\n")
        try AtomicFile.write(to: folder.recordPath) { try $0.write(Array(text) + [newline]) }
        var failed = self
        failed.state = .failed
        let last = try state == .running ? Array(encoder.encode(failed)) + [newline] : nil
        FailedRecord.prepare(last, at: folder.recordPath)
    }

    /// Reads the record of a run.
    ///
    /// - Parameter folder: The run's folder.
    ///
    /// *Throws* ``Failure`` if the folder is not a run folder, or the record cannot be used.
    public init(readingFrom folder: RunFolder) throws(Failure) {
        let bytes = FoundationEssentials.Data(try RunRecord.bytes(of: folder))
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            self = try decoder.decode(RunRecord.self, from: bytes)
        } catch {
            throw Failure(
                "\(folder.recordPath): not a record of a training run (\(RunRecord.reason(error)))",
                hint: "name a folder created by cresset train", status: .badData)
        }
        if let problem {
            throw Failure(
                "\(folder.recordPath): \(problem)", hint: "train again, or restore the file", status: .badData)
        }
    }

    private static func bytes(of folder: RunFolder) throws(Failure) -> [UInt8] {
        let (count, bytes): (Int, [UInt8])
        do throws(RegularFile.ReadError) {
            let file = try RegularFile(folder.recordPath)
            count = file.byteCount
            bytes = count <= sizeLimit ? try file.read(upTo: count) : []
        } catch {
            throw unreadable(folder, error)
        }
        guard count <= sizeLimit else {
            throw Failure("\(folder.recordPath): too large to be a record of a run", status: .badData)
        }
        return bytes
    }

    private static func unreadable(_ folder: RunFolder, _ error: RegularFile.ReadError) -> Failure {
        let hint = "name a folder that cresset train has made, such as runs/train-1"
        switch error.code {
        case ENOENT where !SystemFiles.exists(folder.path):
            return Failure("\(folder.path): no such folder", hint: hint, status: .inputMissing)
        case ENOENT, ENOTDIR:
            return Failure("\(folder.path): no run folder, it has no run.json", hint: hint, status: .inputMissing)
        case EISDIR, EINVAL, ENXIO:
            return Failure("\(folder.recordPath): \(error.problem)", hint: hint, status: .badData)
        default:
            let status = Failure.status(ofSystemCode: error.code)
            return Failure("\(folder.recordPath): \(error.problem)", status: status)
        }
    }

    /// What makes the record unusable, or nil. Nothing is sized by these numbers before they are checked.
    private var problem: String? {
        let p = preprocessing
        if format != RunRecord.format { return "layout \(format) is unknown; only \(RunRecord.format) is supported" }
        if classes.isEmpty || classes.count > 1_000_000 { return "\(classes.count) classes" }
        if classes.count != model.classCount {
            return "the model has \(model.classCount) classes, but \(classes.count) names"
        }
        if Set(classes).count != classes.count { return "a class is named twice" }
        if !Preprocessing.sides.contains(p.cropSize) || !Preprocessing.sides.contains(p.resizeSize) {
            return "pictures of \(p.cropSize) pixels cut from \(p.resizeSize), where a side has "
                + "\(Preprocessing.sides.lowerBound) to \(Preprocessing.sides.upperBound)"
        }
        let isUsable = p.mean.count == 3 && p.deviation.count == 3 && p.deviation.allSatisfy { $0.isFinite && $0 > 0 }
        if !isUsable || !p.mean.allSatisfy(\.isFinite) { return "the mean and deviation are not usable" }
        return nil
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            context.codingPath.map(\.stringValue).joined(separator: ".") + " has the wrong type"
        default: "not valid JSON"
        }
    }
}
