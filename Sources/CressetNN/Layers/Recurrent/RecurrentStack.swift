import Cresset

/// The options that recurrent networks share.
struct RecurrentOptions: Sendable {
    /// The layer's name, for messages.
    let name: String
    let inputSize, hiddenSize, layers: Int
    let hasBias, batchFirst: Bool
    let dropout: Double
    let isBidirectional: Bool
    var projectionSize = 0

    var directions: Int { isBidirectional ? 2 : 1 }
    /// The length of a hidden state.
    var stateSize: Int { projectionSize > 0 ? projectionSize : hiddenSize }

    var details: String {
        var text = "\(inputSize), \(hiddenSize)"
        if projectionSize != 0 { text += ", proj_size=\(projectionSize)" }
        if layers != 1 { text += ", num_layers=\(layers)" }
        if !hasBias { text += ", bias=False" }
        if batchFirst { text += ", batch_first=True" }
        if dropout != 0 { text += ", dropout=\(dropout)" }
        if isBidirectional { text += ", bidirectional=True" }
        return text
    }

    func check() {
        guard inputSize >= 1, hiddenSize >= 1, layers >= 1, (0...1).contains(dropout), projectionSize >= 0,
            projectionSize < hiddenSize
        else {
            fatalError(
                "\(name): \(layers) layers of \(inputSize) inputs and \(hiddenSize) hidden (projected to"
                    + " \(projectionSize)) with dropout \(dropout)")
        }
    }
}

/// Layers of recurrent cells, each fed with the outputs of the previous one, in one or both directions of time.
struct RecurrentStack<Cell: RecurrentCell> {
    let options: RecurrentOptions
    let cell: Cell
    /// For each layer, for each direction.
    let weights: [[RecurrentWeights]]

    init(_ options: RecurrentOptions, _ cell: Cell, dtype: DType) {
        options.check()
        self.options = options
        self.cell = cell
        weights = (0..<options.layers).map { layer in
            (0..<options.directions).map { _ in
                RecurrentWeights(
                    input: layer == 0 ? options.inputSize : options.stateSize * options.directions,
                    hidden: options.hiddenSize, gates: cell.gates, hasBias: options.hasBias,
                    projection: options.projectionSize, dtype: dtype)
            }
        }
    }

    /// The parameters by PyTorch's names, which include layer and direction: `weight_ih_l0_reverse`.
    ///
    /// Reflection sees these instead of the nested arrays that hold them.
    func mirror<Owner>(_ owner: Owner) -> Mirror {
        let children = weights.enumerated().flatMap { layer, directions in
            directions.enumerated().flatMap { direction, weights in
                weights.named("_l\(layer)" + (direction == 1 ? "_reverse" : ""))
            }
        }.map { (label: Optional($0.name), value: $0.parameter as Any) }
        return Mirror(owner, children: children)
    }

    /// - Parameters:
    ///   - x: (T, N, inputs), or (N, T, inputs) if the batch comes first, or (T, inputs).
    ///   - states: The tensors of the state before the first step, each (layers · directions, N, size); zeros if nil.
    ///   - lengths: The number of steps of each sequence; all of them if nil.
    /// - Returns: The last layer's outputs of all steps, and the states after the last, in the same shapes.
    func run(
        _ x: Tensor, states: [Tensor]?, stateSizes: [Int], lengths: [Int]?, isTraining: Bool
    ) -> (output: Tensor, states: [Tensor]) {
        if let type = autocastDType {
            // The states pass through many steps: they are computed in the parameters' type, and returned in the type
            // of products.
            return withAutocast(nil) {
                let own = weights[0][0].values.input.dtype
                let result = run(
                    x.to(own), states: states?.map { $0.to(own) }, stateSizes: stateSizes, lengths: lengths,
                    isTraining: isTraining)
                return (result.output.to(type), result.states.map { $0.to(type) })
            }
        }
        let isBatched = x.rank == 3
        var sequence = inTimeOrder(x)
        let (steps, batch) = (sequence.shape[0], sequence.shape[1])
        let initial = checked(states, stateSizes, batch: batch, isBatched: isBatched, like: sequence)
        let running = lengths.map { RunningSequences($0, steps: steps, batch: batch, name: options.name, x.device) }
        var finals: [[Tensor]] = []
        for layer in 0..<options.layers {
            if layer > 0, isTraining { sequence = sequence.dropout(probability: options.dropout) }
            let walks = (0..<options.directions).map { direction in
                let row = layer * options.directions + direction
                return walk(
                    sequence, weights[layer][direction].values, from: initial.map { $0[row] },
                    isReversed: direction == 1, running)
            }
            sequence = walks.count == 1 ? walks[0].outputs : .concatenated(walks.map(\.outputs), axis: 2)
            finals += walks.map(\.state)
        }
        let output =
            isBatched ? (options.batchFirst ? sequence.transposed(0, 1) : sequence) : sequence.squeezed(axis: 1)
        let last = stateSizes.indices.map { i in
            let state = Tensor.stacked(finals.map { $0[i] })
            return isBatched ? state : state.squeezed(axis: 1)
        }
        return (output, last)
    }

