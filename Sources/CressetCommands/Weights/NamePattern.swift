import Cresset
import CressetTrain
import CressetVision
import Glibc

/// Which networks are meant by a word on the command line: those whose names contain it, or match it as a shell's pattern
/// (`resnet*`, `vgg1[13]`).
package struct NamePattern {
    private let text: String

    /// Creates one.
    ///
    /// - Parameter text: The word; an empty one means all.
    package init(_ text: String) { self.text = text.lowercased() }

    /// Whether `name` is meant.
    package func matches(_ name: String) -> Bool {
        if text.isEmpty || name.utf8.count >= text.utf8.count && name.contains(text) { return true }
        return isOfShell && fnmatch(text, name, 0) == 0
    }

    /// Whether it has one of the shell's wildcards.
    private var isOfShell: Bool { text.contains { "*?[".contains($0) } }

    /// The networks that words on a command line name: each is a name, or a pattern of the shell for networks that have
    /// published weights.
    ///
    /// *Throws* ``Failure`` if there is no such network, `WeightsError` if it has no published weights.
    ///
    /// - Parameter words: The words.
    package static func models(named words: [String]) throws -> [String] {
        try words.flatMap { word in
            let pattern = NamePattern(word)
            if !pattern.isOfShell, !ModelZoo.names.contains(word) { throw UnknownModel(name: word) }
            let found = try pattern.isOfShell ? pattern.models() : [word]
            let published = found.filter { !PretrainedWeights.available(for: $0).isEmpty }
            return published.isEmpty ? [try PretrainedWeights.named(found[0]).model] : published
        }
    }

    /// The networks of the zoo that are meant, in its order.
    ///
    /// *Throws* ``Failure`` if there are none; its hint names the nearest.
    package func models() throws(Failure) -> [String] {
        let found = ModelZoo.names.filter(matches)
        guard found.isEmpty else { return found }
        let nearest = nearestNames(to: text, among: ModelZoo.names, count: 4).joined(separator: ", ")
        throw Failure(
            "no network has a name like \(printable(text, limit: 100))",
            hint: nearest.isEmpty
                ? "cresset models without a name lists all" : "the nearest are \(nearest); cresset models lists all",
            kind: .usage)
    }
}
