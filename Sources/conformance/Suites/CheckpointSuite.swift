import Cresset
import Foundation

/// `checkpoints/`: weight files that load correctly, and files that are rejected.
struct CheckpointSuite: Suite {
    static let folder = "checkpoints"

    init(options: Options) {}

    func subjects(in directory: URL) throws -> [Subject] {
        let json = try JSON(parsing: [UInt8](Data(contentsOf: directory.appendingPathComponent("expected.json"))))
        return (json.members ?? []).map { name, entry in
            Subject(folder: Self.folder, name: name, caseCount: 1) { _ in
                let file = directory.appendingPathComponent(name)
                switch entry["result"]?.string {
                case "loads": try checkLoads(file)
                case "refused": try checkRefused(file)
                default: throw Failure("the case has no expected result")
                }
            }
        }
    }

    private func checkLoads(_ file: URL) throws {
        let ours = try Checkpoint.load(file.path)
        let expected = try Checkpoint.load(file.appendingPathExtension("expected.safetensors").path)
        guard Set(ours.keys) == Set(expected.keys) else { throw Failure("entries \(ours.keys), not \(expected.keys)") }
        for (name, tensor) in expected {
            guard let own = ours[name], own.shape == tensor.shape, own.dtype == tensor.dtype else {
                throw Failure("\(name) is not \(tensor.dtype) of shape \(tensor.shape)")
            }
            let isEqual = own.withUnsafeBytes { a in tensor.withUnsafeBytes { b in a.elementsEqual(b) } }
            guard isEqual else { throw Failure("\(name) has different elements") }
        }
    }

    private func checkRefused(_ file: URL) throws {
        do throws(CheckpointError) {
            _ = try Checkpoint.load(file.path)
        } catch {
            guard "\(error)".contains(file.lastPathComponent) else {
                throw Failure("the error does not name the file: \(error)")
            }
            return
        }
        throw Failure("it was not rejected")
    }
}
