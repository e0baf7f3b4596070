import CCUDA
import Foundation
import Testing

/// Mistakes that a GPU ignores, or that only occasionally give a wrong number: the fake driver must expose each.
@Suite struct FakeDriverTests {
    private static let double = """
        i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
        if (i < p.count) p.y[i] = 2 * p.x[i];
        """
    /// Sums a block of 256 using shuffles and a barrier.
    private static let sum = """
        SHARED(float, part, [8]);
        float s = warp_sum(p.x[threadIdx.x]);
        if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = s;
        __syncthreads();
        s = 0;
        for (int i = 0; i < 8; i++) s += part[i];
        p.y[threadIdx.x] = s;
        """
    /// Correct without its barrier only if threads run in forward order.
    private static let neighbour = """
        SHARED(float, row, [256]);
        row[threadIdx.x] = p.x[threadIdx.x];
        #ifndef FORGET
        __syncthreads();
        #endif
        p.y[threadIdx.x] = threadIdx.x ? row[threadIdx.x - 1] : 0;
        """

    // MARK: What is right

    private static func runKernels(_ settings: [String: String]) throws {
        let machine = try FakeMachine(settings)
        let all = machine.vectors(1003)
        #expect(machine.launch(try machine.kernel(double), all, blocks: 8, threads: 128) == 0)
        #expect(machine.download(all.y, 1003) == (0..<1003).map { Float(2 * $0) })
        let some = machine.vectors(256)
        machine.launch(try machine.kernel(sum), some, threads: 256)
        #expect(machine.download(some.y, 256) == [Float](repeating: 255 * 128, count: 256))
        machine.launch(try machine.kernel(neighbour), some, threads: 256)
        #expect(machine.download(some.y, 256) == [0] + (0..<255).map(Float.init))
    }

    @Test func ordersAgree() async {
        await #expect(processExitsWith: .success) { try Self.runKernels([:]) }
        await #expect(processExitsWith: .success) { try Self.runKernels(["ORDER": "reverse"]) }
        await #expect(processExitsWith: .success) { try Self.runKernels(["ORDER": "random:7", "LATE": "1"]) }
        await #expect(processExitsWith: .success) { try Self.runKernels(["GUARD": "1"]) }
    }

    @Test func convertsFloat16() throws {
        let machine = try FakeMachine()
        let source = """
            u32 bits = blockIdx.x * blockDim.x + threadIdx.x;
            f16 half; half.bits = (u16)bits;
            p.y[bits] = bits_to_float((u32)narrow_f16(widen(half)).bits);
            p.y[65536 + bits] = widen(half);
            """
        let y = machine.allocate(2 * 65536 * 4)
        machine.launch(try machine.kernel(source), .init(x: y, y: y, count: 0), blocks: 256, threads: 256)
        let result = machine.download(y, 2 * 65536)
        let wrong = (0..<65536).filter { bits in
            let half = Float16(bitPattern: UInt16(bits))
            let widened = result[65536 + bits]
            if half.isNaN { return !widened.isNaN }
            return widened != Float(half) || result[bits].bitPattern != UInt32(bits)
        }
        #expect(wrong == [])
    }

    @Test func graphsReplayAcrossStreams() async {
        await #expect(processExitsWith: .success) {
            let machine = try FakeMachine(["LATE": "1", "ORDER": "random:2"])
            let driver = machine.driver
            let v = machine.vectors(64)
            let kernel = try machine.kernel(Self.double)
            let second = FakeMachine.makeStream(driver)
            var (fork, join): (cr_event?, cr_event?)
            _ = driver.cuEventCreate(&fork, 2)
            _ = driver.cuEventCreate(&join, 2)
            #expect(driver.cuStreamBeginCapture_v2(machine.stream, 1) == 0)
            _ = driver.cuEventRecord(fork, machine.stream)
            _ = driver.cuStreamWaitEvent(second, fork, 0)
            machine.launch(kernel, v, threads: 64, stream: second)
            _ = driver.cuEventRecord(join, second)
            _ = driver.cuStreamWaitEvent(machine.stream, join, 0)
            machine.launch(kernel, .init(x: v.y, y: v.x, count: 64), threads: 64)
            var graph: cr_graph?
            #expect(driver.cuStreamEndCapture(machine.stream, &graph) == 0)
            var executable: cr_graph_exec?
            #expect(driver.cuGraphInstantiateWithFlags(&executable, graph, 0) == 0)
            for _ in 0..<3 { #expect(driver.cuGraphLaunch(executable, machine.stream) == 0) }
            #expect(machine.download(v.x, 64) == (0..<64).map { Float($0 * 64) })
        }
    }

    // MARK: Planted mistakes

