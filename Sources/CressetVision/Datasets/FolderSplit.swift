import Cresset
import CressetData

/// A folder of pictures divided into two parts, for training and for validation.
///
/// ```swift
/// let pictures = try ImageFolder("flowers", transform: preprocessing.training)
/// let split = FolderSplit(pictures, validation: 0.2, seed: 1, evaluation: preprocessing.evaluation)
/// print(split)    // 2936 for training and 734 for validation (20 % of each class, seed 1); 12 pictures in 5 groups …
/// ```
///
/// Each class gives the same share. Pictures that are the same stay on one side, or what is measured in validation would
/// have been seen in training: files of equal bytes, and pictures that look the same after decoding. Two of them do if
/// their thumbnails of 16 by 16 pixels differ by at most 3 of 255 levels of grey on average and 16 in any pixel. That finds copies that were resized or compressed again, not those that
/// were cut or mirrored. Where more than a tenth of all pictures look alike, only equal bytes count for these.
///
/// The division depends on the pictures' contents and the seed alone, not on names, places or the order of files. A new
/// picture changes the side of few others.
public struct FolderSplit: Sendable, CustomStringConvertible {
    public let training: ImageFolder
    public let validation: ImageFolder
    /// The share of each class that validation should have.
    public let fraction: Double
    public let seed: UInt64
    /// Pictures that were kept on one side because they are the same, group by group.
    public let duplicates: [[FilePath]]
    /// Whether pictures were also compared by their looks, not only by their bytes.
    public let comparesLooks: Bool

    /// Above this number of pictures their looks are not compared unless that is asked for: all must be decoded for it.
    public static let looksLimit = 20_000

    /// Divides a folder.
    ///
    /// Of a class with two different pictures or more, both parts have at least one, even if copies make the part for
    /// validation larger than its share; only a class all of whose pictures are copies of other classes' may miss. Files
    /// that cannot be read stay in the training part, where they are reported as usual. If no class has two different
    /// pictures, the validation part is empty. Traps unless `fraction` is between 0 and 1.
    ///
    /// - Parameters:
    ///   - folder: The pictures, as they are prepared for training.
    ///   - fraction: The share of each class that goes to validation.
    ///   - seed: The random seed: equal seeds give equal parts.
    ///   - evaluation: What is done to each picture of the validation part. Default: what is done in training.
    ///   - comparesLooks: Whether pictures that look the same are found, too. Default: up to ``looksLimit`` pictures.
    ///   - workers: The number of reading threads.
    public init(
        _ folder: ImageFolder, validation fraction: Double = 0.2, seed: UInt64 = 0,
        evaluation: (any Transform)? = nil, comparesLooks: Bool? = nil, workers: Int = 2
    ) {
        let looks = comparesLooks ?? (folder.count <= FolderSplit.looksLimit)
        self.init(
            folder, validation: fraction, seed: seed, evaluation: evaluation, comparesLooks: looks,
            fingerprints: folder.fingerprints(looks: looks, workers: workers))
    }

    /// The same where the pictures' fingerprints are known.
    package init(
        _ folder: ImageFolder, validation fraction: Double, seed: UInt64, evaluation: (any Transform)? = nil,
        comparesLooks looks: Bool, fingerprints: [PictureFingerprint?]
    ) {
        if !(fraction > 0 && fraction < 1) {
            fatalError("FolderSplit: a share between 0 and 1 is needed, got \(fraction)")
        }
        let groups = ImageFolder.groups(fingerprints)
        let chosen = FolderSplit.choose(groups, folder, fingerprints, fraction, seed)
        self.fraction = fraction
        self.seed = seed
        self.comparesLooks = looks
        duplicates = groups.filter { $0.count > 1 }.map { $0.map { folder.samples[$0].path } }
        var (training, validation) = (folder, folder)
        training.samples = folder.samples.indices.filter { !chosen.contains($0) }.map { folder.samples[$0] }
        validation.samples = folder.samples.indices.filter(chosen.contains).map { folder.samples[$0] }
        // What was noted while the folder was scanned is noted once.
        validation.skipped = []
        validation.warnings = []
        if let evaluation { validation.transform = evaluation }
        self.training = training
        self.validation = validation
    }

    /// The samples for validation: groups in an order of the seed's, as long as there is room in their classes.
    private static func choose(
        _ groups: [[Int]], _ folder: ImageFolder, _ fingerprints: [PictureFingerprint?], _ fraction: Double,
        _ seed: UInt64
    ) -> Set<Int> {
        var counts = folder.classCounts
        for (index, fingerprint) in fingerprints.enumerated() where fingerprint == nil {
            counts[folder.samples[index].label] -= 1
        }
        var room = counts.map { count in
            count < 2 ? 0 : min(max(Int((Double(count) * fraction).rounded()), 1), count - 1)
        }
        let drawn = groupsInOrder(groups, folder, fingerprints, seed)
        var chosen: Set<Int> = []
        func take(_ group: DrawnGroup) {
            for (label, count) in group.counts { counts[label] -= count }
            chosen.formUnion(group.samples)
        }
        for group in drawn where group.counts.allSatisfy({ $0.value <= room[$0.key] }) {
            for (label, count) in group.counts { room[label] -= count }
            take(group)
        }
        // Groups that are larger than their classes' shares: the smallest one that leaves something to train with.
        var served = Set(chosen.map { folder.samples[$0].label })
        for label in counts.indices where counts[label] > 1 && !served.contains(label) {
            let possible = drawn.filter { group in
                group.counts[label] != nil && group.counts.allSatisfy { counts[$0.key] > $0.value }
            }
            guard let group = possible.min(by: { $0.samples.count < $1.samples.count }) else { continue }
            take(group)
            served.formUnion(group.counts.keys)
        }
        return chosen
    }

    /// Samples that stay on one side.
    private struct DrawnGroup {
        let samples: [Int]
        /// How many there are of a label.
        let counts: [Int: Int]
    }

    /// The groups that can be read, in an order that depends on the seed and on the contents of their pictures.
    private static func groupsInOrder(
        _ groups: [[Int]], _ folder: ImageFolder, _ fingerprints: [PictureFingerprint?], _ seed: UInt64
    ) -> [DrawnGroup] {
        let places = groups.compactMap { group -> (place: String, group: [Int])? in
            // Of a group, the least digest counts, whatever the order of its files.
            guard let digest = group.compactMap({ fingerprints[$0]?.digest }).min() else { return nil }
            return (sha256(of: Array("\(seed) \(digest)".utf8)), group)
        }
        return places.sorted { $0.place < $1.place }.map { place in
            let labels = Dictionary(grouping: place.group) { folder.samples[$0].label }
            return DrawnGroup(samples: place.group, counts: labels.mapValues(\.count))
        }
    }

    /// What went where, in one line.
    public var description: String {
        let share = (fraction * 1000).rounded() / 10
        let percent = share == share.rounded() ? "\(Int(share))" : "\(share)"
        let line =
            "\(training.count) for training and \(validation.count) for validation (\(percent) % of each class, seed "
            + "\(seed))"
        if duplicates.isEmpty { return line }
        let count = duplicates.map(\.count).reduce(0, +)
        return line + "; \(count) pictures in \(duplicates.count) group\(duplicates.count == 1 ? "" : "s") that "
            + "\(comparesLooks ? "look the same" : "are the same") stay together"
    }
}
