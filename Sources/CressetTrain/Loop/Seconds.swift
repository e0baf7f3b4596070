extension ContinuousClock.Instant {
    /// Seconds that have passed since.
    var secondsSince: Double {
        let (seconds, attoseconds) = duration(to: .now).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
