import CCUDA
import CressetBackend
import Glibc

/// Host memory that a GPU can read and write directly: blocks by powers of two, cached for reuse.
///
/// A block may be freed while a copy is still reading it; it is handed out again once the event after that copy has
/// passed.
final class PinnedMemory: @unchecked Sendable {
    private struct Block {
        let pointer: UnsafeMutableRawPointer
        let event: cr_event?
    }

    private let blocks = Locked<[Int: [Block]]>([:])
    private let driver: cresset_cuda_driver

    init(_ driver: cresset_cuda_driver) { self.driver = driver }

    private static func size(_ byteCount: Int) -> Int {
        var size = 4096
        while size < byteCount { size *= 2 }
        return size
    }

    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.size(byteCount)
        let found = blocks.withLock { blocks -> Block? in
            guard let kept = blocks[size],
                let place = kept.firstIndex(where: { $0.event.map { driver.cuEventQuery($0) == 0 } ?? true })
            else { return nil }
            return blocks[size]!.remove(at: place)
        }
        if let found {
            if let event = found.event { check(driver.cuEventDestroy_v2(event), "cuEventDestroy_v2") }
            return found.pointer
        }
        var pointer: UnsafeMutableRawPointer?
        // Portable and mapped: for every device, at the same address.
        check(driver.cuMemHostAlloc(&pointer, size, 3), "cuMemHostAlloc", "\(size) bytes of pinned memory")
        return pointer!
    }

    /// Frees a block; `event`, if given, comes after the last work that uses it.
    func free(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int, after event: cr_event? = nil) {
        blocks.withLock { $0[Self.size(byteCount), default: []].append(Block(pointer: pointer, event: event)) }
    }
}
