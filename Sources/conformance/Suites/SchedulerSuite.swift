import Cresset
import CressetOptim

/// `schedulers/`: the learning rates and momenta of an optimizer's groups before each step.
struct SchedulerSuite: FileSuite {
    static let folder = "schedulers"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        if name == "ReduceLROnPlateau" { return { try runPlateau(file.cases[$0]) } }
        guard let make = scheduleTable[name] else { return nil }
        return { try run(make, file.cases[$0]) }
    }

    private struct Case {
        let options: JSON
        let optimizer: SGD
        let rates: [[Double]]
        let momenta: [[Double]]

        init(_ json: JSON) throws {
            func table(_ key: String) -> [[Double]]? {
                json[key]?.array?.map { $0.array?.compactMap(\.double) ?? [] }
            }
            guard let options = json["options"], let rates = table("lr"),
                let initial = json["initial_lr"]?.array?.compactMap(\.double)
            else { throw Failure("no options, initial rates or rates") }
            self.options = options
            self.rates = rates
            momenta = table("momentum") ?? []
            let groups = initial.map { ParameterGroup([Parameter(.zeros([1]))], [.lr: $0]) }
            optimizer = try SGD(groups, lr: initial[0], momentum: 0.9)
        }

        func check(_ step: Int) throws {
            try check(.lr, rates[step], step)
            if momenta.indices.contains(step) { try check(.momentum, momenta[step], step) }
        }

        private func check(_ option: ParameterGroup.Option, _ expected: [Double], _ step: Int) throws {
            for (i, (group, theirs)) in zip(optimizer.groups, expected).enumerated() {
                let ours = group[option]
                guard abs(ours - theirs) <= 1e-9 * abs(theirs) else {
                    throw Failure("\(option) of group \(i) before step \(step): \(ours), not \(theirs)")
                }
            }
        }
    }

    private func run(_ make: (JSON) throws -> any Schedule, _ json: JSON) throws {
        let it = try Case(json)
        let scheduler = Scheduler(it.optimizer, try make(it.options))
        for step in it.rates.indices {
            try it.check(step)
            scheduler.step()
        }
    }

    private func runPlateau(_ json: JSON) throws {
        let it = try Case(json)
        let scheduler = ReduceLROnPlateau(it.optimizer, plateauRule(it.options))
        let metrics = json["metrics"]?.array?.compactMap(\.double) ?? []
        try it.check(0)
        for (i, metric) in metrics.enumerated() {
            scheduler.step(metric)
            try it.check(i + 1)
        }
    }
}
