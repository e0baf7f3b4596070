import Cresset
import CressetNN
import CressetOptim

extension TrainingLoop {
    /// Everything that the rest of the run depends on; complete at the event `checkpoint`, and before a run.
    public var state: TrainingState {
        var tensors = StateDict()
        func add(_ part: String, _ state: StateDict) {
            for (name, tensor) in state { tensors["\(part).\(name)"] = tensor }
        }
        add("model", task.module.stateDict())
        let optimizer = try? recipe.optimizer.state.saved()
        add("optimizer", optimizer?.tensors ?? StateDict())
        if let average { add("average", average.stateDict()) }
        for (number, sum) in sumsSoFar.enumerated() { tensors["sums.\(number)"] = sum }
        var place = place
        place.scheduler = scheduler?.state
        place.plateau = plateau?.scheduler.state
        place.averageCount = average?.updateCount
        place.generator = generator.state
        return TrainingState(tensors: tensors, texts: optimizer?.metadata ?? [:], place: place)
    }

    /// Continues from where another loop was: the next run begins there.
    ///
    /// The recipe may have another number of epochs; the schedule is then that of the new number.
    ///
    /// - Parameter state: The state of a loop with the same task and recipe.
    /// - Throws: `StateDict.Mismatch`, `OptimizerError`, `GeneratorStateError` or ``Failure`` if it belongs to another
    ///   task or recipe.
    public func load(_ state: TrainingState) throws {
        let sums = state.tensors(of: "sums").map(\.tensor)
        let count = state.isBetweenEpochs || state.place.trained != nil ? 0 : task.scoreNames.count + 1
        guard sums.count == count || count == 0, sums.allSatisfy({ $0.rank == 0 }) else {
            throw Failure("the state has \(sums.count) sums of a pass, where the task has \(count)", kind: .badData)
        }
        try task.module.load(state.tensors(of: "model"))
        try recipe.optimizer.load(OptimizerState(tensors: state.tensors(of: "optimizer"), metadata: state.texts))
        if let saved = state.place.scheduler { try scheduler?.load(saved) }
        if let saved = state.place.plateau { plateau?.scheduler.state = saved }
        if let updates = state.place.averageCount, let averaging = recipe.averaging {
            let average = WeightAverage(task.module, averaging.kind)
            try average.load(state.tensors(of: "average"), updateCount: updates)
            resume(average)
        }
        if let saved = state.place.generator { try generator.restore(saved) }
        resume(state.place, sums: count == 0 ? [] : sums.map { $0.to(device) })
    }
}
