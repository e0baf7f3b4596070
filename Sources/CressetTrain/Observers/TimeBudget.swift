/// Ends a run that has taken long enough: before an epoch that would take it beyond its limit, judging by the longest so
/// far, or, if the first epoch alone takes too long, after the step that does.
public final class TimeBudget: TrainingObserver {
    public let limit: Duration
    private let clock: () -> Duration
    private var start = Duration.zero
    private var epochStart = Duration.zero
    private var longest = Duration.zero

    /// An observer whose time begins with the run.
    ///
    /// - Parameters:
    ///   - limit: How long the run may take.
    ///   - clock: The time since any fixed moment.
    public init(
        _ limit: Duration, clock: @escaping () -> Duration = { [start = ContinuousClock.now] in .now - start }
    ) {
        self.limit = limit
        self.clock = clock
    }

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
        switch event {
        case .runBegan: start = clock()
        case .epochBegan: epochStart = clock()
        case .batchEnded: if clock() - start > limit { loop.stop("the time is up") }
        case .epochEnded:
            let now = clock()
            longest = max(longest, now - epochStart)
            if now - start + longest > limit { loop.stop("the time is up") }
        default: break
        }
    }
}
