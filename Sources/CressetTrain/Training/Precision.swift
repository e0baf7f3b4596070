import CressetNN

/// The type of a network's matrix products and convolutions.
///
/// Weights, sums, losses and the optimizer stay in float32 either way, as `withAutocast` describes.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    case float32
    /// Half the memory and, on devices that have instructions for it, half to two thirds of the time; results have 3
    /// significant digits.
    case bfloat16
    /// ``bfloat16`` where the device computes faster in it, otherwise ``float32``.
    case auto

    /// What this means on `device`: never ``auto``.
    ///
    /// - Parameter device: Where the network is.
    public func resolved(on device: Device) -> Precision {
        self == .auto ? device.isFasterInBFloat16 ? .bfloat16 : .float32 : self
    }

    /// What `compute` says, in float32, where products are computed in this precision.
    ///
    /// - Parameters:
    ///   - device: Where the network is.
    ///   - compute: The network.
    func scores(on device: Device, _ compute: () -> Tensor) -> Tensor {
        scores(on: device) { (compute(), []) }.main
    }

    /// The same for a network with auxiliary heads.
    func scores(
        on device: Device, _ compute: () -> (main: Tensor, auxiliary: [Tensor])
    ) -> (main: Tensor, auxiliary: [Tensor]) {
        guard resolved(on: device) == .bfloat16 else { return compute() }
        func raised(_ scores: Tensor) -> Tensor { scores.dtype == .bfloat16 ? scores.to(.float32) : scores }
        let (main, auxiliary) = withAutocast(.bfloat16, compute)
        return (raised(main), auxiliary.map(raised))
    }
}
