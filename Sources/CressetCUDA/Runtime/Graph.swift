import CCUDA
import CressetBackend

/// Work that was submitted to the stream once and can be replayed at the cost of one call: kernels with the addresses
/// they had.
///
/// Memory allocated during recording belongs to the graph as long as it exists.
package final class CUDAGraph: @unchecked Sendable {
    private let executable: cr_graph_exec
    private let pools: (Int, Int)
    private let backend: CUDABackend
    /// Kernels, copies and fills in it.
    package let nodeCount: Int

    fileprivate init(_ executable: cr_graph_exec, _ nodeCount: Int, _ pools: (Int, Int), _ backend: CUDABackend) {
        self.executable = executable
        self.nodeCount = nodeCount
        self.pools = pools
        self.backend = backend
    }

    /// Bytes of memory that only this graph uses.
    package var byteCount: Int { backend.memory.reserved(pools) }

    deinit { backend.graphs.destroy(.init(executable: executable, pools: pools), of: backend) }

    /// Submits all of it to the stream.
    package func launch() {
        backend.activate()
        check(backend.driver.cuGraphLaunch(executable, backend.stream), "cuGraphLaunch")
    }
}

/// Destroys graphs. The last reference to one may be released while another is being captured, when the driver cannot
/// destroy anything and the stream cannot be waited for: the graph is then destroyed after the capture.
final class GraphEnds: @unchecked Sendable {
    struct Graph {
        let executable: cr_graph_exec
        let pools: (Int, Int)
    }

    private let waiting = Locked<(isCapturing: Bool, graphs: [Graph])>((false, []))

    func beginCapture() { waiting.withLock { $0.isCapturing = true } }

    func endCapture(of backend: CUDABackend) {
        let graphs = waiting.withLock { waiting in
            defer { waiting = (false, []) }
            return waiting.graphs
        }
        for graph in graphs { destroy(graph, of: backend) }
    }

    func destroy(_ graph: Graph, of backend: CUDABackend) {
        // Entirely under the lock, so that no capture begins meanwhile.
        waiting.withLock { waiting in
            if waiting.isCapturing {
                waiting.graphs.append(graph)
                return
            }
            backend.activate()
            // It may still be running.
            check(backend.driver.cuStreamSynchronize(backend.stream), "cuStreamSynchronize")
            check(backend.driver.cuGraphExecDestroy(graph.executable), "cuGraphExecDestroy")
            backend.memory.release(graph.pools)
        }
    }
}

extension CUDABackend {
    /// Records the work that `body` submits instead of executing it. Reading elements and copies from the host trap
    /// inside.
    package func capture<R>(_ body: () throws -> R) rethrows -> (graph: CUDAGraph, result: R) {
        activate()
        // What earlier steps left cached cannot be used by the recording, whose memory is its own.
        if !isCapturing { memory.trim() }
        let pools = memory.beginCapture()
        graphs.beginCapture()
        // 1: only this thread is kept from making calls that cannot be recorded.
        check(driver.cuStreamBeginCapture_v2(stream, 1), "cuStreamBeginCapture_v2")
        if Self.fusesChains { chains.begin() }
        var graph: cr_graph?
        let result: R
        do {
            result = try body()
        } catch {
            chains.end()
            _ = driver.cuStreamEndCapture(stream, &graph)
            if let graph { _ = driver.cuGraphDestroy(graph) }
            memory.endCapture()
            memory.release(pools)
            graphs.endCapture(of: self)
            throw error
        }
        check(driver.cuStreamEndCapture(stream, &graph), "cuStreamEndCapture")
        chains.end()
        memory.endCapture()
        graphs.endCapture(of: self)
        var count = 0
        check(driver.cuGraphGetNodes(graph, nil, &count), "cuGraphGetNodes")
        var executable: cr_graph_exec?
        check(driver.cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiateWithFlags")
        check(driver.cuGraphDestroy(graph), "cuGraphDestroy")
        return (CUDAGraph(executable!, count, pools, self), result)
    }
}
