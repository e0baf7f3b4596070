import Cresset
import Glibc
import Synchronization

/// The `run.json` that says `failed`, made before it is needed: where memory has run out, or a bug ends the process,
/// nothing can be encoded any more.
enum FailedRecord {
    /// Memory that is never Swift's: a handler of signals may use it.
    private struct File {
        let path: UnsafeMutablePointer<CChar>
        let temporary: UnsafeMutablePointer<CChar>
        let text: UnsafeMutableRawPointer
        let byteCount: Int
    }

    private static let prepared = Atomic<UInt>(0)

    /// Creates what a handler of signals must find created.
    static func makeReady() { _ = prepared.load(ordering: .relaxed) }

    /// `text` will replace the record at `path` if necessary; nil cancels that.
    static func prepare(_ text: [UInt8]?, at path: FilePath) {
        var next: UnsafeMutablePointer<File>?
        if let text {
            let temporary = path.parent.appending(AtomicFile.temporaryPrefix + "failed")
            guard let path = path.withPlatformString({ strdup($0) }),
                let other = temporary.withPlatformString({ strdup($0) }),
                let memory = malloc(max(text.count, 1))
            else { return }
            text.withUnsafeBytes { if let start = $0.baseAddress { memcpy(memory, start, text.count) } }
            next = .allocate(capacity: 1)
            next?.initialize(to: File(path: path, temporary: other, text: memory, byteCount: text.count))
        }
        release(prepared.exchange(UInt(bitPattern: next), ordering: .acquiringAndReleasing))
    }

    private static func release(_ address: UInt) {
        guard let file = UnsafeMutablePointer<File>(bitPattern: address) else { return }
        free(file.pointee.path)
        free(file.pointee.temporary)
        free(file.pointee.text)
        file.deallocate()
    }

    /// Writes the record that was prepared, once. Allocates nothing and takes no lock.
    static func write() {
        let address = prepared.exchange(0, ordering: .acquiringAndReleasing)
        guard let file = UnsafeMutablePointer<File>(bitPattern: address)?.pointee else { return }
        let descriptor = open(file.temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { return }
        let text = UnsafeRawBufferPointer(start: file.text, count: file.byteCount)
        let isWhole = SystemFiles.write(text, to: descriptor) == 0 && fsync(descriptor) == 0
        close(descriptor)
        if isWhole { rename(file.temporary, file.path) } else { unlink(file.temporary) }
    }
}
