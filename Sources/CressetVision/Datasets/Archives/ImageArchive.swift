import Cresset
import CressetData

/// Pictures in an archive, sorted into one folder per class: a `.zip`, `.tar` or `.tar.gz` file, read in place.
///
/// ```swift
/// let train = try ImageArchive("hymenoptera_data.zip", folder: "train", transform: preprocessing.training)
/// let val = try ImageArchive(
///     "hymenoptera_data.zip", folder: "val", classes: train.classes, transform: preprocessing.evaluation)
/// ```
///
/// Nothing is extracted to the disk. Classes and the order of pictures are those of ``ImageFolder``, as are the fields of a
/// sample. Of a compressed tar archive, which can only be read from its beginning, the pictures' files are kept in memory.
public struct ImageArchive: Dataset {
    /// A picture and its class.
    public struct Sample: Sendable, Hashable {
        /// The path within the archive.
        public let name: String
        public let label: Int
    }

    public let path: FilePath
    /// The class names; a sample's label is an index into them.
    public let classes: [String]
    public let samples: [Sample]
    /// Members of the class folders that are no pictures, and links wherever they are, by their names.
    public let skipped: [String]
    /// Anything odd about the archive, one line each.
    public let warnings: [String]
    public let transform: any Transform
    public let options: ImageReadingOptions
    private let contents: any ArchiveContents
    /// The names as the archive has them.
    private let originals: [String: String]

    /// Lists an archive.
    ///
    /// - Parameters:
    ///   - path: The archive; its first bytes decide of which kind it is.
    ///   - folder: The folder within it that has the class folders: its path, or the end of its path if that is unique, such
    ///     as "train". Default: the first one, from the outside in, that has several.
    ///   - classes: The classes of the training pictures, if these are for validation: labels are assigned by name.
    ///   - transform: What is done to each picture.
    ///   - options: How files are decoded.
    /// - Throws: ``ArchiveError`` for an archive that cannot be read, or has a path that climbs out, a name twice or far more
    ///   bytes than fit; ``ImageFolderError`` for classes that are empty, missing or unknown.
    public init(
        _ path: some PathConvertible, folder: String? = nil, classes: [String]? = nil, transform: any Transform,
        options: ImageReadingOptions = .init()
    ) throws {
        let path = path.filePath
        let contents = try ArchiveListing.contents(of: path)
        let listing = try ArchiveListing(contents, path)
        let root = try listing.root(named: folder)
        let found = try ImageArchive.classFolders(listing, root, path, wanted: classes)
        let known = classes ?? found
        let (samples, skipped) = ImageArchive.sort(listing, root, known)
        let used = Set(samples.map { known[$0.label] })
        let empty = found.filter { !used.contains($0) }
        if !empty.isEmpty { throw ImageFolderError.emptyClasses(path, empty) }
        self.path = path
        self.classes = known
        self.samples = samples
        self.skipped = skipped
        let links = listing.others.count
        warnings =
            ImageFolder.warnings(found, in: path)
            + (links == 0
                ? [] : ["\(path): \(links) member\(links == 1 ? "" : "s") left out: links, sparse files and devices"])
        self.transform = transform
        self.options = options
        self.contents = contents
        originals = listing.originals
    }

    /// The names of the class folders, each of which is one of the `wanted` classes if there are any.
    private static func classFolders(
        _ listing: ArchiveListing, _ root: [String], _ path: FilePath, wanted: [String]?
    ) throws -> [String] {
        let found = listing.classFolders(of: root)
        if found.isEmpty { throw ImageFolderError.noClasses(path, found: Array(listing.children(of: root).prefix(6))) }
        if ImageFolder.areParts(found) {
            throw ArchiveError(
                .missing, path, "has \(found.joined(separator: " and ")) where classes are expected",
                hint: "name one of them: folder: \"\(found[found.firstIndex(of: "train") ?? 0])\"")
        }
        if let wanted {
            let unknown = found.filter { !wanted.contains($0) }
            if !unknown.isEmpty { throw ImageFolderError.unknownClasses(path, unknown, known: wanted) }
        }
        return found
    }

    /// The pictures by class, and what is none.
    private static func sort(
        _ listing: ArchiveListing, _ root: [String], _ classes: [String]
    ) -> (samples: [Sample], skipped: [String]) {
        let labels = Dictionary(classes.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        var samples: [[Sample]] = classes.map { _ in [] }
        var skipped: [String] = []
        for name in listing.names where name.starts(with: root) && !listing.isHidden(name) {
            let joined = name.joined(separator: "/")
            if listing.others.contains(joined) {
                skipped.append(joined)
            } else if name.count <= root.count + 1 {
                continue
            } else if FolderScan.isNamedAsPicture(joined.filePath) {
                let label = labels[name[root.count]]!
                samples[label].append(Sample(name: joined, label: label))
            } else {
                skipped.append(joined)
            }
        }
        return (samples.flatMap(\.self), skipped)
    }

    public var count: Int { samples.count }

    /// The number of pictures of each class.
    public var classCounts: [Int] {
        var counts = Array(repeating: 0, count: classes.count)
        for sample in samples { counts[sample.label] += 1 }
        return counts
    }

    public func name(of index: Int) -> String { "\(path): \(printable(samples[index].name))" }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        var random = context.random(for: index)
        let bytes = try contents.bytes(of: originals[samples[index].name]!)
        do {
            try DecodedImage.decoding(bytes, options: options, before: NextStep(transform, random: random)) {
                try sample.append($0, transform, &random)
            }
        } catch let error as ImageError {
            throw ImageFileError(path: path.appending(samples[index].name), reason: error)
        }
        try sample.append(label: samples[index].label)
    }
}

