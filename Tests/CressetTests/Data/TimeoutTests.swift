import CressetData
import Foundation
import Synchronization
import Testing

/// A dataset whose files never arrive, as on a network that hangs.
@Suite struct TimeoutTests {
    /// Holds those who pass, until it is opened.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)
        private let hasVisitor = Atomic(false)

        func pass() {
            hasVisitor.store(true, ordering: .releasing)
            while !isOpen.load(ordering: .acquiring) { usleep(1000) }
        }
        func waitForVisitor() { while !hasVisitor.load(ordering: .acquiring) { usleep(1000) } }
        func open() { isOpen.store(true, ordering: .releasing) }
    }

    private func data(_ gate: Gate, hanging: Set<Int>) -> CountedNumbers {
        CountedNumbers(count: 20, beforeReading: { if hanging.contains($0) { gate.pass() } })
    }

    @Test(arguments: [0, 1, 3]) func namesWhatHangs(_ workers: Int) throws {
        let gate = Gate()
        defer { gate.open() }
        let loader = DataLoader(
            data(gate, hanging: [0]), batchSize: 4, workers: workers, timeout: .milliseconds(100))
        let stream = loader.batches()
        gate.waitForVisitor()
        let error = #expect(throws: DataLoaderError.self) { try stream.next() }
        guard case .timedOut(.milliseconds(100), let reading) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reading.first?.name == "number 0")
        let text = try #require(error?.description)
        #expect(text.hasPrefix("no batch for 0.1 s; being read: number 0 for "))
        // It may be waited for again, and what comes in the end is as it should be.
        gate.open()
        var (rest, timeouts): ([Int], Int) = ([], 0)
        while timeouts < 600 {
            do {
                guard let batch = try stream.next() else { break }
                rest += batch.indices
            } catch DataLoaderError.timedOut { timeouts += 1 }
        }
        #expect(rest == Array(0..<20))
    }

    /// Nobody can end a thread that hangs: it is left behind, and ends when it can.
    @Test func leavingDoesNotHang() async throws {
        let gate = Gate()
        let data = data(gate, hanging: Set(0..<20))
        var stream: BatchStream? = DataLoader(data, workers: 2, timeout: .milliseconds(50)).batches()
        #expect(throws: DataLoaderError.self) { try stream!.next() }
        stream!.cancel()
        #expect(throws: CancellationError.self) { try stream!.next() }
        stream = nil
        gate.open()
    }

    @Test func cancellingTheTaskEndsTheWait() async throws {
        let gate = Gate()
        let loader = DataLoader(data(gate, hanging: [0]), workers: 1)
        let task = Task { for try await _ in loader.batches() {} }
        // Another thread, for this one may be the one that waits.
        let canceller = WorkerThread {
            gate.waitForVisitor()
            task.cancel()
            gate.open()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        canceller?.join()
    }

    @Test func timeIsEnoughForWhatWorks() throws {
        let data = CountedNumbers(count: 20, beforeReading: { _ in usleep(2000) })
        let loader = DataLoader(data, batchSize: 4, workers: 2, timeout: .seconds(60))
        #expect(try loader.batches().allIndices.flatMap { $0 } == Array(0..<20))
        let forever = DataLoader(data, batchSize: 4, workers: 2, timeout: .seconds(Int64.max))
        #expect(try forever.batches().allIndices.flatMap { $0 } == Array(0..<20))
    }
}
