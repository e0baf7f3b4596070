import CressetVision

/// Which files of a folder are pictures to be used, and of which classes.
public struct PictureSelection: Sendable, Hashable {
    /// A CSV file with the classes of the pictures, which then need no folders; nil if each class has a folder.
    ///
    /// A row is a file, relative to the folder of the pictures, and its class; a row of headings may come first. See
    /// `ImageFolder(labels:)`.
    public var labels: FilePath?
    /// Whether a class may have a folder without pictures; it keeps its index then.
    public var allowsEmptyClasses = false
    /// Whether classes that are not among those for training are left out.
    public var ignoresUnknownClasses = false
    /// What becomes of files that end before their pictures do.
    public var truncated = ImageReadingOptions.TruncationRule.skip
    /// Whether pictures that look damaged are skipped.
    public var rejectsSuspect = false

    /// What is usual: a folder with pictures for each class, and no file that is cut off.
    public init() {}

    /// How files are decoded for a network that expects them as `preprocessing` says.
    func reading(for preprocessing: Preprocessing) -> ImageReadingOptions {
        var options = preprocessing.reading
        options.truncated = truncated
        options.rejectsSuspect = rejectsSuspect
        return options
    }

    /// The pictures for training, or to be divided: those of the table of classes if there is one.
    func pictures(
        in folder: FilePath, transform: any Transform, preprocessing: Preprocessing
    ) throws -> ImageFolder {
        guard let labels else {
            return try pictures(in: folder, classes: nil, transform: transform, preprocessing: preprocessing)
        }
        return try pictures(of: labels, in: folder, classes: nil, transform: transform, preprocessing: preprocessing)
    }

    /// The pictures of a table.
    func pictures(
        of table: FilePath, in folder: FilePath, classes: [String]?, transform: any Transform,
        preprocessing: Preprocessing
    ) throws(LabelFileError) -> ImageFolder {
        try ImageFolder(
            labels: table, root: folder, columns: .withOptionalHeadings(), classes: classes, transform: transform,
            options: reading(for: preprocessing), ignoresUnknownClasses: ignoresUnknownClasses)
    }

    /// The pictures of a folder with a folder for each class.
    ///
    /// *Throws* ``Failure`` if a class is empty or unknown, `ImageFolderError` if there are no classes.
    func pictures(
        in folder: FilePath, classes: [String]?, transform: any Transform, preprocessing: Preprocessing
    ) throws -> ImageFolder {
        do throws(ImageFolderError) {
            return try ImageFolder(
                folder, classes: classes, transform: transform, options: reading(for: preprocessing),
                allowsEmptyClasses: allowsEmptyClasses, ignoresUnknownClasses: ignoresUnknownClasses)
        } catch {
            throw error.isForgivable ? Failure(offering: error) as any Error : error
        }
    }
}

extension ImageFolderError {
    /// Whether there is an option that lets it pass.
    fileprivate var isForgivable: Bool {
        switch self {
        case .emptyClasses, .unknownClasses: true
        case .cannotOpen, .noClasses, .ambiguousClasses: false
        }
    }
}

extension Failure {
    /// What is wrong with a folder; the hint names the option that lets it pass, if there is one.
    init(offering error: ImageFolderError) {
        self.init(error)
        let remedy: String? =
            switch error {
            case .emptyClasses: "let the class be empty with \(OptionName.allowsEmptyClasses)"
            case .unknownClasses: "leave them out with \(OptionName.ignoresUnknownClasses)"
            case .cannotOpen, .noClasses, .ambiguousClasses: nil
            }
        if let remedy { hint = hint.map { "\($0), or \(remedy)" } ?? remedy }
    }
}
