import CKernels
import Cresset
import CressetBackend
import CressetCPU
import Foundation
import Synchronization
import Testing

/// The CPU's threads and memory.
@Suite struct MachineTests {
    @Test func librariesAreRecentEnough() throws {
        try CPUBackend.checkLibraries()
        #expect(cresset_threads_available())
    }

    @Test(arguments: [(1000, 1), (1000, 64), (7, 100), (1, 1), (0, 1), (129, 64)])
    func loopsVisitEveryIterationOnce(count: Int, grain: Int) {
        final class Visits: Sendable {
            let counts: Mutex<[Int]>
            let parts = Mutex<[Range<Int64>]>([])
            init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
        }
        let visits = Visits(count)
        cresset_parallel_for(
            Int64(count), Int64(grain),
            { context, begin, end in
                let visits = Unmanaged<Visits>.fromOpaque(context!).takeUnretainedValue()
                visits.counts.withLock { for i in begin..<end { $0[Int(i)] += 1 } }
                visits.parts.withLock { $0.append(begin..<end) }
            }, Unmanaged.passUnretained(visits).toOpaque())
        #expect(visits.counts.withLock { $0.allSatisfy { $0 == 1 } })
        #expect(visits.parts.withLock { $0.count } <= threadCount)
        if count <= grain && count > 0 { #expect(visits.parts.withLock { $0.count } == 1) }
    }

    @Test func waitingThreadsSleepSoonUnlessTheUserDecides() {
        let environment = ProcessInfo.processInfo.environment
        #expect(environment["OMP_WAIT_POLICY"] != nil || environment["GOMP_SPINCOUNT"] != nil)
    }

    @Test func threadCountBelongsToTheCaller() {
        let before = threadCount
        let thread = Thread {
            setThreadCount(1)
            #expect(threadCount == 1)
        }
        thread.start()
        while !thread.isFinished { usleep(1000) }
        #expect(threadCount == before)
    }

    @Test func blocksAreAlignedAndDistinct() {
        var generator = TestGenerator(seed: 12)
        var blocks: [(storage: Storage, mark: UInt8)] = []
        for round in 0..<4000 {
            if blocks.count > 100 || (round % 3 == 0 && !blocks.isEmpty) {
                let (storage, mark) = blocks.remove(at: Int.random(in: blocks.indices, using: &generator))
                let bytes = UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount)
                #expect(bytes.first == mark && bytes.last == mark)
            } else {
                let largest = Int.random(in: 0..<8, using: &generator) == 0 ? 1 << 20 : 1 << 12
                let size = Int.random(in: 1...largest, using: &generator)
                let storage = CPUBackend.shared.allocate(byteCount: size)
                #expect(Int(bitPattern: storage.pointer) % 64 == 0)
                let mark = UInt8.random(in: 0...255, using: &generator)
                storage.pointer.storeBytes(of: mark, as: UInt8.self)
                storage.pointer.storeBytes(of: mark, toByteOffset: size - 1, as: UInt8.self)
                blocks.append((storage, mark))
            }
        }
    }

    @Test func memoryIsReusedAndCounted() {
        let size = 3 << 20
        let first = cresset_allocate(size)
        cresset_free(first, size)
        let again = cresset_allocate(size)
        #expect(CPUBackend.shared.memoryStatistics.inUse >= size)
        #expect(CPUBackend.shared.memoryStatistics.reserved >= size)
        cresset_free(again, size)
        CPUBackend.shared.trimMemory()
        #expect(cresset_allocate(1 << 50) == nil)
    }
}
