import CCUDA
import CressetBackend

/// Which GPUs of the process can copy to which.
final class Peers: @unchecked Sendable {
    /// By the other device's ordinal.
    fileprivate let canReach = Locked<[Int: Bool]>([:])
}

extension CUDABackend {
    /// Copies `x`, which is row-major, to `out` on a GPU that this one can reach, without waiting.
    ///
    /// The copy is made in this device's stream, after earlier work of the other's, which may still use the memory of
    /// `out`; later work of the other device comes after the copy.
    package func copy(_ x: Operand, to out: Operand, on other: CUDABackend) {
        let byteCount = x.elementCount * x.dtype.itemSize
        if byteCount == 0 { return }
        refuseInCapture("a copy to another device")
        other.refuseInCapture("a copy from another device")
        other.activate()
        let isFree = driver.event(behind: other.stream)
        activate()
        check(driver.cuStreamWaitEvent(stream, isFree, 0), "cuStreamWaitEvent")
        check(
            driver.cuMemcpyPeerAsync!(
                UInt64(UInt(bitPattern: out.pointer)), other.context, UInt64(UInt(bitPattern: x.pointer)), context,
                byteCount, stream), "cuMemcpyPeerAsync", "cuda:\(ordinal) to cuda:\(other.ordinal)")
        let isCopied = driver.event(behind: stream)
        finishIfSynchronous("a copy to cuda:\(other.ordinal)")
        other.activate()
        check(driver.cuStreamWaitEvent(other.stream, isCopied, 0), "cuStreamWaitEvent")
        // The driver keeps an event until whoever waits for it has passed it.
        check(driver.cuEventDestroy_v2(isCopied), "cuEventDestroy_v2")
        check(driver.cuEventDestroy_v2(isFree), "cuEventDestroy_v2")
    }

    /// Whether this device can read and write the other's memory; the first call arranges it.
    package func canReach(_ other: CUDABackend) -> Bool {
        peers.canReach.withLock { known in
            if let answer = known[other.ordinal] { return answer }
            let answer = enablePeer(other)
            known[other.ordinal] = answer
            return answer
        }
    }

    private func enablePeer(_ other: CUDABackend) -> Bool {
        guard let canAccess = driver.cuDeviceCanAccessPeer, let enable = driver.cuCtxEnablePeerAccess,
            driver.cuMemcpyPeerAsync != nil
        else { return false }
        var (device, peer, can): (Int32, Int32, Int32) = (0, 0, 0)
        check(driver.cuDeviceGet(&device, Int32(ordinal)), "cuDeviceGet")
        check(driver.cuDeviceGet(&peer, Int32(other.ordinal)), "cuDeviceGet")
        guard canAccess(&can, device, peer) == 0, can != 0 else { return false }
        activate()
        // 704: another part of the program has already done so.
        return [0, 704].contains(enable(other.context, 0))
    }
}
