import Cresset

/// One subject in a folder: an operator, a module, a model, a weight file.
struct Subject {
    let folder: String
    let name: String
    let caseCount: Int
    /// Runs a case by number and throws if it does not pass, or ``Unsupported``; nil if the subject is not supported.
    let run: ((Int) throws -> Void)?

    var path: String { "\(folder)/\(name)" }

    /// The subject with everything its cases create placed on `device`.
    func on(_ device: Device) -> Subject {
        let run = run.map { run in { (index: Int) in try withDevice(device) { try run(index) } } }
        return Subject(folder: folder, name: name, caseCount: caseCount, run: run)
    }
}

/// Why a case cannot be run here.
struct Unsupported: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = reason }
}

/// A folder of cases and what is known about its subjects.
protocol Suite: Sendable {
    /// The folder's name.
    static var folder: String { get }
    init(options: Options)
    func subjects(in directory: FilePath) throws -> [Subject]
}

/// A suite whose subjects each have a `NAME.json`.
protocol FileSuite: Suite {
    /// The runner of a case for a subject, or nil if the subject is not supported.
    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)?
}

extension FileSuite {
    func subjects(in directory: FilePath) throws -> [Subject] {
        try caseNames(in: directory).map { name in
            let file = try CaseFile(name, in: directory)
            return Subject(folder: Self.folder, name: name, caseCount: file.cases.count, run: runner(name, file))
        }
    }
}

/// Every folder of the format, in the order of the report.
let suites: [any Suite.Type] = [
    OperatorSuite.self, ModuleSuite.self, OptimizerSuite.self, SchedulerSuite.self, ModelSuite.self, RandomSuite.self,
    TransformSuite.self, CheckpointSuite.self, ReducedSuite.self, AutocastSuite.self,
    ImageSuite.self, ProgramSuite.self, PretrainedSuite.self,
]

/// The subjects of the directory in a fixed order; `only` keeps those whose path contains it.
func subjects(_ options: Options) throws -> [Subject] {
    // The cases have float32 precision, not TF32.
    CUDA.allowsTF32InConvolutions = false
    CUDA.allowsTF32InMatrixProducts = false
    let root = FilePath(argument: options.directory)
    var result: [Subject] = []
    var isFound = false
    for suite in options.checksGradients ? [GradientSuite.self] : suites {
        let directory = root.appending(suite.folder)
        guard SystemFiles.exists(directory) else { continue }
        isFound = true
        let found = try suite.init(options: options).subjects(in: directory)
        // Files, pictures and the generator's numbers are handled on the host.
        let isOfDevice = ["ops", "reduced", "modules", "optimizers", "models", "programs", "pretrained"].contains(
            suite.folder)
        result += isOfDevice ? found.map { $0.on(options.device) } : found
    }
    guard isFound else {
        throw Failure("\(options.directory) contains none of the folders \(suites.map { $0.folder })")
    }
    guard let only = options.only else { return result }
    return result.filter { $0.path.contains(only) }
}
