import CCUDA
import CressetBackend

extension CUDABackend {
    public func step(_ parameters: [StepOperands], _ step: OptimizerStep) {
        fatalError("unfinished")
    }
}
