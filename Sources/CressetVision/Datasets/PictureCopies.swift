import Cresset

/// Pictures whose files are equal, byte for byte, where that misleads: one for training and one for validation, or in two
/// classes.
package struct PictureCopies {
    /// A picture, and an equal one that was found before it.
    package struct Pair: Sendable, Hashable, CustomStringConvertible {
        package let path, original: FilePath
        package var description: String { "\(path) is \(original)" }
    }

    /// The pictures for validation that are also for training.
    package private(set) var betweenParts: [Pair] = []
    /// The pictures that are also in another class.
    package private(set) var betweenClasses: [Pair] = []

    /// Above this number of pictures none are compared.
    package static let limit = 100_000

    /// Compares all pictures of both folders, which have the same classes.
    ///
    /// Only files of the same size are read.
    ///
    /// - Parameters:
    ///   - training: The pictures for training.
    ///   - validation: The pictures for validation.
    ///   - workers: The number of reading threads.
    package init(_ training: ImageFolder, _ validation: ImageFolder, workers: Int) {
        let all = training.samples + validation.samples
        let bySize =
            all.count > PictureCopies.limit
            ? [:] : Dictionary(grouping: all.indices) { SystemFiles.byteCount(of: all[$0].path) }
        let candidates = bySize.values.filter { $0.count > 1 }.flatMap { $0 }.sorted()
        var read = training
        read.samples = candidates.map { all[$0] }
        let fingerprints = read.fingerprints(looks: false, workers: workers)
        self.init(training, validation, digests: zip(candidates, fingerprints.map { $0?.digest }))
    }

    /// The same where the digests of files are known, those of the validation pictures after those for training; nil for
    /// files that cannot be read.
    package init(_ training: ImageFolder, _ validation: ImageFolder?, digests: some Sequence<(Int, String?)>) {
        let all = training.samples + (validation?.samples ?? [])
        var first: [String: Int] = [:], firstForTraining: [String: Int] = [:]
        for case (let index, let digest?) in digests {
            func pair(_ original: Int) -> Pair { Pair(path: all[index].path, original: all[original].path) }
            if index < training.count {
                firstForTraining[digest] = firstForTraining[digest] ?? index
            } else if let original = firstForTraining[digest] {
                betweenParts.append(pair(original))
            }
            if let original = first[digest] {
                if all[original].label != all[index].label { betweenClasses.append(pair(original)) }
            } else {
                first[digest] = index
            }
        }
    }

    /// What is to be said of them, a line of each kind.
    package var warnings: [String] {
        var lines: [String] = []
        if !betweenParts.isEmpty {
            let what = betweenParts.count == 1 ? "picture is also" : "pictures are also"
            lines.append(
                "\(betweenParts.count) validation \(what) for training (\(PictureCopies.list(betweenParts))): what was learnt "
                    + "by heart makes the accuracy too high")
        }
        if !betweenClasses.isEmpty {
            let what = betweenClasses.count == 1 ? "picture is" : "pictures are"
            lines.append(
                "\(betweenClasses.count) \(what) in two classes (\(PictureCopies.list(betweenClasses))): one of the labels is "
                    + "wrong")
        }
        return lines
    }

    private static func list(_ pairs: [Pair]) -> String {
        pairs.prefix(3).map(\.description).joined(separator: ", ")
            + (pairs.count > 3 ? " and \(pairs.count - 3) more" : "")
    }
}
