import CressetTrain

/// Ends a run after the current step if a signal asks for it.
package final class StopSignals: TrainingObserver {
    package init() {}

    package func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
        switch event {
        case .batchEnded, .epochEnded: if let request = StopRequest.current { loop.interrupt("\(request)") }
        default: break
        }
    }
}
