import CressetVision

/// The decoded pictures of both parts, and what is to be said of them.
struct InspectedPictures {
    /// The pictures that can be used.
    let train: ImageFolder
    let validation: ImageFolder?
    let files: [CheckedFile]
    /// Those of the pictures that can be used: for training, then for validation.
    let fingerprints: [PictureFingerprint?]
    /// Those that are of one colour.
    private let plain: [FilePath]

    /// On fewer pixels than this there is little to be seen.
    private static let smallestSide = 32
    /// With fewer pictures than this there is little to be learnt of a class.
    private static let fewestPictures = 10
    /// A picture that stands for missing ones is there at least this often, and there are at most so many of them.
    private static let (fewestPlaceholders, mostPlaceholders) = (4, 5)
    /// The extensions of pictures in torchvision's `ImageFolder`.
    private static let torchvisionExtensions: Set = [
        "jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp",
    ]

    /// - Parameter inspections: What the pictures of `train` are, and then those of `validation`.
    init(_ train: ImageFolder, _ validation: ImageFolder?, _ inspections: [PictureInspection]) {
        let (own, others) = (Array(inspections.prefix(train.count)), Array(inspections.dropFirst(train.count)))
        self.train = train.checked(by: own)
        self.validation = validation?.checked(by: others)
        plain = zip(train.samples + (validation?.samples ?? []), inspections).filter { $0.1.isPlain }.map(\.0.path)
        fingerprints = inspections.filter { $0.problem == nil }.map(\.fingerprint)
        func files(_ folder: ImageFolder, _ part: Phase, _ inspections: [PictureInspection]) -> [CheckedFile] {
            zip(folder.samples, inspections).map { CheckedFile($0, part, in: folder, $1) }
                + folder.skipped.map { CheckedFile($0, part, in: folder) }
        }
        self.files =
            files(train, .training, own) + (validation.map { files($0, .validation, others) } ?? [])
    }

    var findings: [Finding] {
        [unusable, suspect, small, empty, everywhere].compactMap(\.self) + alike + few + odd
            + [foreign, passedOver].compactMap(\.self)
    }

    /// A finding about files, or nil if there are none.
    private func finding(
        _ severity: Finding.Severity, _ kind: Finding.Kind, _ files: [Finding.File], one: String, many: String
    ) -> Finding? {
        if files.isEmpty { return nil }
        return Finding(severity, kind, "\(files.count) \(files.count == 1 ? one : many)", files: files)
    }

    private func files(where isMeant: (CheckedFile) -> Bool, remark: (CheckedFile) -> String = { _ in "" }) -> [Finding
        .File]
    {
        files.filter(isMeant).map { Finding.File(path: $0.path, remark: remark($0)) }
    }

    // MARK: Files

    private var unusable: Finding? {
        let lost = files {
            $0.status == .unusable
        } remark: {
            $0.reason ?? ""
        }
        return finding(.warning, .unusable, lost, one: "file cannot be used", many: "files cannot be used")
    }

    private var suspect: Finding? {
        let odd = files {
            $0.status == .suspect
        } remark: {
            $0.reason ?? ""
        }
        return finding(.warning, .suspect, odd, one: "picture may be damaged", many: "pictures may be damaged")
    }

    private var passedOver: Finding? {
        let others = files {
            $0.status == .passedOver
        } remark: {
            $0.reason ?? ""
        }
        return finding(
            .note, .layout, others, one: "file is passed over, which is no picture in a class",
            many: "files are passed over, which are no pictures in a class")
    }

    /// Pictures of which another program makes less.
    private var foreign: Finding? {
        let others = files {
            $0.status != .passedOver && $0.status != .unusable
                && !Self.torchvisionExtensions.contains($0.path.lowercasedExtension)
        }
        return finding(
            .note, .layout, others, one: "picture has an extension that torchvision's ImageFolder passes over",
            many: "pictures have extensions that torchvision's ImageFolder passes over")
    }

    // MARK: Pictures

    private var small: Finding? {
        let side = Self.smallestSide
        let tiny = files {
            min($0.width ?? side, $0.height ?? side) < side
        } remark: {
            "\($0.width ?? 0) x \($0.height ?? 0) pixels"
        }
        return finding(
            .warning, .size, tiny, one: "picture has a side of less than \(side) pixels: there is little to see on it",
            many: "pictures have a side of less than \(side) pixels: there is little to see on them")
    }

    private var empty: Finding? {
        finding(
            .warning, .placeholder, plain.map { Finding.File(path: $0, remark: "") },
            one: "picture is of a single colour: there is nothing to see on it",
            many: "pictures are of a single colour: there is nothing to see on them")
    }

