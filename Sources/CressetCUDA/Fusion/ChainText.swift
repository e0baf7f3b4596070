import CCUDA
import CressetBackend

/// What is left of a chain when it is launched: the steps that somebody still wants to know the result of, and their
/// text for chain.cu.
struct ChainText {
    /// The steps to be launched, by their numbers in the chain.
    let steps: [Int]
    /// The operands read and the results written, likewise.
    let inputs: [Int]
    let results: [Chain.Result]
    /// The values in the kernel: the operands, then the steps.
    private var values: [Chain.Source: Int] = [:]
    private let chain: Chain

    /// - Parameter results: The results that are written.
    init(_ chain: Chain, _ results: [Chain.Result]) {
        self.chain = chain
        self.results = results
        var wanted = Set(results.map(\.step))
        var used: Set<Int> = []
        for step in chain.steps.indices.reversed() where wanted.contains(step) {
            for source in chain.steps[step].sources {
                switch source {
                case .step(let earlier): wanted.insert(earlier)
                case .operand(let number): used.insert(number)
                }
            }
        }
        steps = wanted.sorted()
        inputs = used.sorted()
        for (value, input) in inputs.enumerated() { values[.operand(input)] = value }
        var next = inputs.count
        for step in steps {
            // A tensor that is only copied needs no value of its own.
            if case .move = chain.steps[step].call.operation {
                values[.step(step)] = values[chain.steps[step].sources[0]]
            } else {
                values[.step(step)] = next
                next += 1
            }
        }
    }

    /// The definitions that spell the chain out; `orders` are numbered from 1 (0 is the results' order).
    func defines(orders: [Shape]) -> [String] {
        let operands = inputs.enumerated().map { value, input in
            "OPERAND(\(value),\(chain.inputs[input].dtype.kernelName),\(chain.inputs[input].number(in: orders)))"
        }
        let written = results.enumerated().map { number, result in
            "RESULT(\(number),\(result.dtype.kernelName),\(values[.step(result.step)]!))"
        }
        return [
            "OPERANDS=\(operands.joined(separator: " "))",
            "STEPS=\(steps.indices.compactMap(statement).joined(separator: " "))",
            "RESULTS=\(written.joined(separator: " "))", "ORDERS=\(orders.count + 1)",
        ]
    }

    /// A step as chain.cu spells it; `place` is its number among the steps that are launched.
    private func statement(_ place: Int) -> String? {
        let step = chain.steps[steps[place]]
        let value = values[.step(steps[place])]!
        let type = step.call.out.dtype.kernelName
        let arguments = step.sources.map { "\(values[$0]!)" }.joined(separator: ",")
        switch step.call.operation {
        case .unary(_, let function):
            return "UNARY(\(value),\(type),\(step.call.inputs[0].dtype.kernelName),\(function),\(arguments),\(place))"
        case .binary(_, let function):
            return "BINARY(\(value),\(type),\(step.call.inputs[0].dtype.kernelName),\(function),\(arguments),\(place))"
        case .select: return "SELECT(\(value),\(type),\(arguments))"
        case .convert: return "CONVERT(\(value),\(type),\(arguments))"
        case .fill: return "FILL(\(value),\(type),\(place))"
        case .move: return nil
        }
    }
}

extension Chain.Input {
    /// The number of its order of elements in the kernel.
    func number(in orders: [Shape]) -> Int {
        switch order {
        case .same: 0
        case .still: -1
        case .strides(let strides): orders.firstIndex(of: strides)! + 1
        }
    }
}
