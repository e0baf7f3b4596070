import Cresset
import Foundation

/// The tensors of a case file.
struct CaseTensors {
    private let state: [String: Tensor]
    private let file: String

    /// - Throws: if the file is not a safetensors file.
    init(contentsOf url: URL) throws {
        file = url.lastPathComponent
        state = try Dictionary(uniqueKeysWithValues: Checkpoint.load(url.path).map { ($0.name, $0.tensor) })
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
    private let tensorFile: URL

    init(contentsOf url: URL) throws {
        json = try JSON(parsing: [UInt8](Data(contentsOf: url)))
        guard let cases = json["cases"]?.array else { throw Failure("\(url.lastPathComponent) has no cases") }
        self.cases = cases
        tensorFile = url.deletingPathExtension().appendingPathExtension("safetensors")
    }

    func tensors() throws -> CaseTensors { try CaseTensors(contentsOf: tensorFile) }
}
