import CressetData
import CressetVision

/// How many pictures may be unusable before a set of them is rejected: `--max-bad`.
///
/// Files that should be pictures but cannot be used (damaged, cut off, in an unsupported format) and folders that
/// cannot be opened count, as a share of all pictures in the training folder and in the validation folder separately. A
/// class without a usable picture is always rejected; so is one with more than half of them unusable, unless the limit
/// allows that.
public struct BadPictureLimit: Sendable, Hashable {
    /// From 0 to 1.
    public let share: Double
    /// This many are allowed whatever their share.
    let allowance: Int

    /// One picture in a hundred, and always one: a single bad file is no reason to reject a small set.
    public static let standard = BadPictureLimit(share: 0.01, allowance: 1)

    init(share: Double, allowance: Int = 0) {
        self.share = share
        self.allowance = allowance
    }

    /// The limit given by `text`: `5%`, or equivalently `5` or `0.05`. Numbers below 1 are shares, others are
    /// percentages.
    ///
    /// Nil if it is not a number from 0 to 100 %.
    public init?(_ text: String) {
        let isPercent = text.hasSuffix("%")
        guard let number = Double(isPercent ? String(text.dropLast()) : text), (0...100).contains(number) else {
            return nil
        }
        self.init(share: isPercent || number >= 1 ? number / 100 : number)
    }

    /// Why `folder` cannot be used, or nil.
    ///
    /// - Parameter found: Problems found while the pictures were read.
    func problem(of folder: ImageFolder, found: [SampleProblem] = []) -> Failure? {
        let lost = folder.skipped.filter(\.isPicture)
        var counts = folder.classCounts.map { (whole: $0, bad: 0) }
        for label in lost.compactMap(\.label) {
            counts[label].whole += 1
            counts[label].bad += 1
        }
        for problem in found { counts[folder.samples[problem.index].label].bad += 1 }
        let (badCount, wholeCount) = (lost.count + found.count, lost.count + folder.count)
        let example = (lost.map(\.description) + found.map(\.description)).first.map { ", such as \($0)" } ?? ""
        if let label = counts.firstIndex(where: { $0.whole > 0 && $0.bad == $0.whole }) {
            return Failure(
                "\(folder.root): none of the \(counts[label].whole) pictures of the class \(folder.classes[label]) "
                    + "can be used\(example)", hint: "replace the pictures, or remove the folder of the class",
                kind: .badData)
        }
        if let label = counts.firstIndex(where: { Double($0.bad) > Double($0.whole) * max(share, 0.5) }) {
            return refusal(
                "\(folder.root): \(counts[label].bad) of \(counts[label].whole) pictures of the class "
                    + "\(folder.classes[label]) cannot be used\(example)", counts[label])
        }
        if badCount > allowance, Double(badCount) > Double(wholeCount) * share {
            return refusal(
                "\(folder.root): \(badCount) of \(wholeCount) pictures cannot be used\(example)",
                (wholeCount, badCount))
        }
        return nil
    }

    private func refusal(_ message: String, _ counts: (whole: Int, bad: Int)) -> Failure {
        let enough = (counts.bad * 100 + counts.whole - 1) / counts.whole
        let allowed = (share * 10_000).rounded() / 100
        let percent = allowed == allowed.rounded() ? "\(Int(allowed))" : "\(allowed)"
        let option = OptionName.maxBad.set(to: "\(enough)%")
        return Failure(
            message, hint: "replace or remove them, or allow more than \(percent) % with \(option)",
            kind: .badData)
    }
}
