import Cresset
import CressetData

/// Pictures sorted into one folder per class.
///
/// ```
/// train/ants/0013035.jpg
/// train/bees/92663402.jpg
/// ```
///
/// Classes are the direct sub-folders, sorted by name, except hidden ones. A class's pictures are all those below its
/// folder. A sample has two fields: the picture, `[3, height, width]`, and its class index.
public struct ImageFolder: Dataset {
    /// A picture and its class.
    public struct Sample: Sendable, Hashable {
        public let path: FilePath
        public let label: Int
    }

    /// A file that was skipped, and why.
    public struct SkippedFile: Sendable, Hashable, CustomStringConvertible {
        public let path: FilePath
        public let reason: String
        /// The class whose folder contains it; nil outside the class folders.
        public let label: Int?
        /// Whether a picture is lost with it: one that is damaged or in an unsupported format, or a folder that cannot
        /// be opened. False for text files and so on.
        public let isPicture: Bool

        public var description: String { "\(path): \(reason)" }
    }

    public let root: FilePath
    /// The class names; a sample's label is an index into them.
    public let classes: [String]
    public internal(set) var samples: [Sample]
    /// What was skipped: files that are not pictures or cannot be read, and folders that cannot be opened.
    public internal(set) var skipped: [SkippedFile]
    /// Anything odd about the folder, one line each.
    public internal(set) var warnings: [String]
    public internal(set) var transform: any Transform
    public let options: ImageReadingOptions
    /// Where decoded pictures are kept, if anywhere: whole ones, whatever `options.fast` says. Default: nowhere.
    public var cache: PictureCache?

    /// The file name extensions of pictures, in small letters: torchvision's (jpg, jpeg, png, ppm, bmp, pgm, tif, tiff,
    /// webp), and of other pictures that are read here gif, avif, heic, heif, jfif, pbm and pnm.
    public static let extensions = Set(PictureHeader.Format.allCases.flatMap(\.extensions))

    /// Scans a folder.
    ///
    /// - Parameters:
    ///   - root: The folder that contains the class folders.
    ///   - classes: The classes of the training folder, if this one is for validation: labels are assigned by name, and
    ///     a class without a folder here is fine. Default: the folders found.
    ///   - transform: What is done to each picture.
    ///   - options: How files are decoded.
    ///   - allowsEmptyClasses: Whether a class folder may have no pictures; the class keeps its index then, and a warning
    ///     names it. A folder without pictures that is not among `classes` is passed over, and named too.
    ///   - ignoresUnknownClasses: Whether folders of classes that are not among `classes` are passed over, and named in a
    ///     warning.
    /// - Throws: ``ImageFolderError``.
    public init(
        _ root: some PathConvertible, classes: [String]? = nil, transform: any Transform,
        options: ImageReadingOptions = .init(), allowsEmptyClasses: Bool = false, ignoresUnknownClasses: Bool = false
    ) throws(ImageFolderError) {
        let root = root.filePath
        var scan = FolderScan()
        var folders = try ImageFolder.classFolders(of: root, noting: &scan)
        var remarks: [String] = []
        if let classes {
            let unknown = folders.filter { !classes.contains($0.terminalText) }
            let hollow = allowsEmptyClasses ? unknown.filter { !FolderScan.hasPictures(root.pushing($0)) } : []
            let lost = ignoresUnknownClasses ? [] : unknown.filter { !hollow.contains($0) }
            if !lost.isEmpty { throw .unknownClasses(root, lost.map(\.terminalText), known: classes) }
            folders.removeAll(where: unknown.contains)
            let others = unknown.filter { !hollow.contains($0) }
            for (names, kind) in [(others, "unknown classes"), (hollow, "folders without pictures")]
            where !names.isEmpty {
                remarks.append("\(root): \(kind) are left out: \(names.map(\.terminalText).joined(separator: ", "))")
            }
        }
        let names = folders.map(\.terminalText)
        let known = classes ?? names
        let places = ClassPlaces(folders.map(root.pushing))
        var empty: [String] = []
        for (folder, name) in zip(folders, names) {
            let count = scan.samples.count
            try scan.collect(root.pushing(folder), label: known.firstIndex(of: name)!, classes: places)
            if scan.samples.count == count { empty.append(name) }
        }
        if !empty.isEmpty {
            if !allowsEmptyClasses { throw .emptyClasses(root, empty) }
            remarks.append("\(root): no pictures of \(empty.joined(separator: ", "))")
        }
        self.root = root
        self.classes = known
        // If the given classes are in a different order from the names, samples still follow the labels.
        samples =
            classes == nil
            ? scan.samples
            : scan.samples.enumerated().sorted { a, b in
                (a.element.label, a.offset) < (b.element.label, b.offset)
            }.map(\.element)
        skipped = scan.skipped
        warnings = ImageFolder.warnings(names, in: root) + remarks
        self.transform = transform
        self.options = options
    }

