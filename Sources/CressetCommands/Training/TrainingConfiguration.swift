import Cresset
import CressetTrain
import CressetVision
import FoundationEssentials

/// The options of `cresset train` as a file, which `cresset find-lr` takes, too: one JSON object whose keys are the options'
/// names, without dashes before them.
///
///     {"data": "pets", "model": "efficientnet_lite0", "epochs": 20, "freeze-epochs": 1}
///
/// Comments and commas after the last value are allowed, as in JSON5.
package struct TrainingConfiguration {
    /// The values by key; those of flags are true or false.
    package internal(set) var values: [String: JSONValue]

    /// The keys that stand for flags.
    private static let flags: Set = [
        "allow-empty", "allow-nonfinite", "find-lr", "freeze", "ignore-unknown-classes", "strict",
    ]

    /// The keys that stand for options with a value.
    private static let valued: Set = [
        "accumulate", "alpha", "augment", "batch-size", "class-weights", "clip", "cutmix", "data", "device", "ema",
        "epochs", "exif",
        "freeze-epochs", "gamma", "img-size", "label-smoothing", "labels", "layer-decay", "lr", "max-bad", "metric",
        "mixup",
        "model",
        "momentum", "optimizer", "out", "patience", "precision", "scheduler", "seed", "step-size", "threads",
        "time-limit", "truncated",
        "val", "val-split", "warmup-epochs", "weight-decay", "weights", "workers",
    ]

    /// All keys, in alphabetical order.
    package static var keys: [String] { flags.union(valued).sorted() }

    /// What `run.json` calls some of them.
    private static let recordNames = [
        "accumulatedBatches": "accumulate", "allowsEmptyClasses": "allow-empty", "appliesOrientation": "exif",
        "augmentation": "augment", "averageDecay": "ema", "freezesBody": "freeze",
        "frozenEpochs": "freeze-epochs", "ignoresUnknownClasses": "ignore-unknown-classes", "imageSize": "img-size",
        "largestNorm": "clip", "learningRate": "lr",
        "rejectsSuspect": "strict", "validationShare": "val-split",
    ]

    /// No file of options is larger.
    private static let sizeLimit = 1 << 20

    /// Reads a file.
    ///
    /// *Throws* ``Failure`` if it cannot be read, is not such an object, or has a key that there is not.
    ///
    /// - Parameter path: The file.
    package init(contentsOf path: FilePath) throws {
        if SystemFiles.isFolder(path) {
            throw Failure("\(path): a folder, where a file of options is wanted", kind: .configuration)
        }
        let bytes = try SystemFiles.contents(of: path, limit: Self.sizeLimit + 1)
        if bytes.count > Self.sizeLimit {
            throw Failure("\(path): too large to be a file of options", kind: .configuration)
        }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        guard let values = try? decoder.decode([String: JSONValue].self, from: Data(bytes)) else {
            throw Failure(
                "\(path): not a JSON object", hint: #"write options as {"epochs": 20, "optimizer": "adamw"}"#,
                kind: .configuration)
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            if let problem = Self.problem(key, value) {
                throw Failure("\(path): \(problem.message)", hint: problem.hint, kind: .configuration)
            }
        }
        self.values = values
    }

    /// What is wrong with a value, or nil.
    private static func problem(_ key: String, _ value: JSONValue) -> (message: String, hint: String?)? {
        let name = printable(key, limit: 40)
        guard flags.contains(key) || valued.contains(key) else {
            let nearest = recordNames[key] ?? nearestName(to: key, among: keys)
            return (
                "there is no option \(name)",
                nearest.map { "did you mean \($0)?" }
                    ?? "its keys are the options that cresset train --help-hidden lists"
            )
        }
        switch value {
        case .null: return nil
        case .bool: return flags.contains(key) ? nil : ("\(name) needs a value, not true or false", nil)
        case .array, .object: return ("\(name) must be a single value", nil)
        case .integer, .unsigned, .decimal, .number, .string:
            return flags.contains(key) ? ("\(name) must be true or false", nil) : nil
        }
    }

    /// The same on the command line of `cresset train`.
    package var arguments: [String] { Self.arguments(values) }

    static func arguments(_ values: [String: JSONValue]) -> [String] {
        values.sorted { $0.key < $1.key }.compactMap { key, value in
            switch value {
            case .null, .array, .object, .bool(false): nil
            case .bool(true): "--\(key)"
            case .integer(let number): "--\(key)=\(number)"
            case .unsigned(let number): "--\(key)=\(number)"
            case .decimal(let number): "--\(key)=\(number.description)"
            case .number(let number): "--\(key)=\(number)"
            case .string(let text): "--\(key)=\(text)"
            }
        }
    }
}
