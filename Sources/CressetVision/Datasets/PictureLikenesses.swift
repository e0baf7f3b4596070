import Cresset

/// Pictures that are the same as others, or look like them, by where the others are.
///
/// What equal files of two parts or of two classes are is said by ``PictureCopies``; here are those that only look the same,
/// and copies of any kind beside each other. Chains count: if the first looks like the second and that like the third, the
/// first and the third are a pair.
package struct PictureLikenesses {
    /// Pictures for validation that look like one for training, and equal none.
    package private(set) var betweenParts: [PictureCopies.Pair] = []
    /// Pictures that look like one of another class, and equal none of it.
    package private(set) var betweenClasses: [PictureCopies.Pair] = []
    /// Pictures that equal an earlier one of their part and class.
    package private(set) var copies: [PictureCopies.Pair] = []
    /// Pictures that look like an earlier one of their part and class.
    package private(set) var likenesses: [PictureCopies.Pair] = []

    /// Compares all pictures of both folders, which have the same classes.
    ///
    /// - Parameters:
    ///   - training: The pictures for training.
    ///   - validation: The pictures for validation.
    ///   - fingerprints: Those of the pictures for training, then those of the others; nil for files that cannot be read.
    package init(_ training: ImageFolder, _ validation: ImageFolder?, fingerprints: [PictureFingerprint?]) {
        let all = training.samples + (validation?.samples ?? [])
        func isTraining(_ index: Int) -> Bool { index < training.count }
        func pair(_ index: Int, _ original: Int) -> PictureCopies.Pair {
            PictureCopies.Pair(path: all[index].path, original: all[original].path)
        }
        func isEqual(_ a: Int, _ b: Int) -> Bool { fingerprints[a]?.digest == fingerprints[b]?.digest }
        for group in ImageFolder.groups(fingerprints) where group.count > 1 {
            for (place, index) in group.enumerated() {
                let earlier = group[..<place]
                let others = earlier.filter { all[$0].label != all[index].label }
                if let original = others.first, !others.contains(where: { isEqual($0, index) }) {
                    betweenClasses.append(pair(index, original))
                }
                let trained = earlier.filter(isTraining)
                if !isTraining(index), let original = trained.first, !trained.contains(where: { isEqual($0, index) }) {
                    betweenParts.append(pair(index, original))
                }
                let beside = earlier.filter {
                    all[$0].label == all[index].label && isTraining($0) == isTraining(index)
                }
                if let equal = beside.first(where: { isEqual($0, index) }) {
                    copies.append(pair(index, equal))
                } else if let similar = beside.first {
                    likenesses.append(pair(index, similar))
                }
            }
        }
    }
}
