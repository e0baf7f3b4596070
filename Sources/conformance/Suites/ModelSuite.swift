import CressetNN
import CressetVision

/// `models/`: names, shapes, logits and gradients of torchvision's networks, filled from a formula.
struct ModelSuite: FileSuite {
    static let folder = "models"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard ModelZoo.names.contains(name) else { return nil }
        return {
            let side = file.cases[$0]["size"]?.integer
            let model = try withoutInitialValues { try ModelZoo.make(name, imageSize: side) }
            try run(model, file.json, file.cases[$0], file.tensors())
        }
    }

    private func run(_ model: some Layer, _ json: JSON, _ test: JSON, _ tensors: CaseTensors) throws {
        guard let seed = test["seed"]?.integer.map(UInt32.init), let size = test["size"]?.integer else {
            throw Failure("no seed or size")
        }
        try checkState(model, json)
        let filled = model.stateDict().map { name, tensor in
            (name: name, tensor: HashedNumbers(name: name, seed: seed).fill(tensor, name))
        }
        try model.load(StateDict(filled))
        model.eval()
        let x = HashedNumbers(key: seed ^ 0xC0_FFEE).tensor([2, 3, size, size]) { (2 * $0 - 1) * 2 }
        let expected = try tensors[test["logits"]?.string ?? ""]
        do {
            try check(model, x, expected, test)
        } catch let failure as Failure {
            // Filled like this, some networks multiply the rounding of float32 (PyTorch's own results miss, too): they are
            // judged by what they compute in float64.
            try check(model.to(.float64), x.to(.float64), expected, test)
            Worker.note("agrees in float64 only; in float32: \(failure)")
        }
    }

    private func check(_ model: some Layer, _ x: Tensor, _ expected: Tensor, _ test: JSON) throws {
        let logits = model(x)
        try checkLogits(logits, expected)
        try checkGradients(model, logits, test)
    }

    private func checkState(_ model: some Layer, _ json: JSON) throws {
        let ours = model.stateDict()
        let expected = json["state"]?.array?.compactMap(\.array) ?? []
        guard ours.count == expected.count else { throw Failure("\(ours.count) entries, not \(expected.count)") }
        for ((name, tensor), entry) in zip(ours, expected) {
            let shape = Shape((entry[1].array ?? []).compactMap(\.integer))
            guard name == entry[0].string, tensor.shape == shape, tensor.dtype.name == entry[2].string else {
                throw Failure("entry \(name) \(tensor.shape) \(tensor.dtype), not \(entry[0].string ?? "") \(shape)")
            }
        }
        guard model.parameterCount == json["parameters"]?.integer else {
            throw Failure("\(model.parameterCount) parameters, not \(json["parameters"]?.integer ?? 0)")
        }
    }

    private func checkLogits(_ logits: Tensor, _ expected: Tensor) throws {
        guard logits.shape == expected.shape else { throw Failure("logits of shape \(logits.shape)") }
        let difference = (logits.detached().to(Device.cpu) - expected).abs().amax().item()
        let largest = expected.abs().amax().item()
        guard difference <= 1e-3 * largest else { throw Failure("logits off by \(difference) of \(largest)") }
    }

    private func checkGradients(_ model: some Layer, _ logits: Tensor, _ test: JSON) throws {
        let divisor = logits.detached().abs().amax()
        let gradients = (logits / divisor).crossEntropy(Tensor([1, 2])).gradients()
        let expected = (test["parameter_grad_norms"]?.members ?? []).map { ($0.key, $0.value.double ?? .nan) }
        let largest = expected.map(\.1).max() ?? 0
        let parameters = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter) })
        for (name, norm) in expected {
            guard let parameter = parameters[name], let gradient = gradients[parameter] else {
                throw Failure("no gradient of \(name)")
            }
            let ours = gradient.norm().item()
            guard abs(ours - norm) <= max(0.01 * norm, 1e-6 * largest) else {
                throw Failure("the gradient of \(name) has norm \(ours), not \(norm)")
            }
        }
    }
}

/// The deterministic filling of the format: murmur3's finaliser applied to the element's number.
struct HashedNumbers {
    let key: UInt32

    init(key: UInt32) { self.key = key }

    init(name: String, seed: UInt32) { key = HashedNumbers.checksum(Array(name.utf8)) ^ seed }

    private func number(_ i: Int) -> Double {
        var h = key ^ (UInt32(truncatingIfNeeded: i) &* 0x9E37_79B1)
        h ^= h >> 16
        h = h &* 0x85EB_CA6B
        h ^= h >> 13
        h = h &* 0xC2B2_AE35
        h ^= h >> 16
        return Double(h) / 0x1p32
    }

    func tensor(_ shape: Shape, _ map: (Double) -> Double) -> Tensor {
        Tensor(dtype: .float32, shape: shape) { bytes in
            let values = bytes.bindMemory(to: Float.self)
            for i in values.indices { values[i] = Float(map(number(i))) }
        }
    }

    /// The values of a state dict's entry.
    func fill(_ entry: Tensor, _ name: String) -> Tensor {
        let last = name.split(separator: ".").last ?? ""
        switch last {
        case "num_batches_tracked": return .ones(entry.shape, dtype: entry.dtype)
        // Positions keep the values that they are made with.
        case _ where !entry.dtype.isFloatingPoint: return entry
        case "running_var": return tensor(entry.shape) { 0.5 + $0 }
        case "running_mean", "bias": return tensor(entry.shape) { 0.2 * ($0 - 0.5) }
        default:
            if entry.rank == 1 { return tensor(entry.shape) { 0.5 + $0 } }
            let bound = (6 / Double(entry.shape.dropFirst().reduce(1, *))).squareRoot()
            return tensor(entry.shape) { (2 * $0 - 1) * bound }
        }
    }

    /// CRC-32 as zlib computes it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}
