import Cresset

/// `checkpoints/`: weight files that load correctly, and files that are rejected.
struct CheckpointSuite: Suite {
    static let folder = "checkpoints"

    init(options: Options) {}

    func subjects(in directory: FilePath) throws -> [Subject] {
        let json = try readJSON(directory.appending("expected.json"))
        return (json.members ?? []).map { name, entry in
            Subject(folder: Self.folder, name: name, caseCount: 1) { _ in
                switch entry["result"]?.string {
                case "loads": try checkLoads("\(directory)/\(name)")
                case "refused": try checkRefused("\(directory)/\(name)", name)
                default: throw Failure("the case has no expected result")
                }
            }
        }
    }

    private func checkLoads(_ path: String) throws {
        let ours = try Checkpoint.load(path)
        let expected = try Checkpoint.load(path + ".expected.safetensors")
        guard Set(ours.keys) == Set(expected.keys) else { throw Failure("entries \(ours.keys), not \(expected.keys)") }
        for (name, tensor) in expected {
            guard let own = ours[name], own.shape == tensor.shape, own.dtype == tensor.dtype else {
                throw Failure("\(name) is not \(tensor.dtype) of shape \(tensor.shape)")
            }
            let isEqual = own.withUnsafeBytes { a in tensor.withUnsafeBytes { b in a.elementsEqual(b) } }
            guard isEqual else { throw Failure("\(name) has different elements") }
        }
    }

    private func checkRefused(_ path: String, _ name: String) throws {
        do throws(CheckpointError) {
            _ = try Checkpoint.load(path)
        } catch {
            guard "\(error)".contains(name) else {
                throw Failure("the error does not name the file: \(error)")
            }
            return
        }
        throw Failure("it was not rejected")
    }
}
