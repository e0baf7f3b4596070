import Cresset
import Glibc

extension RunFolder {
    /// The run that `path` refers to: by its folder, its weights or its record.
    public init(naming path: some PathConvertible) {
        let path = path.filePath
        let isFile = ["model.safetensors", "run.json"].contains(path.lastComponent) && !RunFolder.isFolder(path)
        self.init(path: isFile ? RunFolder.parent(of: path) : path)
    }

    /// The run to which the weights at `path` belong, given by its folder or as the file `model.safetensors` in it; nil
    /// if there is no record next to them.
    static func holdingWeights(_ path: FilePath) -> RunFolder? {
        func isThere(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) } == 0 }
        if isFolder(path) {
            let run = RunFolder(path: path)
            // Without a record the weights may still be there; if both are missing, the run itself is missing.
            return isThere(run.recordPath) || !isThere(run.weightsPath) ? run : nil
        }
        let run = RunFolder(path: parent(of: path))
        return path.lastComponent == "model.safetensors" && isThere(run.recordPath) ? run : nil
    }

    private static func parent(of path: FilePath) -> FilePath {
        let parent = path.removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    private static func isFolder(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
