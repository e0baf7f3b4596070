import CCUDA
import CressetBackend

/// Work that was put into the stream once and can be done again at the cost of one call: kernels at the addresses they
/// had.
///
/// The memory that was allocated while it was recorded belongs to it until it goes.
public final class CUDAGraph: @unchecked Sendable {
    private let executable: cr_graph_exec
    private let pools: (Int, Int)
    private let backend: CUDABackend
    /// Kernels, copies and fills in it.
    public let nodeCount: Int

    fileprivate init(_ executable: cr_graph_exec, _ nodeCount: Int, _ pools: (Int, Int), _ backend: CUDABackend) {
        self.executable = executable
        self.nodeCount = nodeCount
        self.pools = pools
        self.backend = backend
    }

    deinit {
        backend.activate()
        // It may still be running.
        check(backend.driver.cuStreamSynchronize(backend.stream), "cuStreamSynchronize")
        check(backend.driver.cuGraphExecDestroy(executable), "cuGraphExecDestroy")
        backend.memory.release(pools)
    }

    /// Puts all of it into the stream.
    public func launch() {
        backend.activate()
        check(backend.driver.cuGraphLaunch(executable, backend.stream), "cuGraphLaunch")
    }
}

extension CUDABackend {
    /// Records what `body` asks of the device instead of doing it. Reading elements and copies from the host trap inside.
    public func capture<R>(_ body: () throws -> R) rethrows -> (graph: CUDAGraph, result: R) {
        activate()
        let pools = memory.beginCapture()
        // 1: only this thread is kept from calls that cannot be recorded.
        check(driver.cuStreamBeginCapture_v2(stream, 1), "cuStreamBeginCapture_v2")
        var graph: cr_graph?
        let result: R
        do {
            result = try body()
        } catch {
            _ = driver.cuStreamEndCapture(stream, &graph)
            memory.endCapture()
            throw error
        }
        check(driver.cuStreamEndCapture(stream, &graph), "cuStreamEndCapture")
        memory.endCapture()
        var count = 0
        check(driver.cuGraphGetNodes(graph, nil, &count), "cuGraphGetNodes")
        var executable: cr_graph_exec?
        check(driver.cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiateWithFlags")
        check(driver.cuGraphDestroy(graph), "cuGraphDestroy")
        return (CUDAGraph(executable!, count, pools, self), result)
    }
}
