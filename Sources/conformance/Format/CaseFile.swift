import Cresset

/// The tensors of a case file.
struct CaseTensors {
    private let state: [String: Tensor]
    private let file: String

    /// - Throws: if the file is not a safetensors file.
    init(_ name: String, in directory: FilePath) throws {
        file = name + ".safetensors"
        let tensors = try Checkpoint.load(directory.appending(file))
        state = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
    }

    subscript(name: String) -> Tensor {
        get throws {
            guard let tensor = state[name] else { throw Failure("\(file) has no tensor \(name)") }
            return tensor
        }
    }
}

/// `NAME.json` and `NAME.safetensors` of one subject.
struct CaseFile {
    let json: JSON
    let cases: [JSON]
    private let name: String
    private let directory: FilePath

    init(_ name: String, in directory: FilePath) throws {
        json = try readJSON(directory.appending(name + ".json"))
        guard let cases = json["cases"]?.array else { throw Failure("\(name).json has no cases") }
        self.cases = cases
        (self.name, self.directory) = (name, directory)
    }

    func tensors() throws -> CaseTensors { try CaseTensors(name, in: directory) }
}

/// The subjects that have a `NAME.json` in a folder, in order.
func caseNames(in directory: FilePath) throws -> [String] {
    try SystemFiles.names(in: directory).filter { $0.lowercasedExtension == "json" }.map {
        String($0.description.dropLast(".json".count))
    }
}

/// The contents of the file at `path`.
func readJSON(_ path: FilePath) throws -> JSON { try JSON(parsing: SystemFiles.contents(of: path)) }
