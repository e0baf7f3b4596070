import CressetVision

// What is odd about pictures that can be trained on: what `cresset train` warns of, and `cresset check` among other things.

extension TrainingData {
    /// What is to be said of the pictures without decoding them.
    ///
    /// - Parameters:
    ///   - train: The pictures for training.
    ///   - validation: Those for validation.
    ///   - layout: How the folder is laid out.
    ///   - isDivided: Whether both were taken from the same folder.
    ///   - isGiven: Whether the folder for validation was named by itself.
    ///   - copies: The files that are there twice.
    static func findings(
        _ train: ImageFolder, _ validation: ImageFolder, _ layout: FolderLayout, isDivided: Bool, isGiven: Bool,
        copies: PictureCopies
    ) -> [Finding] {
        var findings = (train.warnings + validation.warnings).map { Finding(.warning, .layout, $0) }
        if let beside = layout.passedOver(validation: validation.root) {
            findings.append(Finding(.warning, .layout, beside))
        }
        if !isDivided { findings += choice(of: validation.root, in: layout, isGiven: isGiven) }
        return findings + placeholders(train, validation) + imbalance(train) + missing(validation, of: train)
            + said(of: copies)
    }

    /// What is to be said of the folder whose pictures choose the best epoch.
    private static func choice(of folder: FilePath, in layout: FolderLayout, isGiven: Bool) -> [Finding] {
        var lines: [String] = []
        if isGiven {
            if let own = layout.validationFolder, SystemFiles.realPath(own) != SystemFiles.realPath(folder) {
                lines.append("\(own) is not used, but \(folder)")
            }
        } else if folder.name != "val" {
            lines.append("there is no \(folder.parent)/val; \(folder) is used instead")
        }
        if isTest(folder) {
            lines.append(
                "the best epoch is chosen by the pictures of \(folder.name), which are therefore no fair test any more: "
                    + "keep some apart as val")
        }
        return lines.map { Finding(.warning, .validation, $0) }
    }

    /// Pictures that are called what stands for a missing one. Where most of a class are called so, that is what it shows.
    private static func placeholders(_ train: ImageFolder, _ validation: ImageFolder) -> [Finding] {
        let found = [train, validation].flatMap { folder in
            let counts = folder.classCounts
            let named = folder.samples.filter { FolderScan.isNamedAsPlaceholder($0.path) }
            let byClass = Dictionary(grouping: named, by: \.label).mapValues(\.count)
            return named.filter { 2 * (byClass[$0.label] ?? 0) <= counts[$0.label] }.map(\.path)
        }
        guard let first = found.first else { return [] }
        let message =
            found.count == 1
            ? "1 picture is called like one that stands for a missing picture (\(first)): it teaches something wrong"
            : "\(found.count) pictures are called like one that stands for a missing picture, such as \(first): they teach "
                + "something wrong"
        return [
            Finding(
                .warning, .placeholder, message,
                hint: "look at \(found.count == 1 ? "it" : "them"), and remove what is no "
                    + "picture of its class", files: found.map { Finding.File(path: $0, remark: "") })
        ]
    }

    private static func imbalance(_ folder: ImageFolder) -> [Finding] {
        let counts = folder.classCounts
        // That a class is empty is a problem of its own.
        guard let least = counts.indices.filter({ counts[$0] > 0 }).min(by: { counts[$0] < counts[$1] }),
            let most = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[most] >= counts[least] * 20
        else { return [] }
        return [
            Finding(
                .warning, .balance,
                "\(counts[most]) pictures of \(folder.classes[most]), but \(counts[least]) of \(folder.classes[least]): "
                    + "the accuracy says little about small classes, the balanced accuracy does",
                hint: remedies(for: TrainingOptions()))
        ]
    }

    /// What makes small classes count, but for what the user has chosen already; empty if that is all.
    static func remedies(for options: TrainingOptions) -> String {
        let places = [
            options.classWeights == .balanced
                ? nil : "in the loss with \(OptionName.classWeights.set(to: "balanced"))",
            options.metric == .balancedAccuracy
                ? nil : "in the choice of the best epoch with \(OptionName.metric.set(to: "balanced-accuracy"))",
        ].compactMap(\.self)
        return places.isEmpty ? "" : "classes count the same " + places.joined(separator: ", and ")
    }

    private static func missing(_ folder: ImageFolder, of train: ImageFolder) -> [Finding] {
        let (counts, trained) = (folder.classCounts, train.classCounts)
        let names = folder.classes.indices.filter { counts[$0] == 0 && trained[$0] > 0 }.map { folder.classes[$0] }
        if names.isEmpty || folder.count == 0 { return [] }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return [
            Finding(
                .warning, .classes,
                "no validation pictures of \(names.prefix(5).joined(separator: ", "))\(more): the accuracy does not say "
                    + "whether \(names.count == 1 ? "this class is" : "these classes are") recognised")
        ]
    }

    private static func said(of copies: PictureCopies) -> [Finding] {
        func files(_ pairs: [PictureCopies.Pair]) -> [Finding.File] {
            pairs.map { Finding.File(path: $0.path, remark: "is \($0.original)") }
        }
        return zip(copies.warnings, copies.betweenParts.isEmpty ? [.contradiction] : [.leak, .contradiction]).map {
            (line: String, kind: Finding.Kind) in
            Finding(
                .warning, kind, line, files: files(kind == .leak ? copies.betweenParts : copies.betweenClasses))
        }
    }
}
