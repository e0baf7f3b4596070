import CressetOptim
import Testing

/// Every optimizer reports what it cannot work with, and leaves parameters, state and options unchanged.
@Suite struct OptimizerBadInputTests {
    private func bits(_ parameters: [Parameter]) -> [[UInt8]] {
        withoutGradients { parameters.map { $0.value.withUnsafeBytes { Array($0) } } }
    }

    /// Everything the next step depends on, as text.
    private func memory(_ optimizer: any Optimizer) -> String {
        optimizer.state.groups.map { group in
            let entries = group.parameters.map { entry in
                entry.map { entry in
                    let tensors = entry.tensors.sorted { $0.key < $1.key }.map {
                        "\($0.key)\($0.value.scalars(as: Double.self))"
                    }
                    return "\(entry.count)\(entry.numbers.sorted { $0.key < $1.key })\(tensors)"
                } ?? "nil"
            }
            return "\(group.options.sorted { $0.key < $1.key })\(group.names)\(entries)"
        }.joined(separator: "\n")
    }

    /// Runs `body` on an optimizer that has made some steps, and checks that it leaves everything unchanged.
    private func unchanged(
        _ example: OptimizerCase, _ body: (any Optimizer, [Parameter]) throws -> Void
    ) throws {
        let parameters = OptimizerCase.start()
        let optimizer = try example.optimizer(parameters)
        for t in 1...3 { try OptimizerCase.step(optimizer, parameters, t) }
        let (before, remembered) = (bits(parameters), memory(optimizer))
        try body(optimizer, parameters)
        #expect(bits(parameters) == before && memory(optimizer) == remembered)
        // And it can continue.
        try OptimizerCase.step(optimizer, parameters, 4)
        #expect(bits(parameters) != before)
    }

