import Cresset
import Dispatch
import Synchronization

/// A model on several devices of one process: each processes a part of the batch, in its own thread.
///
/// ```swift
/// let model = try DataParallel(network, devices: [.cuda(0), .cuda(1)]) { MyNetwork() }
/// let loss = model(images).crossEntropy(labels)       // on the first device
/// optimizer.step(loss.gradients())                    // of the network's own parameters
/// ```
///
/// The network itself runs on the first device; the others have replicas, whose parameters are copies of the network's
/// at every call, so that gradients are summed in the network's parameters. Batch normalisation computes its statistics
/// from each part, and the running ones that persist are those of the first, as in `torch.nn.DataParallel`. Random
/// numbers, such as dropout's, are drawn by one generator per part, seeded by the current one: the same seed and the
/// same number of devices give the same numbers.
public final class DataParallel<Network: Layer>: Layer {
    /// The network whose parameters are trained.
    public let module: Network
    /// The devices, the network's own first.
    public let devices: [Device]
    private let replicas: [Replica]

    /// A copy of the network, entry by entry.
    private struct Replica: @unchecked Sendable {
        let network: Network
        let parameters: [(original: Parameter, copy: Parameter)]
        let buffers: [(original: Buffer, copy: Buffer)]
        let modes: [(original: any Module, copy: any Module)]
    }

    /// - Parameters:
    ///   - module: The network; it is moved to the first device.
    ///   - devices: The devices, at least one. A device may be named twice, for tests.
    ///   - makeStructure: Creates a network of the same structure, as for `copy(_:)`.
    /// - Throws: `StateDict.Mismatch` if the new structure differs.
    public init(_ module: Network, devices: [Device], _ makeStructure: () throws -> Network) throws {
        precondition(!devices.isEmpty, "DataParallel: no devices")
        self.module = module
        self.devices = devices
        module.to(devices[0])
        replicas = try devices.dropFirst().map { device in
            let copy = try module.copy(makeStructure)
            copy.to(device)
            let parameters = zip(module.namedParameters, copy.namedParameters).map { ($0.parameter, $1.parameter) }
            let buffers = zip(module.namedBuffers, copy.namedBuffers).map { ($0.buffer, $1.buffer) }
            let modes = zip(module.namedModules, copy.namedModules).map { ($0.module, $1.module) }
            return Replica(
                network: copy, parameters: parameters, buffers: buffers, modes: modes.filter { $0.0.keepsMode })
        }
    }

    /// *Shape*: the first axis is divided as evenly as possible, with the first devices taking more; results are joined
    /// on the first device.
    ///
    /// - Parameter x: The input.
    public func forward(_ x: Tensor) -> Tensor {
        if !replicas.isEmpty, devices.contains(where: \.isCapturing) {
            fatalError("DataParallel: a step on several devices cannot be recorded\n  hint: TrainStep(records: false)")
        }
        let parts = pieces(of: x)
        for (replica, (part, device)) in zip(replicas, zip(parts.dropFirst(), devices.dropFirst()))
        where part.shape[0] > 0 {
            replicate(replica, on: device)
        }
        let results = Results(count: parts.count)
        let call = UncheckedCall { [self] i in
            let network = i == 0 ? module : replicas[i - 1].network
            results.set(i, network(parts[i].to(devices[i])))
        }
        inheritingModes(count: parts.count, call)
        let outputs = results.tensors
        return outputs.count == 1 ? outputs[0] : .concatenated(outputs.map { $0.to(devices[0]) }, axis: 0)
    }

    private func pieces(of x: Tensor) -> [Tensor] {
        let count = Swift.max(1, Swift.min(devices.count, x.shape[0]))
        let (size, rest) = (x.shape[0] / count, x.shape[0] % count)
        var start = 0
        return (0..<count).map { i in
            let length = size + (i < rest ? 1 : 0)
            defer { start += length }
            return count == 1 ? x : x.narrowed(axis: 0, start: start, count: length)
        }
    }

    /// Gives a replica the network's current values; gradients flow back through the copies.
    private func replicate(_ replica: Replica, on device: Device) {
        for (original, copy) in replica.parameters { copy.standIn = original.value.to(device) }
        for (original, copy) in replica.buffers { copy.value = original.value.to(device) }
        for (original, copy) in replica.modes { copy.isTraining = original.isTraining }
    }
}

/// The threads' results, by index.
private final class Results: Sendable {
    private let values: Mutex<[Tensor?]>

    init(count: Int) { values = Mutex([Tensor?](repeating: nil, count: count)) }

    func set(_ i: Int, _ tensor: Tensor) { values.withLock { $0[i] = tensor } }

    var tensors: [Tensor] { values.withLock { $0.compactMap { $0 } } }
}

/// Runs on threads that the caller waits for, each using its own network.
private struct UncheckedCall: @unchecked Sendable {
    let body: (Int) -> Void
    init(_ body: @escaping (Int) -> Void) { self.body = body }
}

/// Runs `call` for each of `count` indices in parallel; recording, autocast and device are inherited, and each has a
/// random generator of its own, derived from the current one.
private func inheritingModes(count: Int, _ call: UncheckedCall) {
    if count == 1 {
        call.body(0)
        return
    }
    let modes = InheritedModes()
    let generators = Generator.current.split(count)
    DispatchQueue.concurrentPerform(iterations: count) { i in
        modes.apply { Generator.$current.withValue(generators[i]) { call.body(i) } }
    }
}