    /// One layer in one direction.
    private func walk(
        _ sequence: Tensor, _ weights: RecurrentTensors, from initial: [Tensor], isReversed: Bool,
        _ running: RunningSequences?
    ) -> (outputs: Tensor, state: [Tensor]) {
        if running == nil, let walked = cell.fusedWalk(sequence, weights, from: initial, isReversed: isReversed) {
            return walked
        }
        let inputs = cell.project(sequence, weights).unstacked(axis: 0)
        var state = initial
        var outputs: [Tensor] = []
        outputs.reserveCapacity(inputs.count)
        for time in isReversed ? Array(inputs.indices.reversed()) : Array(inputs.indices) {
            var next = cell.step(inputs[time], state, weights)
            var output = next[0]
            if let mask = running?.mask(at: time) {
                output = .select(mask, output, 0)
                next = zip(next, state).map { .select(mask, $0, $1) }
            }
            state = next
            outputs.append(output)
        }
        return (.stacked(isReversed ? outputs.reversed() : outputs), state)
    }

    private func inTimeOrder(_ x: Tensor) -> Tensor {
        guard x.rank == 2 || x.rank == 3, x.shape.last == options.inputSize else {
            fatalError(
                "\(options.name): an input of shape \(x.shape), expected two or three axes, the last of"
                    + " \(options.inputSize) features")
        }
        let sequence = x.rank == 2 ? x.unsqueezed(at: 1) : options.batchFirst ? x.transposed(0, 1) : x
        guard sequence.shape[0] > 0 else { fatalError("\(options.name): a sequence without steps, \(x.shape)") }
        return sequence
    }

    /// The states as one tensor per layer and direction.
    private func checked(
        _ states: [Tensor]?, _ sizes: [Int], batch: Int, isBatched: Bool, like x: Tensor
    ) -> [[Tensor]] {
        let rows = options.layers * options.directions
        guard let states else {
            return sizes.map { size in
                [Tensor](repeating: .zeros([batch, size], dtype: x.dtype, device: x.device), count: rows)
            }
        }
        return zip(states, sizes).map { state, size in
            let wanted: Shape = isBatched ? [rows, batch, size] : [rows, size]
            guard state.shape == wanted else {
                fatalError("\(options.name): a state of shape \(state.shape), expected \(wanted)")
            }
            return (isBatched ? state : state.unsqueezed(at: 1)).unstacked(axis: 0)
        }
    }
}

/// Which sequences of a batch are still running at a step; the others keep their state and give zeros.
private struct RunningSequences {
    private let lengths: [Int]
    private let shortest: Int
    private let device: Device

    init(_ lengths: [Int], steps: Int, batch: Int, name: String, _ device: Device) {
        guard lengths.count == batch, lengths.allSatisfy({ $0 >= 0 && $0 <= steps }) else {
            fatalError("\(name): lengths \(lengths) do not fit \(batch) sequences of \(steps) steps")
        }
        self.lengths = lengths
        self.device = device
        shortest = lengths.min() ?? 0
    }

    /// (N, 1), or nil if all are running.
    func mask(at time: Int) -> Tensor? {
        time < shortest ? nil : Tensor(lengths.map { time < $0 }, shape: [lengths.count, 1], device: device)
    }
}
