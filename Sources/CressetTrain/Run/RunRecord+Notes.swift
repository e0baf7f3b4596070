import Cresset
import CressetVision
import FoundationEssentials

// What a weight file says of itself: enough to use it without the folder of its run.

extension RunRecord {
    /// The notes of a file with the run's weights: the network, the classes in the order of its outputs, how pictures become
    /// tensors, and the version that writes them.
    package var notes: [String: String] {
        get throws {
            [
                "format": "pt", "model": model.name, "classes": try RunRecord.note(classes),
                "preprocessing": try RunRecord.note(preprocessing), "cresset": cressetVersion,
            ]
        }
    }

    /// What is known of a network from the notes of its weights; nil if they do not say all that is needed to use it.
    init?(notes: [String: String]) {
        guard let name = notes["model"], let classes: [String] = RunRecord.value(notes["classes"]),
            let preprocessing: Preprocessing = RunRecord.value(notes["preprocessing"])
        else { return nil }
        self.init(
            model: Model(name: name, classCount: classes.count), classes: classes, preprocessing: preprocessing,
            options: TrainingOptions(), data: Data(path: "", trainCount: 0, validationCount: 0, skipped: []),
            command: [], started: Date(timeIntervalSince1970: 0))
        state = .finished
        version = notes["cresset"] ?? ""
        if problem != nil { return nil }
    }

    private static func note(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func value<Value: Decodable>(_ note: String?) -> Value? {
        note.flatMap { try? JSONDecoder().decode(Value.self, from: FoundationEssentials.Data($0.utf8)) }
    }
}