    init(
        root: FilePath, classes: [String], samples: [Sample], skipped: [SkippedFile], warnings: [String],
        transform: any Transform, options: ImageReadingOptions
    ) {
        self.root = root
        self.classes = classes
        self.samples = samples
        self.skipped = skipped
        self.warnings = warnings
        self.transform = transform
        self.options = options
    }

    public var count: Int { samples.count }

    /// The number of pictures of each class.
    public var classCounts: [Int] {
        var counts = Array(repeating: 0, count: classes.count)
        for sample in samples { counts[sample.label] += 1 }
        return counts
    }

    public func name(of index: Int) -> String { samples[index].path.terminalText }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        var random = context.random(for: index)
        let path = samples[index].path
        if let cache {
            try cache.reading(path, options: options) { try sample.append($0, transform, &random) }
        } else {
            let next = NextStep(transform, random: random)
            try DecodedImage.reading(path, options: options, before: next) {
                try sample.append($0, transform, &random)
            }
        }
        try sample.append(label: samples[index].label)
    }

    private static func classFolders(
        of root: FilePath, noting scan: inout FolderScan
    ) throws(ImageFolderError) -> [FilePath] {
        var folders: [FilePath] = []
        var others: [String] = []
        do {
            for entry in try listDirectory(root) where !FolderScan.isHidden(entry.name) {
                let path = root.pushing(entry.name)
                do throws(ImageError) {
                    let kind = entry.kind == .unknown ? try resolve(path).kind : entry.kind
                    if kind == .directory {
                        if entry.kind == .unknown && isAbove(path, root) {
                            scan.noteOutside(path, "a link to a folder above, which is no class")
                        } else if FolderScan.holdsRuns(path) {
                            scan.noteOutside(path, "holds what a training run has left, and is no class")
                        } else {
                            folders.append(entry.name)
                        }
                        continue
                    }
                    if FolderScan.isNamedAsPicture(path) { scan.noteOutside(path, "not in the folder of a class") }
                } catch {
                    scan.noteOutside(path, error.explanation.problem)
                }
                others.append(entry.name.terminalText)
            }
        } catch {
            throw .cannotOpen(root, error)
        }
        if folders.isEmpty { throw .noClasses(root, found: others) }
        var byName: [String: FilePath] = [:]
        for folder in folders {
            // Swift's strings are equal if Unicode considers them equivalent.
            if let other = byName.updateValue(folder, forKey: folder.terminalText) {
                throw .ambiguousClasses(root, hexadecimal(other), hexadecimal(folder))
            }
        }
        return folders
    }

    /// Whether a link leads to the folder `root` or to one that contains it.
    private static func isAbove(_ link: FilePath, _ root: FilePath) -> Bool {
        guard let place = SystemFiles.realPath(link), let root = SystemFiles.realPath(root) else { return false }
        return root.starts(with: place)
    }

    private static func hexadecimal(_ name: FilePath) -> String {
        name.bytes.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16) }.joined()
    }

    /// Whether folders look like the parts of a data set, and not like classes.
    static func areParts(_ names: [String]) -> Bool {
        names.count > 1 && names.contains("train")
            && names.allSatisfy { ["train", "val", "valid", "validation", "test"].contains($0) }
    }

    static func warnings(_ names: [String], in root: FilePath) -> [String] {
        var warnings = Dictionary(grouping: names) { $0.lowercased() }.values.filter { $0.count > 1 }
            .map { "\(root): class folders differ only in case: \($0.sorted().joined(separator: ", "))" }.sorted()
        if areParts(names) {
            warnings.append(
                "\(names.joined(separator: " and ")) are taken for classes; name one of them to use its folders")
        }
        return warnings
    }
}

extension SampleWriter {
    /// Adds a transformed picture as a field, and reports anything odd about its file.
    mutating func append(
        _ decoded: DecodedImage, _ transform: any Transform, _ random: inout SampleRandom
    ) throws {
        if let suspicion = decoded.suspicion { flag(suspicion) }
        let picture = try transform.apply(to: Picture(decoded.image), random: &random)
        try append(picture)
    }
}
