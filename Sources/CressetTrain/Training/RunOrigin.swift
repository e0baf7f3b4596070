import Cresset
import CressetVision
import FoundationEssentials

/// What a run's state says of where it came from.
struct RunOrigin: Codable, Hashable {
    /// The folder of the pictures, absolute.
    private(set) var dataPath: [UInt8]
    /// That of the pictures for validation, if it was given by itself.
    private(set) var validationPath: [UInt8]?
    /// That of the table of their classes, if there is one.
    private(set) var labelsPath: [UInt8]?
    /// A number that stands for the pictures' names, classes and order.
    let pictures: UInt64
    /// The threads that computed.
    let threads: Int

    static let key = "run"

    /// The origin of a run that begins.
    init(_ data: TrainingData) {
        dataPath = RunOrigin.place(data.path)
        validationPath = data.givenValidation.map(RunOrigin.place)
        labelsPath = data.labels.map(RunOrigin.place)
        pictures = RunOrigin.identity(of: data)
        threads = threadCount
    }

    /// The origin that a saved state names.
    init(_ state: TrainingState, in folder: RunFolder) throws(Failure) {
        guard let text = state.texts[RunOrigin.key],
            let origin = try? JSONDecoder().decode(RunOrigin.self, from: FoundationEssentials.Data(text.utf8)),
            (1...1024).contains(origin.threads),
            [origin.dataPath, origin.validationPath ?? [1], origin.labelsPath ?? [1]].allSatisfy({
                !$0.contains(0) && !$0.isEmpty
            })
        else {
            throw Failure(
                "\(folder.statePath): does not say what the run was trained on", hint: "restore the file",
                kind: .badData)
        }
        self = origin
    }

    /// The same after the pictures have moved; a folder for validation and a table of classes inside that of the data move with
    /// it.
    ///
    /// - Parameters:
    ///   - data: Where they are now; nil for where they were.
    ///   - validation: The folder for validation; nil for where it was.
    func moved(to data: FilePath?, validation: FilePath?) -> RunOrigin {
        var moved = self
        if let data { moved.dataPath = RunOrigin.place(data) }
        /// Where something inside the folder of the data has moved with it; nil for what is elsewhere.
        func place(inside path: FilePath?) -> [UInt8]? {
            guard data != nil, var rest = path, rest.removePrefix(self.data) else { return nil }
            return RunOrigin.place(moved.data.pushing(rest))
        }
        moved.validationPath = validation.map(RunOrigin.place) ?? place(inside: self.validation) ?? validationPath
        moved.labelsPath = place(inside: labels) ?? labelsPath
        return moved
    }

    /// The bytes of the absolute path without links.
    private static func place(_ path: FilePath) -> [UInt8] { SystemFiles.realOrSamePath(path).bytes }

    /// Throws if the pictures are not where they were.
    func requirePlaces() throws(Failure) {
        for (folder, option) in [(data, OptionName.data)] + (validation.map { [($0, OptionName.validation)] } ?? [])
        where !SystemFiles.isFolder(folder) {
            throw Failure(
                "\(folder): the run's pictures are not there any more",
                hint: "say where they are now: " + option.set(to: "FOLDER"), kind: .inputMissing)
        }
    }

    var data: FilePath { FilePath(bytes: dataPath) }
    var validation: FilePath? { validationPath.map { FilePath(bytes: $0) } }
    var labels: FilePath? { labelsPath.map { FilePath(bytes: $0) } }

    var metadata: [String: String] {
        let encoder = JSONEncoder()
        // Otherwise the order, and so the file, would differ from process to process.
        encoder.outputFormatting = [.sortedKeys]
        guard let text = try? encoder.encode(self) else { return [:] }
        return [RunOrigin.key: String(decoding: text, as: UTF8.self)]
    }

    /// A number that changes if a picture is added, removed, renamed or moved to another class.
    static func identity(of data: TrainingData) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for folder in [data.train, data.validation] {
            for sample in folder.samples {
                for byte in "\(sample.label)/\(sample.path.name)".utf8 { add(byte) }
                add(0)
            }
            add(1)
        }
        return hash
    }
}

extension TrainingState {
    /// Saves the state of a run whose pictures have moved, before anything else happens to it.
    func keep(_ origin: RunOrigin, in folder: RunFolder) throws {
        var state = self
        state.texts.merge(origin.metadata) { $1 }
        try state.save(to: folder.statePath)
    }
}
