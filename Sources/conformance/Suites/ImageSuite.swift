import Cresset
import CressetVision

/// `images/`: picture files whose pixels equal Pillow's, and files that are rejected.
struct ImageSuite: Suite {
    static let folder = "images"

    init(options: Options) {}

    func subjects(in directory: FilePath) throws -> [Subject] {
        let json = try readJSON(directory.appending("expected.json"))
        return (json.members ?? []).map { name, entry in
            let file = directory.appending(name)
            let decodes = entry["decodes"]?.boolean
            return Subject(folder: Self.folder, name: name, caseCount: 1) { _ in
                switch decodes {
                case true: try checkDecodes(file, entry)
                case false: try checkRefused(file)
                default: throw Failure("the case does not say whether it decodes")
                }
            }
        }
    }

    private func checkDecodes(_ file: FilePath, _ entry: JSON) throws {
        let image = try Image(contentsOf: file)
        guard image.width == entry["width"]?.integer, image.height == entry["height"]?.integer else {
            throw Failure("got \(image.width) x \(image.height) pixels")
        }
        guard let expected = entry["sha256_of_rgb"]?.string else { throw Failure("the case has no hash") }
        guard sha256(of: image.pixels) == expected else { throw Failure("the pixels differ from Pillow's") }
    }

    private func checkRefused(_ file: FilePath) throws {
        do {
            _ = try Image(contentsOf: file)
        } catch {
            guard "\(error)".contains(file.name) else {
                throw Failure("the error does not name the file: \(error)")
            }
            return
        }
        throw Failure("it was not rejected")
    }
}