    @Test func missingBarrierIsSeenInReverse() async {
        await #expect(processExitsWith: .success) {
            let machine = try FakeMachine(["ORDER": "reverse"])
            let v = machine.vectors(256)
            machine.launch(try machine.kernel(Self.neighbour, options: ["-DFORGET"]), v, threads: 256)
            let result = machine.download(v.y, 256)
            #expect(result[1...].allSatisfy { $0.isNaN })
        }
    }

    @Test func missingWaitIsSeenLate() async {
        await #expect(processExitsWith: .success) {
            let machine = try FakeMachine(["LATE": "1"])
            let v = machine.vectors(64)
            machine.launch(try machine.kernel(Self.double), v, threads: 64)
            let other = FakeMachine.makeStream(machine.driver)
            var results: Set<Bool> = []
            for _ in 0..<20 {
                let fresh = machine.vectors(64)
                machine.launch(try machine.kernel(Self.double), fresh, threads: 64)
                results.insert(machine.download(fresh.y, 64, stream: other)[1] == 2)
            }
            #expect(results.contains(false))
        }
    }

    @Test func hostCannotTouchGuardedMemory() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            let machine = try FakeMachine(["GUARD": "1"])
            let v = machine.vectors(64)
            print(UnsafePointer<Float>(bitPattern: UInt(v.x))!.pointee)
        }
        #expect(Self.text(result).contains("the host touched"))
    }

    @Test func strayAddressesAreNamed() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            let machine = try FakeMachine()
            let v = machine.vectors(1024)
            machine.launch(try machine.kernel("p.y[blockIdx.x * 1024 + threadIdx.x] = 1;"), v, blocks: 2, threads: 128)
        }
        #expect(Self.text(result).contains("in kernel, block (1,0,0) of (2,1,1), thread (0,0,0)"))
    }

    @Test func misalignedVectorsAreNamed() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let machine = try FakeMachine()
            var v = machine.vectors(64)
            v.x += 4
            machine.launch(try machine.kernel("p.y[0] = ((const Vec<float, 2> *)p.x)->v[0];"), v, threads: 1)
        }
        #expect(Self.text(result).contains("misaligned"))
    }

    @Test func stuckThreadsAreNamed() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let machine = try FakeMachine()
            let kernel = try machine.kernel("if (threadIdx.x == 3) return; __syncthreads();")
            #expect(machine.launch(kernel, machine.vectors(64), threads: 64) == 719)
            #expect(machine.synchronize() == 719)
        }
        #expect(Self.text(result).contains("63 of 64 arrived, 1 have ended"))
    }

    @Test func sharedArraysHaveStrips() async {
        await #expect(processExitsWith: .success) {
            let machine = try FakeMachine()
            let kernel = try machine.kernel("SHARED(float, row, [64]); row[threadIdx.x + p.count - 63] = 1;")
            #expect(machine.launch(kernel, machine.vectors(64), threads: 64) == 700)
        }
    }

    @Test func limitsHold() throws {
        let machine = try FakeMachine()
        let v = machine.vectors(64)
        let narrow = try machine.kernel(Self.double, threads: 128)
        #expect(machine.launch(narrow, v, threads: 256) == 701)
        #expect(machine.launch(narrow, v, threads: 2048) == 1)
        #expect(machine.launch(narrow, v, blocks: 0, threads: 32) == 1)
        #expect(machine.launch(narrow, v, threads: 32, sharedBytes: 49_153) == 1)
        #expect(machine.driver.cuFuncSetAttribute(narrow, 8, 232_449) == 1)
        #expect(machine.driver.cuFuncSetAttribute(narrow, 8, 232_448) == 0)
        #expect(machine.launch(narrow, v, threads: 32, sharedBytes: 232_448) == 0)
        #expect(machine.compile("#include \"device.h\"\nthis is no kernel").status == 6)
        #expect(machine.compile("", options: ["--use_fast_math"]).status == 5)
    }

    @Test func freedMemoryInAGraphIsNamed() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let machine = try FakeMachine()
            let v = machine.vectors(64)
            let kernel = try machine.kernel(Self.double)
            var (graph, executable): (cr_graph?, cr_graph_exec?)
            _ = machine.driver.cuStreamBeginCapture_v2(machine.stream, 1)
            machine.launch(kernel, v, threads: 64)
            _ = machine.driver.cuStreamEndCapture(machine.stream, &graph)
            _ = machine.driver.cuGraphInstantiateWithFlags(&executable, graph, 0)
            #expect(machine.driver.cuGraphLaunch(executable, machine.stream) == 0)
            _ = machine.driver.cuMemFree_v2(v.y)
            #expect(machine.driver.cuGraphLaunch(executable, machine.stream) == 700)
        }
        #expect(Self.text(result).contains("was freed after the capture"))
    }

    @Test func capturesPermitNoAllocation() throws {
        let machine = try FakeMachine()
        let stream = FakeMachine.makeStream(machine.driver)
        var address: cr_device_pointer = 0
        var graph: cr_graph?
        #expect(machine.driver.cuStreamBeginCapture_v2(stream, 1) == 0)
        var mode: Int32 = 2
        _ = machine.driver.cuThreadExchangeStreamCaptureMode(&mode)
        #expect(machine.driver.cuMemAlloc_v2(&address, 512) == 0)
        _ = machine.driver.cuThreadExchangeStreamCaptureMode(&mode)
        #expect(machine.driver.cuMemAlloc_v2(&address, 512) == 900)
        #expect(machine.driver.cuStreamSynchronize(stream) == 900)
        #expect(machine.driver.cuStreamEndCapture(stream, &graph) == 901)
    }

    private static func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
