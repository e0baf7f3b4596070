import Cresset
import Glibc

extension RunFolder {
    /// Throws if the folder's disk has no room for weights of this size, which would be noticed only after an epoch.
    ///
    /// - Parameter byteCount: The size of the weights. They take twice as much while they are replaced.
    func requireRoom(for byteCount: Int) throws(Failure) {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, limit.rlim_cur < byteCount {
            throw Failure(system: EFBIG, writing: weightsPath)
        }
        var disk = statvfs()
        guard path.withPlatformString({ statvfs($0, &disk) }) == 0, disk.f_blocks > 0 else { return }
        let (free, isMore) = UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize))
        guard !isMore, free < 2 * UInt64(byteCount) else { return }
        func mebibytes(_ count: UInt64) -> String { (Double(count) / 0x1p20).fixed(1) + " MiB" }
        throw Failure(
            "\(path): \(mebibytes(free)) are free on the disk, and the weights need \(mebibytes(2 * UInt64(byteCount)))",
            hint: Failure.hint(writing: ENOSPC), kind: .inputOutput)
    }
}
