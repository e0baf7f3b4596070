import CCUDA
import CressetBackend

/// The chains that are growing while work is being recorded: pointwise operators join one, everything else that goes
/// into the stream launches them first.
///
/// There is one for each number of elements, so that statistics of rows, say, do not interrupt the operators on whole
/// tensors. None reads what another one writes: they may be launched in any order.
///
/// Only the thread that records uses it.
final class ChainRecorder: @unchecked Sendable {
    private static let mostChains = 4

    private(set) var isRecording = false
    private var chains: [Chain] = []
    private var isLaunching = false

    func begin() { isRecording = true }

    /// Forgets what has not been launched.
    func end() {
        isRecording = false
        chains = []
    }

    /// Whether an operator became part of a chain; otherwise it must be launched by itself.
    func take(_ call: PointwiseCall, on backend: CUDABackend) -> Bool {
        let count = call.out.elementCount
        while let other = chains.firstIndex(where: { $0.count != count && $0.conflicts(with: call) }) {
            launch(chains.remove(at: other), on: backend)
        }
        if let own = chains.firstIndex(where: { $0.count == count }) {
            if chains[own].join(call) { return true }
            launch(chains.remove(at: own), on: backend)
        }
        var new = Chain(count: count)
        guard new.join(call) else { return false }
        if chains.count == Self.mostChains { launch(chains.removeFirst(), on: backend) }
        chains.append(new)
        return true
    }

    /// Launches everything.
    @inline(never)
    func flush(on backend: CUDABackend) {
        while !isLaunching && !chains.isEmpty { launch(chains.removeFirst(), on: backend) }
    }

    /// Launches one chain, which by itself does not flush the others.
    private func launch(_ chain: Chain, on backend: CUDABackend) {
        isLaunching = true
        defer { isLaunching = false }
        backend.launch(chain)
    }
}

extension CUDABackend {
    /// Whether pointwise operators in recorded work are launched as chains; `CRESSET_FUSION=off` turns it off from the
    /// start.
    package static var fusesChains: Bool {
        get { fusion.withLock { $0 } }
        set { fusion.withLock { $0 = newValue } }
    }
    private static let fusion = Locked(LibrarySearch.variable("CRESSET_FUSION") != "off")

    /// Launches what somebody still wants to know of a chain.
    func launch(_ chain: Chain) {
        // Held, so that another thread that releases a result does not change the selection.
        let held = chain.results.compactMap { result in result.isReplaced ? nil : result.storage.map { (result, $0) } }
        withExtendedLifetime(held) {
            let text = ChainText(chain, held.map(\.0))
            if text.steps.count == 1 { return launch(chain.steps[text.steps[0]].call) }
            if !text.steps.isEmpty { launch(chain, text) }
        }
    }

    private func launch(_ chain: Chain, _ text: ChainText) {
        let inputs = text.inputs.map { chain.inputs[$0] }
        let orders = inputs.orders
        var parameters = cresset_chain()
        if let space = chain.space, !orders.isEmpty {
            parameters.walk = cresset_walk(over: space.shape)
            for (number, strides) in ([space.strides] + orders).enumerated() {
                strides.withPointer { cresset_walk_set(&parameters.walk, Int32(number), $0) }
            }
        } else {
            let dense = Shape([chain.count])
            parameters.walk = cresset_walk(over: dense)
            Shape([1]).withPointer { cresset_walk_set(&parameters.walk, 0, $0) }
        }
        parameters.fill(chain, text, inputs)
        let operands =
            inputs.map {
                cresset_chain_operand(
                    pointer: UnsafeRawPointer($0.pointer), size: Int32($0.dtype.itemSize),
                    order: Int32($0.number(in: orders)))
            }
            + text.results.map {
                cresset_chain_operand(
                    pointer: UnsafeRawPointer($0.pointer), size: Int32($0.dtype.itemSize), order: 0)
            }
        // Many operands or operators keep a thread busy with one vector.
        let lanes = operands.count > 4 || text.steps.count > 8 ? 1 : 2
        let plan = cresset_chain_prepare(
            &parameters, Int32(orders.count + 1), operands, Int32(operands.count), Int32(lanes))
        let defines =
            text.defines(orders: orders) + ["VECTOR=\(plan.vector)", "LANES=\(lanes)", "LAYOUT=\(plan.layout)"]
        activate()
        launch(
            kernels.kernel(.chain, "chain", defines: defines), grid: plan.blocks, block: Self.elementwiseThreads,
            parameters)
    }
}

extension cresset_chain {
    /// Sets the addresses, and the operators' parameters.
    fileprivate mutating func fill(_ chain: Chain, _ text: ChainText, _ inputs: [Chain.Input]) {
        withUnsafeMutableBytes(of: &`in`) {
            let addresses = $0.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
            for (i, input) in inputs.enumerated() { addresses[i] = input.pointer }
        }
        withUnsafeMutableBytes(of: &out) {
            let addresses = $0.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
            for (i, result) in text.results.enumerated() { addresses[i] = result.pointer }
        }
        let calls = text.steps.map { chain.steps[$0].call }
        withUnsafeMutableBytes(of: &a) {
            let numbers = $0.assumingMemoryBound(to: Double.self)
            for (i, call) in calls.enumerated() {
                numbers[i] = call.a
                if case .fill(let value) = call.operation {
                    numbers[i] = Double(bitPattern: CUDABackend.elementBits(of: value, as: call.out.dtype))
                }
            }
        }
        withUnsafeMutableBytes(of: &b) {
            let numbers = $0.assumingMemoryBound(to: Double.self)
            for (i, call) in calls.enumerated() { numbers[i] = call.b }
        }
    }
}
