import Cresset

extension Device {
    /// `cpu`, or `cuda:0 (NVIDIA H100 80GB HBM3)`.
    package var modelName: String {
        guard cudaIndex != nil else { return "\(self)" }
        return "\(self) (\(CUDA.properties(of: self).name))"
    }
}