    @Test(arguments: OptimizerCase.all) func optionsAndGroups(_ example: OptimizerCase) throws {
        try unchanged(example) { optimizer, parameters throws in
            for value in [-1, -Double.infinity, .nan] {
                let error = #expect(throws: OptimizerError.self) { try optimizer.set(.lr, to: value) }
                #expect(error?.description.contains("lr is") == true)
            }
            let unknown = #expect(throws: OptimizerError.self) { try optimizer.set("momentun", to: 1) }
            #expect(unknown?.description.contains("momentun") == true && unknown?.description.contains("lr") == true)
            #expect(throws: OptimizerError.self) { try optimizer.add(ParameterGroup([parameters[0]])) }
            #expect(throws: OptimizerError.self) {
                try optimizer.add(ParameterGroup([Parameter(.ones([2]))], ["momentun": 1]))
            }
            #expect(throws: OptimizerError.self) {
                try optimizer.add(ParameterGroup([Parameter(.ones([2]))], [.lr: -1]))
            }
            #expect(throws: OptimizerError.self) { try optimizer.add(Linear(2, 2).group(matching: "fc.*")) }
        }
        #expect(throws: OptimizerError.self) {
            try example.make([ParameterGroup([Parameter(.ones([2]))], [.lr: -0.1])])
        }
        let twice = Parameter(.ones([2]))
        #expect(throws: OptimizerError.duplicate(parameter: "1")) {
            try example.make([ParameterGroup([twice, twice])])
        }
    }

    @Test(arguments: OptimizerCase.all) func statesOfOthers(_ example: OptimizerCase) throws {
        try unchanged(example) { optimizer, _ throws in
            // From every other rule, from a model with other shapes, with another number of parameters.
            for other in OptimizerCase.all {
                let parameters = OptimizerCase.start()
                let foreign = try other.optimizer(parameters)
                try OptimizerCase.step(foreign, parameters, 1)
                if foreign.name == optimizer.name { continue }
                let error = #expect(throws: OptimizerError.self) { try optimizer.load(foreign.state) }
                #expect(error?.description.contains("it belongs to \(foreign.name), not \(optimizer.name)") == true)
            }
            let wider = [Parameter(.ones([3, 5])), Parameter(.ones([7]))]
            let ofWider = try example.optimizer(wider)
            try OptimizerCase.step(ofWider, wider, 1)
            let remembers = ofWider.state.groups.contains { $0.parameters.contains { $0?.tensors.isEmpty == false } }
            if remembers { #expect(throws: OptimizerError.self) { try optimizer.load(ofWider.state) } }
            let more = try example.make([ParameterGroup([wider[0], wider[1], Parameter(.ones([1]))])])
            #expect(throws: OptimizerError.self) { try optimizer.load(more.state) }
        }
    }

    @Test(arguments: OptimizerCase.all, [Double.nan, .infinity]) func gradientsThatAreNoNumbers(
        _ example: OptimizerCase, _ value: Double
    ) throws {
        try unchanged(example) { optimizer, parameters throws in
            func loss() -> Tensor { (parameters[0].value * value).sum() }
            func gradient() -> Tensor { Tensor.full(parameters[0].shape, value, dtype: .float32) }
            if let optimizer = optimizer as? LBFGS {
                #expect(throws: OptimizerError.self) { try optimizer.step { loss() } }
                // The loss is a number here, but its gradient is not: the root's derivative at 0.
                #expect(throws: OptimizerError.gradientNotFinite(parameter: "0")) {
                    try optimizer.step { (parameters[0].value * 0).sqrt().sum() }
                }
                return
            }
            if let optimizer = optimizer as? SparseAdam {
                var gradients = Gradients()
                let rows = SparseRows(indices: Tensor([1]), values: Tensor.full([1, 2], value), shape: [3, 2])
                gradients.setRows(rows, of: parameters[0])
                #expect(throws: OptimizerError.gradientNotFinite(parameter: "0")) {
                    try optimizer.step(gradients, ifNotFinite: .stop)
                }
                #expect(try optimizer.step(gradients, ifNotFinite: .skip) == false)
                gradients[parameters[0]] = .ones([3, 2])
                #expect(throws: OptimizerError.denseGradient(parameter: "0")) { try optimizer.step(gradients) }
                return
            }
            let optimizer = optimizer as! GradientOptimizer
            var gradients = Gradients()
            gradients[parameters[1]] = .ones([4])
            gradients[parameters[0]] = gradient()
            #expect(throws: OptimizerError.gradientNotFinite(parameter: "0")) {
                try optimizer.step(gradients, ifNotFinite: .stop)
            }
            #expect(try optimizer.step(gradients, ifNotFinite: .skip) == false)
            #expect(throws: OptimizerError.self) { try optimizer.step(minimizing: loss(), ifNotFinite: .stop) }
            #expect(try optimizer.step(minimizing: loss(), ifNotFinite: .skip) == false)
        }
    }

    @Test func groupsByPattern() throws {
        let model = Sequential(Linear(4, 8), ReLU(), Linear(8, 2))
        let optimizer = try AdamW(model.groups(["2.*": [.lr: 0.01], "*.bias": [.weightDecay: 0]]), lr: 0.001)
        #expect(optimizer.groups.map(\.names) == [["2.weight", "2.bias"], ["0.bias"], ["0.weight"]])
        #expect(optimizer.groups.map { $0[.lr] } == [0.01, 0.001, 0.001])
        #expect(optimizer.groups.map { $0[.weightDecay] } == [0.01, 0, 0.01])
        let text = optimizer.description
        #expect(text.contains("  0: 2.*, 2 parameters (18 elements), amsgrad=false") && text.contains("lr=0.001"))
        #expect(text.contains("1: *.bias, 1 parameter (8 elements)"))
        #expect(model.groups(["*": [:]]).count == 1 && model.groups([:])[0].parameters.count == 4)
        #expect(throws: OptimizerError.nothingMatches("fc.*")) { try SGD(model.groups(["fc.*": [:]])) }
        // An earlier pattern has matched everything: as bad as a misspelt one.
        #expect(throws: OptimizerError.nothingMatches("0.*")) { try SGD(model.groups(["*": [:], "0.*": [:]])) }
        optimizer.scaleLearningRates(by: 2)
        #expect(optimizer.groups.map { $0[.lr] } == [0.02, 0.002, 0.002])
        try optimizer.add(Linear(3, 3).group(lr: 0.5))
        #expect(optimizer.groups[3][.lr] == 0.5 && optimizer.groups[3][.weightDecay] == 0.01)
    }
}
