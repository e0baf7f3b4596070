import Cresset

extension RunFolder {
    /// The run that `path` refers to: by its folder, its weights or its record.
    public init(naming path: some PathConvertible) {
        let path = path.filePath
        let isFile =
            ["model.safetensors", "run.json", "state.safetensors"].contains(path.lastComponent)
            && !SystemFiles.isFolder(path)
        self.init(path: isFile ? path.parent : path)
    }

    /// The run to which the weights at `path` belong, given by its folder or as the file `model.safetensors` in it; nil
    /// if there is no record next to them.
    static func holdingWeights(_ path: FilePath) -> RunFolder? {
        if SystemFiles.isFolder(path) {
            let run = RunFolder(path: path)
            // Without a record the weights may still be there; if both are missing, the run itself is missing.
            return SystemFiles.exists(run.recordPath) || !SystemFiles.exists(run.weightsPath) ? run : nil
        }
        let run = RunFolder(path: path.parent)
        return path.lastComponent == "model.safetensors" && SystemFiles.exists(run.recordPath) ? run : nil
    }
}
