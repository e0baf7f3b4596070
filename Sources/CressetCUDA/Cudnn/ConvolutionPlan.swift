import CCUDA
import CressetBackend

/// The addresses of a convolution's tensors.
struct ConvolutionPointers {
    var x, weight, out: UnsafeMutableRawPointer
    var bias, addend: UnsafeMutableRawPointer?
}

/// The execution plans of convolutions, and cuDNN's handle, created on first use.
final class ConvolutionPlans: @unchecked Sendable {
    private struct State {
        var target: CudnnTarget?
        var plans: [ConvolutionProblem: ConvolutionPlan] = [:]
    }

    /// A cuDNN handle must not be used by two threads at once: everything that uses it is done under this lock.
    private let state = Locked(State())

    /// Runs the convolution; false if cuDNN has no plan that works.
    func run(_ problem: ConvolutionProblem, _ pointers: ConvolutionPointers, on backend: CUDABackend) -> Bool {
        guard let cudnn = backend.libraries.cudnn, problem.isExpressible else { return false }
        backend.activate()
        return state.withLock { state in
            // A plan chosen without timing is searched for again after benchmarking was turned on.
            let isMeasured = CUDABackend.benchmarksConvolutions && !backend.isCapturing
            if let plan = state.plans[problem], plan.isMeasured || !isMeasured {
                return plan.run(pointers, on: backend)
            }
            let target = state.target ?? CudnnTarget(cudnn, stream: backend.stream)
            state.target = target
            let plan = ConvolutionPlan(problem, target, isMeasured: isMeasured)
            // Pictures of ever-changing sizes must not fill the memory.
            if state.plans.count >= 4096 { state.plans.removeAll() }
            state.plans[problem] = plan
            return plan.run(pointers, on: backend)
        }
    }
}

/// The plans for one convolution, in the order in which they are tried.
final class ConvolutionPlan {
    private let target: CudnnTarget
    private let problem: ConvolutionProblem
    /// Nil once a plan has run: then only that plan is kept.
    private var graph: ConvolutionGraph?
    private var executions: [ConvolutionExecution] = []

    /// How many plans are tried if the first does not run, or when looking for the fastest.
    private static var mostPlans: Int { 8 }

    /// Whether several plans are timed before one is chosen.
    let isMeasured: Bool

    init(_ problem: ConvolutionProblem, _ target: CudnnTarget, isMeasured: Bool) {
        self.isMeasured = isMeasured
        self.target = target
        self.problem = problem
        graph = try? ConvolutionGraph(problem, for: target)
    }

    func run(_ pointers: ConvolutionPointers, on backend: CUDABackend) -> Bool {
        guard let graph else {
            guard let chosen = executions.first else { return false }
            return execute(chosen, pointers, on: backend) == 0 || failed()
        }
        self.graph = nil
        // Creating a plan may compile it: create no more than needed.
        executions = graph.plans(count: isMeasured ? Self.mostPlans : 1)
        if isMeasured && executions.count > 1 { sort(pointers, on: backend) }
        if runFirst(pointers, on: backend) { return true }
        if !isMeasured && !executions.isEmpty {
            executions = Array(graph.plans(count: Self.mostPlans).dropFirst())
            while !executions.isEmpty {
                if runFirst(pointers, on: backend) { return true }
                executions.removeFirst()
            }
        }
        executions = []
        return false
    }

    /// Runs the first plan and drops the others; false if it cannot run after all.
    private func runFirst(_ pointers: ConvolutionPointers, on backend: CUDABackend) -> Bool {
        guard let first = executions.first, execute(first, pointers, on: backend) == 0 else { return false }
        executions = [first]
        return true
    }

    private func failed() -> Bool {
        fatalError("cuDNN can no longer run a convolution that it ran before: \(problem)")
    }

    private func execute(
        _ execution: ConvolutionExecution, _ pointers: ConvolutionPointers, on backend: CUDABackend
    ) -> Int32 {
        if execution.workspaceSize == 0 { return execute(execution, pointers, workspace: nil, on: backend) }
        return backend.withTemporary(byteCount: execution.workspaceSize, for: .cudnn) {
            execute(execution, pointers, workspace: $0, on: backend)
        }
    }

