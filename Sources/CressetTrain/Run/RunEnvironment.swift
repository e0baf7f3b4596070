import Cresset
import FoundationEssentials

/// Where a run computed: software, processor and device; nothing that names a person or a machine.
///
/// `environment.json` has one for each process that worked on the run, the first one first.
struct RunEnvironment: Encodable {
    /// The epoch, from 1, with which the process began.
    let firstEpoch: Int
    let version = cressetVersion
    let compiler = Machine.compiler
    let system = Machine.system
    let processor = Machine.processor
    let vectors = Machine.vectors
    let processors = Machine.processorCount
    let threads: Int
    let memoryBytes = Machine.memoryByteCount
    /// Such as `cpu` or `cuda:0 (NVIDIA H200)`.
    let device: String
    let precision: String
    /// Nil where there is none.
    let oneDNN: String?
    /// The version of the GPU driver according to its kernel module; nil without one.
    let driverVersion: String?

    /// That of this process.
    init(firstEpoch: Int, device: Device, precision: Precision) {
        self.firstEpoch = firstEpoch
        threads = threadCount
        self.device = device.modelName
        self.precision = precision.resolved(on: device).rawValue
        oneDNN = Libraries.cpu.first?.found
        driverVersion = Machine.driverVersion
    }

    /// Writes it to the file at `path`; after those of earlier processes, if a run goes on.
    ///
    /// *Throws* `AtomicFile.WriteError` if that is impossible.
    func write(to path: FilePath, goesOn: Bool) throws {
        let encoder = JSONEncoder(), decoder = JSONDecoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let bytes = goesOn ? try? SystemFiles.contents(of: path, limit: 1 << 24) : nil
        let earlier = bytes.flatMap { try? decoder.decode([JSONValue].self, from: Data($0)) } ?? []
        let own = try decoder.decode(JSONValue.self, from: encoder.encode(self))
        let text = String(decoding: try encoder.encode(earlier + [own]), as: UTF8.self)
        try AtomicFile.write(to: path) { try $0.write(text + "\n") }
    }
}
