import Cresset
import CressetVision

/// Where a run's pictures are, whatever the current folder is: as absolute paths without links, but for links below the
/// folders that the run was given.
struct PicturePlaces {
    private let roots: [(given: FilePath, absolute: FilePath)]

    init(_ data: TrainingData) {
        roots = [data.train.root, data.validation.root].map { ($0, SystemFiles.realOrSamePath($0)) }
    }

    /// The absolute path of a file below the run's folders.
    func absolute(_ path: FilePath) -> FilePath {
        for root in roots {
            var rest = path
            if rest.removePrefix(root.given) { return root.absolute.pushing(rest) }
        }
        return path
    }

    /// The absolute path, with odd bytes and characters written out.
    func text(_ path: FilePath) -> String { absolute(path).terminalText }
}
