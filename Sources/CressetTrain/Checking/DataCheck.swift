import Cresset
import CressetVision

/// Everything worth knowing about a folder of pictures before training on it: all files are decoded, which takes as long as
/// reading them for an epoch.
///
/// ```swift
/// let check = try DataCheck("pets")
/// for finding in check.findings { print(finding.severity, finding.message) }
/// ```
///
/// What it calls a problem is what ``TrainingData`` refuses, or what would end a run after its first epoch.
public struct DataCheck: Sendable {
    /// The pictures for training that can be used; with those for validation, if these would be taken from them.
    public let train: ImageFolder
    /// Those for validation; nil if there is no folder for it.
    public let validation: ImageFolder?
    /// How a run with the usual seed would divide them; nil if there is a folder for validation.
    public let division: FolderSplit?
    /// What was found, problems first.
    public let findings: [Finding]
    /// Every file that is a picture or should be one, and every file that was passed over.
    public let files: [CheckedFile]

    /// Whether the pictures can be trained on.
    public var isAccepted: Bool { !findings.contains { $0.severity == .problem } }

    /// Checks a folder, laid out as ``TrainingData`` expects it.
    ///
    /// *Throws* ``Failure`` or `ImageFolderError` if there is no such folder, or nothing in it that looks like classes;
    /// `LabelFileError` if a table of classes cannot be used.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `train` and `val`, or the folders of the classes.
    ///   - given: A folder with the pictures for validation, one folder per class; nil for one in `path`.
    ///   - limit: How many pictures may be unusable.
    ///   - workers: The number of threads that decode them.
    ///   - preprocessing: How files are read: of this, transparency and orientation count.
    ///   - selection: Which files are used, and which of what is wrong with folders is let pass.
    ///   - progress: Called now and then with the number of pictures that were decoded, and the number of all.
    public init(
        _ path: some PathConvertible, validation given: (any PathConvertible)? = nil,
        limit: BadPictureLimit = .standard, workers: Int = 2, preprocessing: Preprocessing = .init(),
        selection: PictureSelection = .init(), progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let layout = FolderLayout(path.filePath, isLabelled: selection.labels != nil), given = given?.filePath
        if let problem = given.map(layout.problem(validation:)) ?? layout.problem { throw problem }
        let undivided = given == nil ? layout.undividedFolder : nil
        let place = given ?? layout.validationFolder
        var survey = Survey(limit: limit, selection: selection, preprocessing: preprocessing)
        let trained = try survey.scan(undivided ?? layout.trainingFolder, labels: selection.labels)
        let validated = try undivided == nil ? place.map { try survey.scan($0, classes: trained.classes) } : nil
        let whole = trained.count + (validated?.count ?? 0)
        let looks = whole <= FolderSplit.looksLimit
        let inspections = trained.inspected(looks: looks, workers: workers) { progress($0, whole) }
        let others =
            validated?.inspected(looks: looks, workers: workers) { progress(trained.count + $0, whole) } ?? []
        let pictures = InspectedPictures(trained, validated, inspections + others)
        let (train, validation) = (pictures.train, pictures.validation)
        if selection.allowsEmptyClasses || train.classes.count == 1,
            let failure = TrainingData.problem(train, also: place, labels: selection.labels)
        {
            survey.findings.append(Finding(.classes, failure))
        }
        for folder in [train, validation].compactMap(\.self) { survey.refuse(folder) }
        let division =
            undivided == nil ? nil : survey.divide(train, looks: looks, fingerprints: pictures.fingerprints)
        let digests = pictures.fingerprints.enumerated().map { ($0, $1?.digest) }
        let copies = PictureCopies(train, validation, digests: digests)
        let parts = division.map { ($0.training, $0.validation) } ?? validation.map { (train, $0) }
        if let parts {
            survey.findings += TrainingData.findings(
                parts.0, parts.1, layout, isDivided: division != nil, isGiven: given != nil, copies: copies)
        }
        (self.train, self.validation, self.division, files) = (train, validation, division, pictures.files)
        let all = survey.findings + pictures.findings + layout.hiddenFindings(in: train.root)
        findings = Finding.Severity.allCases.flatMap { severity in all.filter { $0.severity == severity } }
    }

    /// What keeps pictures from being trained on, as far as the folders show.
    private struct Survey {
        let limit: BadPictureLimit
        let selection: PictureSelection
        let preprocessing: Preprocessing
        var findings: [Finding] = []

        /// All that can be read of a folder.
        mutating func scan(_ root: FilePath, classes: [String]? = nil, labels: FilePath? = nil) throws -> ImageFolder {
            if let labels {
                return try selection.pictures(
                    of: labels, in: root, classes: classes, transform: ToTensor(), preprocessing: preprocessing)
            }
            let (folder, problem) = try ImageFolder.surveyed(
                root, classes: classes, options: selection.reading(for: preprocessing),
                allowsEmptyClasses: selection.allowsEmptyClasses,
                ignoresUnknownClasses: selection.ignoresUnknownClasses)
            if let problem { findings.append(Finding(.classes, Failure(offering: problem))) }
            return folder
        }

        mutating func refuse(_ folder: ImageFolder) {
            if let failure = limit.problem(of: folder) { findings.append(Finding(.unusable, failure)) }
        }

        /// The folder as a run would divide it.
        mutating func divide(
            _ folder: ImageFolder, looks: Bool, fingerprints: [PictureFingerprint?]
        ) -> FolderSplit {
            let split = FolderSplit(
                folder, validation: TrainingData.usualShare, seed: TrainingOptions().seed, comparesLooks: looks,
                fingerprints: fingerprints)
            if split.validation.count == 0 { findings.append(Finding(.classes, TrainingData.tooFew(folder))) }
            return split
        }
    }
}
