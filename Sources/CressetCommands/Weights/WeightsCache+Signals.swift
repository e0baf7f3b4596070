import Cresset
import CressetVision

extension WeightsCache {
    /// The usual cache, which reports to standard error. A signal ends a download, whose part is kept.
    package static func endingOnSignals() -> WeightsCache {
        var cache = WeightsCache()
        cache.isStopped = {
            StopRequest.listen(.download)
            return StopRequest.current != nil
        }
        cache.report = { Terminal.standardError.writeLine(TerminalText.escaped($0)) }
        return cache
    }
}
