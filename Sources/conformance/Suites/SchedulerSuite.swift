import Cresset
import CressetOptim

/// `schedulers/`: the learning rates of an optimizer's groups before each step.
struct SchedulerSuite: FileSuite {
    static let folder = "schedulers"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard let make = SchedulerSuite.makers[name] else { return nil }
        return { try run(make, file.cases[$0]) }
    }

    private typealias Maker = @Sendable (any Optimizer, JSON) throws -> any Scheduler

    private static let makers: [String: Maker] = [
        "StepLR": { optimizer, options in
            StepLR(optimizer, stepSize: options["step_size"]?.integer ?? 1, gamma: options["gamma"]?.double ?? 0.1)
        }
    ]

    private func run(_ make: Maker, _ json: JSON) throws {
        guard let options = json["options"], let rates = json["lr"]?.array,
            let initial = json["initial_lr"]?.array?.compactMap(\.double)
        else { throw Failure("no options, initial rates or rates") }
        let groups = initial.map { ParameterGroup([Parameter(.zeros([1]))], [.lr: $0]) }
        let optimizer = try SGD(groups, lr: initial[0], momentum: 0.9)
        let scheduler = try make(optimizer, options)
        for (step, expected) in rates.enumerated() {
            let values = expected.array?.compactMap(\.double) ?? []
            for (group, (ours, theirs)) in zip(scheduler.learningRates, values).enumerated() {
                guard abs(ours - theirs) <= 1e-9 * abs(theirs) else {
                    throw Failure("group \(group) before step \(step): \(ours), not \(theirs)")
                }
            }
            scheduler.step()
        }
    }
}
