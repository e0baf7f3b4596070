import CressetCPU

/// Settings of the CPU.
public enum CPU {
    /// Whether float32 convolutions with kernels of 3 x 3 and stride 1 may use Winograd's algorithm, which takes half to a
    /// third of the direct sum's time. Rounding errors are about twice as large (some 1e-6 of the result's magnitude,
    /// instead of 5e-7), and infinity and NaN reach neighbouring pixels.
    ///
    /// True by default, unless `CRESSET_WINOGRAD=off`. Applies to the whole process. Results are the same from run to
    /// run either way.
    public static var usesWinograd: Bool {
        get { CPUBackend.usesWinograd }
        set { CPUBackend.usesWinograd = newValue }
    }

    /// The version of the oneDNN that computes, such as `3.2`.
    package static var libraryVersion: String { CPUBackend.oneDNNVersion }
}
