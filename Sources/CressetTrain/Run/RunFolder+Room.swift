import Cresset
import Glibc

extension RunFolder {
    /// Throws if the folder's disk has no room for what the run saves, which would be noticed only after an epoch.
    ///
    /// - Parameters:
    ///   - byteCount: The size of the weights.
    ///   - copies: The size of the run's state, in copies of the weights.
    func requireRoom(for byteCount: Int, state copies: Int) throws(Failure) {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 {
            if limit.rlim_cur < byteCount { throw Failure(system: EFBIG, writing: weightsPath) }
            if limit.rlim_cur < copies * byteCount { throw Failure(system: EFBIG, writing: statePath) }
        }
        // Weights and state are on the disk, and a second copy of the larger while it is replaced.
        let needed = UInt64((1 + 2 * max(copies, 1)) * byteCount)
        var disk = statvfs()
        guard existingPlace.withPlatformString({ statvfs($0, &disk) }) == 0, disk.f_blocks > 0 else { return }
        let (free, isMore) = UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize))
        guard !isMore, free < needed else { return }
        func mebibytes(_ count: UInt64) -> String { (Double(count) / 0x1p20).fixed(1) + " MiB" }
        throw Failure(
            "\(path): \(mebibytes(free)) are free on the disk, and weights and state need \(mebibytes(needed))",
            hint: Failure.hint(writing: ENOSPC), kind: .inputOutput)
    }
}
