import CCUDA

/// The properties of a GPU.
package struct CUDADeviceProperties: Sendable, Hashable {
    package let name: String
    /// For example (9, 0) for an H100.
    package let computeCapabilityMajor: Int
    package let computeCapabilityMinor: Int
    /// Bytes of memory on the board.
    package let totalMemory: Int
    package let multiprocessorCount: Int
    package let threadsPerMultiprocessor: Int
    /// Bytes of shared memory that a block may opt in to.
    package let sharedMemoryPerBlock: Int
    package let l2CacheSize: Int
    package let pciBusID: String

    /// 90 for compute capability 9.0.
    var architecture: Int { computeCapabilityMajor * 10 + computeCapabilityMinor }

    init(_ device: Int32, _ driver: cresset_cuda_driver) {
        func attribute(_ number: Int32) -> Int {
            var value: Int32 = 0
            check(driver.cuDeviceGetAttribute(&value, number, device), "cuDeviceGetAttribute")
            return Int(value)
        }
        var text = [CChar](repeating: 0, count: 256)
        check(driver.cuDeviceGetName(&text, 255, device), "cuDeviceGetName")
        name = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        check(driver.cuDeviceGetPCIBusId(&text, 255, device), "cuDeviceGetPCIBusId")
        pciBusID = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        var bytes = 0
        check(driver.cuDeviceTotalMem_v2(&bytes, device), "cuDeviceTotalMem_v2")
        totalMemory = bytes
        computeCapabilityMajor = attribute(75)
        computeCapabilityMinor = attribute(76)
        multiprocessorCount = attribute(16)
        threadsPerMultiprocessor = attribute(39)
        sharedMemoryPerBlock = attribute(97)
        l2CacheSize = attribute(38)
    }
}
