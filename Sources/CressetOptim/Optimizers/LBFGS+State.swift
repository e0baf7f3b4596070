import Cresset

extension LBFGS {
    /// As PyTorch stores it, with the first parameter.
    public var state: OptimizerState {
        let group = list.groups[0]
        var entries = [OptimizerState.Entry?](repeating: nil, count: group.parameters.count)
        if let direction = history.direction, let gradient = history.previousGradient {
            var entry = OptimizerState.Entry(
                count: history.iterations,
                numbers: [
                    "func_evals": Double(history.evaluations), "t": history.length, "H_diag": history.scale,
                    "prev_loss": history.previousLoss,
                ], tensors: ["d": direction, "prev_flat_grad": gradient])
            for (i, pair) in history.pairs.enumerated() {
                entry.tensors["old_dirs.\(i)"] = pair.y
                entry.tensors["old_stps.\(i)"] = pair.s
                entry.numbers["ro.\(i)"] = pair.rho
            }
            entries[0] = entry
        }
        return OptimizerState(optimizer: name, groups: [OptimizerState.Group(group, parameters: entries)])
    }

    public func load(_ state: OptimizerState) throws(OptimizerError) {
        let groups = try state.fitted(to: self)
        var loaded = History()
        if let entry = state.groups[0].parameters.first ?? nil, entry.count > 0 {
            let count = groups[0].parameters.reduce(0) { $0 + $1.elementCount }
            func tensor(_ name: String) throws(OptimizerError) -> Tensor {
                guard let tensor = entry.tensors[name] else { throw .stateMismatch("it has no \(name)") }
                guard tensor.shape == [count] else {
                    throw .stateMismatch("\(name) has shape \(tensor.shape), but the parameters have \(count) elements")
                }
                let isWide = tensor.dtype == .float32 || tensor.dtype == .float64
                return (isWide ? tensor : tensor.to(.float32)).to(groups[0].parameters[0].device)
            }
            func number(_ name: String) throws(OptimizerError) -> Double {
                guard let number = entry.numbers[name] else { throw .stateMismatch("it has no \(name)") }
                return number
            }
            loaded.iterations = entry.count
            loaded.evaluations = Int(try number("func_evals").clamped(to: 0...1e15))
            (loaded.direction, loaded.previousGradient) = (try tensor("d"), try tensor("prev_flat_grad"))
            (loaded.length, loaded.scale) = (try number("t"), try number("H_diag"))
            loaded.previousLoss = try number("prev_loss")
            var i = 0
            while entry.tensors["old_dirs.\(i)"] != nil {
                loaded.pairs.append((try tensor("old_dirs.\(i)"), try tensor("old_stps.\(i)"), try number("ro.\(i)")))
                i += 1
            }
        }
        list.groups = groups
        history = loaded
    }
}

extension Double {
    /// NaN becomes the lower bound.
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        self >= range.lowerBound ? Swift.min(self, range.upperBound) : range.lowerBound
    }
}