    private func execute(
        _ execution: ConvolutionExecution, _ pointers: ConvolutionPointers, workspace: UnsafeMutableRawPointer?,
        on backend: CUDABackend
    ) -> Int32 {
        let library = target.library
        var pack: cr_dnn_descriptor?
        var status = library.cudnnBackendCreateDescriptor(Cudnn.Kind.variantPack.rawValue, &pack)
        if status != 0 { return status }
        defer { _ = library.cudnnBackendDestroyDescriptor(pack) }
        typealias Tensor = ConvolutionGraph.Tensor
        var identifiers = (Tensor.x.rawValue, Tensor.weight.rawValue, Tensor.out.rawValue, Int64(0), Int64(0))
        var addresses = (
            Optional(pointers.x), Optional(pointers.weight), Optional(pointers.out), UnsafeMutableRawPointer?.none,
            UnsafeMutableRawPointer?.none
        )
        var count: Int64 = 3
        if let bias = pointers.bias {
            (identifiers.3, addresses.3) = (Tensor.bias.rawValue, bias)
            count = 4
        }
        if let addend = pointers.addend {
            if count == 3 {
                (identifiers.3, addresses.3) = (Tensor.addend.rawValue, addend)
            } else {
                (identifiers.4, addresses.4) = (Tensor.addend.rawValue, addend)
            }
            count += 1
        }
        var workspace = workspace
        func set(_ attribute: Cudnn.Attribute, _ type: Cudnn.ValueType, _ count: Int64, _ values: UnsafeRawPointer) {
            if status != 0 { return }
            status = library.cudnnBackendSetAttribute(pack, attribute.rawValue, type.rawValue, count, values)
        }
        set(.variantIdentifiers, .int64, count, &identifiers)
        set(.variantPointers, .pointer, count, &addresses)
        set(.variantWorkspace, .pointer, 1, &workspace)
        if status == 0 { status = library.cudnnBackendFinalize(pack) }
        // cuDNN knows its stream; what waits to be launched must come first.
        _ = backend.stream
        if status == 0 { status = library.cudnnBackendExecute(target.handle, execution.plan.handle, pack) }
        backend.finishIfSynchronous("cudnnBackendExecute")
        return status
    }

    // MARK: Measuring

    /// Runs every plan on the given tensors and puts the fastest first, as `torch.backends.cudnn.benchmark` does.
    private func sort(_ pointers: ConvolutionPointers, on backend: CUDABackend) {
        var timed: [(execution: ConvolutionExecution, milliseconds: Float)] = []
        for execution in executions {
            // The first run loads whatever the plan needs.
            guard execute(execution, pointers, on: backend) == 0 else { continue }
            var shortest = Float.infinity
            for _ in 0..<3 {
                shortest = min(shortest, backend.milliseconds { _ = execute(execution, pointers, on: backend) })
            }
            timed.append((execution, shortest))
        }
        if timed.isEmpty { return }
        executions = timed.sorted { $0.milliseconds < $1.milliseconds }.map(\.execution)
    }
}

extension CUDABackend {
    /// The time the device takes for the work that `body` submits to the stream.
    func milliseconds(_ body: () -> Void) -> Float {
        var (start, end): (cr_event?, cr_event?) = (nil, nil)
        check(driver.cuEventCreate(&start, 0), "cuEventCreate")
        check(driver.cuEventCreate(&end, 0), "cuEventCreate")
        check(driver.cuEventRecord(start, stream), "cuEventRecord")
        body()
        check(driver.cuEventRecord(end, stream), "cuEventRecord")
        check(driver.cuEventSynchronize(end), "cuEventSynchronize")
        var time: Float = 0
        check(driver.cuEventElapsedTime(&time, start, end), "cuEventElapsedTime")
        check(driver.cuEventDestroy_v2(start), "cuEventDestroy_v2")
        check(driver.cuEventDestroy_v2(end), "cuEventDestroy_v2")
        return time
    }
}
