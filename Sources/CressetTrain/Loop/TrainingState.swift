import Cresset
import CressetNN
import CressetOptim
import FoundationEssentials

/// Everything that the rest of a run depends on: weights, optimizer, schedule, average, random numbers, the place in the
/// data, and the figures so far.
///
/// ```swift
/// try loop.state.save(to: "state.safetensors")              // at the event `checkpoint`
/// try loop.load(TrainingState(contentsOf: "state.safetensors"))
/// try loop.run(training: loader, validation: other)         // goes on where the other loop was
/// ```
///
/// A loop that goes on takes the same steps as one that was never interrupted, to the bit, if its task, recipe and data
/// are the same, and so is the number of threads.
public struct TrainingState: Sendable {
    /// Weights, moments, averages and sums, by name.
    var tensors: StateDict
    /// The optimizer's own texts.
    var texts: [String: String]
    var place: Place

    /// Where a run is, and what it has found so far.
    struct Place: Sendable, Codable {
        /// The number of the epoch, from 1, that comes next or has begun.
        var epoch = 1
        /// The number of the next batch in the training pass; 0 if it has not begun.
        var nextBatch = 0
        /// The number of samples in this pass so far.
        var sampleCount = 0
        /// How long this pass took so far.
        var seconds = 0.0
        /// The learning rate when the epoch began; nil if it has not.
        var learningRate: Double?
        /// The training pass, if it is complete.
        var trained: PhaseResult?
        var history: [EpochResult] = []
        var reportedSamples: Set<String> = []
        var scheduler: Scheduler.State?
        var plateau: ReduceLROnPlateau.State?
        /// How often weights were added to the average; nil if there is none.
        var averageCount: Int?
        var generator: Generator.State?
    }

    /// The figures of all epochs so far.
    public var history: [EpochResult] { place.history }

    /// Whether the state is that of the end of an epoch, or of the beginning of a run.
    public var isBetweenEpochs: Bool { place.nextBatch == 0 && place.trained == nil }

    /// Where the run is, for people.
    public var description: String {
        if isBetweenEpochs { return place.epoch == 1 ? "at the beginning" : "after epoch \(place.epoch - 1)" }
        return "in epoch \(place.epoch), "
            + (place.trained == nil ? "after batch \(place.nextBatch)" : "before validation")
    }

    /// The tensors whose names begin with `part` and a dot, without that.
    func tensors(of part: String) -> StateDict {
        StateDict(
            tensors.compactMap { name, tensor in
                name.hasPrefix(part + ".") ? (String(name.dropFirst(part.count + 1)), tensor) : nil
            })
    }
}

extension TrainingState {
    private static let key = "state"

    /// Writes the state to a file in safetensors' format, completely or not at all.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - metadata: Further texts by name.
    /// - Throws: `CheckpointError` if the file cannot be written; an existing one is then unharmed.
    public func save(to path: some PathConvertible, metadata: [String: String] = [:]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let text = String(decoding: try encoder.encode(place), as: UTF8.self)
        let all = metadata.merging(texts) { $1 }.merging([Self.key: text]) { $1 }
        try Checkpoint.save(tensors, to: path, metadata: all)
    }

    /// Reads a file written by ``save(to:metadata:)``.
    ///
    /// - Parameter path: The file.
    /// - Throws: `CheckpointError` if it is damaged, ``Failure`` if it is no state of a run.
    public init(contentsOf path: some PathConvertible) throws {
        let path = path.filePath
        let file = try Checkpoint(contentsOf: path)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let text = file.metadata[Self.key],
            let place = try? decoder.decode(Place.self, from: FoundationEssentials.Data(text.utf8)),
            place.isPossible
        else {
            throw Failure("\(path): not the state of a run", hint: "restore the file, or train again", kind: .badData)
        }
        tensors = file.state
        texts = file.metadata
        texts[Self.key] = nil
        self.place = place
    }
}

extension TrainingState.Place {
    /// Larger numbers are none that a run has counted to.
    private static let counts = 0...1 << 53
    private static let times = 0...1e12

    /// Whether a run can be there: what a file says is computed with only then.
    fileprivate var isPossible: Bool {
        let numbers = [
            nextBatch, sampleCount, averageCount ?? 0, scheduler?.epoch ?? 0, plateau?.epoch ?? 0,
            plateau?.badEpochs ?? 0, plateau?.cooldownLeft ?? 0,
        ]
        let results: [PhaseResult?] = history.flatMap { [$0.training, $0.validation] } + [trained]
        return epoch >= 1 && ([epoch] + numbers + history.map(\.epoch)).allSatisfy(Self.counts.contains)
            && Self.times.contains(seconds) && generator?.deviceOffsets.contains { $0 > 1 << 62 } != true
            && results.allSatisfy { result in result.map(Self.isPossible) ?? true }
    }

    private static func isPossible(_ result: PhaseResult) -> Bool {
        counts.contains(result.epoch) && counts.contains(result.figures.count) && times.contains(result.seconds)
    }
}
