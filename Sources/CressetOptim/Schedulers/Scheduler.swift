/// A rule that sets the learning rates of an optimizer's groups as training goes on.
///
/// Call ``step()`` after each epoch (or each batch, if its numbers count batches).
public protocol Scheduler: AnyObject {
    /// How often ``step()`` was called.
    var epoch: Int { get }
    /// The learning rate of each group now.
    var learningRates: [Double] { get }
    /// Goes on to the next epoch and sets the learning rates.
    func step()
}

/// Multiplies the learning rate by `gamma` every `stepSize` epochs.
///
/// *Source*: `torch.optim.lr_scheduler.StepLR`.
public final class StepLR: Scheduler {
    public let stepSize: Int
    public let gamma: Double
    public private(set) var epoch = 0
    private let optimizer: any Optimizer

    /// Traps when `stepSize` is below 1.
    public init(_ optimizer: any Optimizer, stepSize: Int, gamma: Double = 0.1) {
        guard stepSize >= 1 else { fatalError("StepLR: a step size of \(stepSize), where it is 1 or more") }
        self.optimizer = optimizer
        self.stepSize = stepSize
        self.gamma = gamma
    }

    public var learningRates: [Double] { optimizer.groups.map { $0[.lr] } }

    public func step() {
        epoch += 1
        guard epoch % stepSize == 0 else { return }
        for i in optimizer.groups.indices { optimizer.groups[i][.lr] *= gamma }
    }
}