    /// Files that are equal, in several classes: what a server sent in place of pictures that it did not have any more.
    ///
    /// A picture with several labels is there as often as it has labels, but then there are many such pictures.
    private var everywhere: Finding? {
        let samples = train.samples + (validation?.samples ?? [])
        let equal = Dictionary(grouping: samples.indices) { fingerprints[$0]?.digest }
        let groups = equal.filter { digest, group in
            digest != nil && group.count >= Self.fewestPlaceholders && Set(group.map { samples[$0].label }).count > 1
        }.map(\.value).sorted { $0[0] < $1[0] }
        if groups.count > Self.mostPlaceholders { return nil }
        return finding(
            .warning, .placeholder, groups.flatMap { $0 }.map { Finding.File(path: samples[$0].path, remark: "") },
            one: "", many: "files in several classes are the same picture: it may stand for missing ones")
    }

    private var alike: [Finding] {
        let likenesses = PictureLikenesses(train, validation, fingerprints: fingerprints)
        func files(_ pairs: [PictureCopies.Pair], _ verb: String) -> [Finding.File] {
            pairs.map { Finding.File(path: $0.path, remark: "\(verb) \($0.original)") }
        }
        return [
            finding(
                .warning, .leak, files(likenesses.betweenParts, "looks like"),
                one:
                    "validation picture looks like one for training: what was learnt by heart makes the accuracy too high",
                many:
                    "validation pictures look like ones for training: what was learnt by heart makes the accuracy too high"
            ),
            finding(
                .warning, .contradiction, files(likenesses.betweenClasses, "looks like"),
                one: "picture looks like one of another class: one of the labels may be wrong",
                many: "pictures look like ones of other classes: some labels may be wrong"),
            finding(
                .note, .repetition, files(likenesses.copies, "is"),
                one: "picture is a copy of another in its class, which counts twice",
                many: "pictures are copies of others in their class, which count more than once"),
            finding(
                .note, .repetition, files(likenesses.likenesses, "looks like"),
                one: "picture looks like another in its class",
                many: "pictures look like others in their class"),
        ].compactMap(\.self)
    }

    private var few: [Finding] {
        let counts = zip(train.classes, train.classCounts).filter { (1..<Self.fewestPictures).contains($0.1) }
        if counts.isEmpty { return [] }
        let list = counts.prefix(5).map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let more = counts.count > 5 ? " and \(counts.count - 5) more classes" : ""
        return [Finding(.note, .balance, "there are few pictures of \(list)\(more): some dozens of each teach more")]
    }

    /// What is stored in another way, and read all the same.
    private var odd: [Finding] {
        let usable = { (file: CheckedFile) in file.status == .ok || file.status == .suspect }
        let appliesOrientation = train.options.appliesOrientation
        let turned = finding(
            .note, .orientation, files { usable($0) && $0.isTurned },
            one: appliesOrientation
                ? "picture is turned upright, as its camera noted; torchvision would not turn it"
                : "picture is not turned upright, though its camera noted how",
            many: appliesOrientation
                ? "pictures are turned upright, as their cameras noted; torchvision would not turn them"
                : "pictures are not turned upright, though their cameras noted how")
        let modes = ColorMode.allCases.map { mode in
            finding(
                .note, .mode, files { usable($0) && $0.modes.contains(mode) },
                one: "picture \(mode.words(train.options))",
                many: "pictures \(mode.words(train.options))")
        }
        return ([turned] + modes).compactMap(\.self)
    }
}

extension ColorMode {
    /// What becomes of such pictures.
    fileprivate func words(_ options: ImageReadingOptions) -> String {
        switch self {
        case .bilevel: "in black and white: read as RGB"
        case .grey: "in grey: read as RGB, with three equal channels"
        case .palette: "with a palette: read as RGB"
        case .inks: "in CMYK: read as RGB, without a colour profile"
        case .transparency:
            switch options.alpha {
            case .drop: "with transparency, which is dropped: hidden colours may show"
            case .overWhite: "with transparency: laid over white"
            case .overBlack: "with transparency: laid over black"
            }
        case .deep: "with more than 8 bits a channel: scaled to 8"
        }
    }
}

extension FolderLayout {
    /// Hidden folders among those of the classes: such names are no classes.
    func hiddenFindings(in root: FilePath) -> [Finding] {
        if isLabelled { return [] }
        let hidden = ((try? listDirectory(root)) ?? []).map(\.name).filter(FolderScan.isHidden)
            .map(root.pushing).filter { SystemFiles.isFolder($0) }
        let lost = hidden.filter(FolderScan.hasPictures)
        let others = hidden.filter { !lost.contains($0) }
        func finding(_ severity: Finding.Severity, _ folders: [FilePath], _ what: String) -> [Finding] {
            if folders.isEmpty { return [] }
            let names = Failure.list(folders.map { "\($0.lastComponent.map { "\($0)" } ?? "")" })
            return [
                Finding(
                    severity, .layout, "\(root): \(what): \(names)",
                    hint: severity == .note ? nil : "if it is a class, give it a name without a dot at its beginning")
            ]
        }
        return finding(.warning, lost, "hidden folders with pictures are passed over")
            + finding(.note, others, "hidden folders are passed over")
    }
}
