import Cresset
import CressetVision
import FoundationEssentials
import Glibc

extension RunRecord {
    /// No run record is larger; a larger file is something else.
    static let sizeLimit = 32 << 20
    /// How much a record may still grow after the start of a run.
    private static let growth = 4 << 20

    /// Writes the record into `folder`, completely or not at all.
    ///
    /// *Throws* ``Failure`` if it could not be read again: too many class names, or names that are too long. That shows
    /// at the start of a run, where room is reserved for everything that is added later.
    public func write(to folder: RunFolder) throws {
        if let problem { throw Failure("\(folder.recordPath): cannot be written: \(problem)", kind: .badData) }
        let text = try encoded()
        if text.count > RunRecord.sizeLimit - (best == nil ? RunRecord.growth : 0) {
            throw Failure(
                "\(folder.recordPath): cannot be written: the names of \(classes.count) classes are too long",
                hint: "train with fewer classes, or shorten their folder names", kind: .badData)
        }
        try AtomicFile.write(to: folder.recordPath) { try $0.write(text) }
    }

    /// The contents of the file.
    package func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        var text = try encoder.encode(self)
        if let unknown {
            text = try encoder.encode(JSONDecoder().decode(JSONValue.self, from: text).adding(unknown))
        }
        return Array(text) + [UInt8(ascii: "\n")]
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
            let layout = try decoder.decode(RunLayout.self, from: bytes)
            if let (problem, hint) = layout.problem {
                throw Failure("\(folder.recordPath): \(problem)", hint: hint, kind: .badData)
            }
            self = try decoder.decode(RunRecord.self, from: bytes)
            let all = try decoder.decode(JSONValue.self, from: bytes)
            unknown = try all.subtracting(decoder.decode(JSONValue.self, from: FoundationEssentials.Data(encoded())))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                "\(folder.recordPath): not a record of a training run (\(RunRecord.reason(error)))",
                hint: "name a folder created by cresset train", kind: .badData)
        }
        if let problem {
            throw Failure(
                "\(folder.recordPath): \(problem)", hint: "train again, or restore the file", kind: .badData)
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
            throw Failure("\(folder.recordPath): too large to be a record of a run", kind: .badData)
        }
        return bytes
    }

    private static func unreadable(_ folder: RunFolder, _ error: RegularFile.ReadError) -> Failure {
        let hint = "name a folder that cresset train has made, such as runs/train-1"
        switch error.code {
        case ENOENT where !SystemFiles.exists(folder.path):
            return Failure("\(folder.path): no such folder", hint: hint, kind: .inputMissing)
        case ENOENT, ENOTDIR:
            return Failure("\(folder.path): no run folder, it has no run.json", hint: hint, kind: .inputMissing)
        case EISDIR, EINVAL, ENXIO:
            return Failure("\(folder.recordPath): \(error.problem)", hint: hint, kind: .badData)
        default:
            let kind = Failure.kind(ofSystemCode: error.code)
            return Failure("\(folder.recordPath): \(error.problem)", kind: kind)
        }
    }

    /// What makes the record unusable, or nil. Nothing is sized by these numbers before they are checked.
    var problem: String? {
        let p = preprocessing
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
        return numberProblem
    }

    /// What is wrong with a number that others are computed from, or nil.
    private var numberProblem: String? {
        let pictures = 0...1 << 40, epochs = 0...TrainingOptions.largestEpochCount
        let numbers = [
            ("data.trainCount", data.trainCount, pictures), ("data.validationCount", data.validationCount, pictures),
            ("data.skippedCount", data.skippedCount ?? 0, pictures),
            ("best.validationCount", best?.validationCount ?? 0, pictures), ("options.epochs", options.epochs, epochs),
            ("best.epoch", best?.epoch ?? 0, epochs),
        ]
        if let (name, number, range) = numbers.first(where: { !$0.2.contains($0.1) }) {
            return "\(name) is \(number), where \(range.lowerBound) to \(range.upperBound) are possible"
        }
        if let best, !(0...1).contains(best.validationAccuracy) {
            return "best.validationAccuracy is \(best.validationAccuracy), where 0 to 1 are possible"
        }
        return nil
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            path(context) + " has the wrong type"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            path(context) + " has a value that is unknown"
        default: "not valid JSON"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