/// The names in an archive, as lists of folders and a file.
private struct ArchiveListing {
    /// Files, links and the like, sorted as an image folder's: by folder, then by name.
    let names: [[String]]
    /// Those of the names that are no files, joined.
    let others: Set<String>
    /// Folders that are members themselves.
    private let folders: [[String]]
    /// By the names' parts, joined: what the archive calls them.
    let originals: [String: String]
    private let path: FilePath

    /// Longer names are no system's: its paths end at 4,096 bytes.
    private static let nameLimit = (byteCount: 4096, partCount: 64)

    init(_ contents: any ArchiveContents, _ path: FilePath) throws(ArchiveError) {
        var originals: [String: String] = [:]
        var lists: [(folder: String, parts: [String])] = []
        var others: Set<String> = []
        let files = contents.names
        for (place, name) in (files + contents.others).enumerated() {
            let parts = try ArchiveListing.parts(of: name, path)
            let joined = parts.joined(separator: "/")
            guard originals.updateValue(name, forKey: joined) == nil else {
                throw ArchiveError(.hostile, path, "has \(printable(joined)) twice")
            }
            if place >= files.count { others.insert(joined) }
            lists.append((parts.dropLast().joined(separator: "/"), parts))
        }
        lists.sort { a, b in
            a.folder == b.folder
                ? a.parts.last!.utf8.lexicographicallyPrecedes(b.parts.last!.utf8)
                : a.folder.utf8.lexicographicallyPrecedes(b.folder.utf8)
        }
        var folders: [[String]] = []
        for name in contents.folders where !name.utf8.allSatisfy(Set("./".utf8).contains) || name.contains("..") {
            folders.append(try ArchiveListing.parts(of: name, path))
        }
        names = lists.map(\.parts)
        self.folders = folders
        self.others = others
        self.originals = originals
        self.path = path
    }

    /// The folders of a member's path, and its name.
    private static func parts(of name: String, _ path: FilePath) throws(ArchiveError) -> [String] {
        let (byteCount, slashCount) = (name.utf8.count, name.utf8.count { $0 == UInt8(ascii: "/") })
        if byteCount > nameLimit.byteCount || slashCount > nameLimit.partCount {
            throw ArchiveError(
                .hostile, path, "has a member whose name has \(byteCount) bytes and \(slashCount) slashes",
                hint: "up to \(nameLimit.byteCount) bytes and \(nameLimit.partCount) slashes are read")
        }
        let parts = name.split(separator: "/").map(String.init).filter { $0 != "." }
        if name.hasPrefix("/") || parts.contains("..") || name.utf8.contains(0) || parts.isEmpty {
            throw ArchiveError(
                .hostile, path, "has a member whose path leads out of it: \(printable(name))",
                hint: "get it from a source you trust; nothing was written")
        }
        return parts
    }

    func isHidden(_ name: [String]) -> Bool { name.contains { FolderScan.isHidden(FilePath($0)) } }

    /// What is directly in a folder.
    func children(of folder: [String]) -> [String] {
        var seen: Set<String> = []
        return (names + folders).compactMap { name in
            guard name.count > folder.count, name.starts(with: folder), !isHidden(name) else { return nil }
            return seen.insert(name[folder.count]).inserted ? name[folder.count] : nil
        }
    }

    /// The folders directly in a folder, sorted; empty ones, too.
    func classFolders(of folder: [String]) -> [String] {
        let found =
            names.filter { $0.count > folder.count + 1 && $0.starts(with: folder) && !isHidden($0) }
            + folders.filter { $0.count > folder.count && $0.starts(with: folder) && !isHidden($0) }
        return Set(found.map { $0[folder.count] }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The folder that has the class folders.
    func root(named wanted: String?) throws(ArchiveError) -> [String] {
        guard let wanted else {
            var root: [String] = []
            while classFolders(of: root).count == 1, children(of: root).count == 1 {
                root.append(children(of: root)[0])
            }
            return root
        }
        let end = wanted.split(separator: "/").map(String.init)
        var matches: Set<[String]> = []
        for folder in names.map({ $0.dropLast() }) + folders.map({ $0[...] }) where !isHidden(Array(folder)) {
            for length in 1..<(folder.count + 1) where folder[..<length].suffix(end.count).elementsEqual(end) {
                matches.insert(Array(folder[..<length]))
            }
        }
        if matches.contains(end) { return end }
        if matches.count == 1 { return matches.first! }
        let shown = matches.isEmpty ? children(of: []) : matches.map { $0.joined(separator: "/") }.sorted()
        throw ArchiveError(
            .missing, path,
            "has \(matches.isEmpty ? "no folder" : "more than one folder") \(printable(wanted))",
            hint: "it has \(shown.prefix(6).map { printable($0) }.joined(separator: ", "))")
    }

    /// The files of an archive, whatever its kind.
    static func contents(of path: FilePath) throws(ArchiveError) -> any ArchiveContents {
        let start: [UInt8]
        do throws(RegularFile.ReadError) {
            start = try RegularFile(path).read(upTo: 4)
        } catch {
            throw ArchiveError(.unreadable, path, error.isOfNoFile ? "is not a regular file" : error.problem)
        }
        return start.starts(with: Array("PK".utf8)) ? try ZipContents(path) : try TarContents(path)
    }
}
