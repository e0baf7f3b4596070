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
        let sums = try sums(of: state)
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
        resume(state.place, sums: sums.map { $0.to(device) })
    }

    /// The sums of a state within a training pass; none if it is elsewhere.
    private func sums(of state: TrainingState) throws(Failure) -> [Tensor] {
        if state.isBetweenEpochs || state.place.trained != nil { return [] }
        let saved = state.tensors(of: "sums"), shapes = [[]] + task.scoreNames.map(task.shape(ofSum:))
        let sums = shapes.indices.compactMap { saved["\($0)"] }
        guard saved.count == shapes.count, sums.map(\.shape) == shapes else {
            throw Failure(
                "the state has \(saved.count) sums of a pass, where the task has \(shapes.count), or they have other shapes",
                kind: .badData)
        }
        return sums
    }
}
