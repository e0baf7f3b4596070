import Cresset

/// Collects the pictures below class folders.
package struct FolderScan {
    package private(set) var samples: [ImageFolder.Sample] = []
    package private(set) var skipped: [ImageFolder.SkippedFile] = []

    package init() {}

    /// Adds the pictures below `folder`: by directory, then by name, as torchvision orders them.
    ///
    /// - Parameters:
    ///   - folder: The folder of a class.
    ///   - label: The class.
    ///   - classes: The folders of all classes; links that lead to others of them are noted and not followed.
    /// - Throws: ``ImageFolderError`` if `folder` itself cannot be read; what cannot be read below it is noted and
    ///   skipped.
    package mutating func collect(
        _ folder: FilePath, label: Int, classes: ClassPlaces? = nil
    ) throws(ImageFolderError) {
        var directories: [FilePath: [FilePath]] = [:]
        // Links may lead back up: each real directory of a class is visited once.
        var visited: Set<DirectoryIdentity> = []
        var waiting = [(path: folder, isLinked: false)]
        while let (directory, isLinked) = waiting.popLast() {
            do throws(ImageError) {
                let entries = try listDirectory(directory)
                if isLinked, let objection = classes?.objection(to: directory, in: folder) {
                    note(directory, objection, label, isPicture: false)
                    continue
                }
                if try !visited.insert(resolve(directory).identity).inserted {
                    note(directory, "a link to a folder whose pictures are already included", label, isPicture: false)
                    continue
                }
                directories[directory] = sort(entries, of: directory, label, isLinked: isLinked, waiting: &waiting)
            } catch {
                if directory == folder { throw .cannotOpen(directory, error) }
                note(directory, error.explanation.problem, label, isPicture: true)
            }
        }
        for (_, files) in directories.sorted(by: { FilePath.isOrdered($0.key, before: $1.key) }) {
            samples += files.map { ImageFolder.Sample(path: $0, label: label) }
        }
    }

    /// The pictures among the entries of a directory; its sub-folders are added to `waiting`.
    private mutating func sort(
        _ entries: [(name: FilePath, kind: EntryKind)], of directory: FilePath, _ label: Int, isLinked: Bool,
        waiting: inout [(path: FilePath, isLinked: Bool)]
    ) -> [FilePath] {
        var pictures: [FilePath] = []
        for entry in entries where !FolderScan.isHidden(entry.name) {
            let path = directory.pushing(entry.name)
            do throws(ImageError) {
                switch entry.kind == .unknown ? try resolve(path).kind : entry.kind {
                case .directory: waiting.append((path, isLinked || entry.kind == .unknown))
                case .file: if accepts(path, label) { pictures.append(path) }
                case .special, .unknown: throw ImageError.notARegularFile
                }
            } catch {
                note(path, error.explanation.problem, label, isPicture: FolderScan.isNamedAsPicture(path))
            }
        }
        return pictures
    }

    /// Adds a picture that a table lists, unless it cannot be used.
    mutating func add(_ path: FilePath, label: Int, in place: PlaceBelow) {
        guard let full = place.place(of: path) else {
            note(place.root.pushing(path), "leads out of \(place.root)", label, isPicture: true)
            return
        }
        if !SystemFiles.exists(full) {
            note(full, "no such file", label, isPicture: true)
            return
        }
        do throws(ImageError) {
            if try resolve(full).kind != .file { throw .notARegularFile }
            if accepts(full, label) { samples.append(ImageFolder.Sample(path: full, label: label)) }
        } catch {
            note(full, error.explanation.problem, label, isPicture: true)
        }
    }

    private mutating func note(_ path: FilePath, _ reason: String, _ label: Int?, isPicture: Bool) {
        skipped.append(.init(path: path, reason: reason, label: label, isPicture: isPicture))
    }

    /// Notes files outside the class folders that look as if they should be used.
    mutating func noteOutside(_ path: FilePath, _ reason: String) {
        note(path, reason, nil, isPicture: FolderScan.isNamedAsPicture(path))
    }

    /// Whether there are pictures below `folder`, or what may hide some.
    package static func hasPictures(_ folder: FilePath) -> Bool {
        var scan = FolderScan()
        guard (try? scan.collect(folder, label: 0)) != nil else { return true }
        return !scan.samples.isEmpty || scan.skipped.contains(where: \.isPicture)
    }

    /// Whether `folder` is a run folder, or holds some and no picture: what training has left is no class.
    package static func holdsRuns(_ folder: FilePath) -> Bool {
        func isRun(_ folder: FilePath) -> Bool { SystemFiles.exists(folder.appending("run.json")) }
        if isRun(folder) { return true }
        var (hasRun, hasPicture) = (false, false)
        visitDirectory(folder) { name, kind in
            if kind == .directory { hasRun = hasRun || isRun(folder.pushing(name)) }
            // In the folder of a class this is the first entry, so that no class is listed twice.
            hasPicture = kind == .file && isNamedAsPicture(name)
            return !hasPicture
        }
        return hasRun && !hasPicture
    }

    /// Whether a file is called a picture by its name's extension.
    package static func isNamedAsPicture(_ path: FilePath) -> Bool {
        ImageFolder.extensions.contains(path.lowercasedExtension)
    }

    /// Whether a file is to be read as a picture; notes the reason if not.
    private mutating func accepts(_ path: FilePath, _ label: Int) -> Bool {
        // Such a name is believed: what is wrong with the file is found when its beginning is read.
        if FolderScan.isNamedAsPicture(path) { return true }
        // Others are few: a look inside says more than the name.
        guard let file = try? FileBytes(path, limit: FileKind.prefixLength) else {
            note(path, "cannot be read", label, isPicture: false)
            return false
        }
        let kind = file.withBytes { FileKind($0) }
        switch kind {
        case _ where PictureHeader.Format(kind) != nil:
            note(path, "a picture, but without a picture's extension (.jpg, .png)", label, isPicture: true)
        case .picture(let name):
            note(path, ImageError.unsupportedFormat(name).explanation.problem, label, isPicture: true)
        case .document(let kind), .unknown(let kind):
            note(path, "not a picture: \(file.count == 0 ? "empty file" : kind)", label, isPicture: false)
        case .jpeg, .png: break
        }
        return false
    }

    /// Hidden files, and files that operating systems leave behind.
    package static func isHidden(_ name: FilePath) -> Bool {
        name.bytes.first == UInt8(ascii: ".")
            || ["__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir"].contains { name == FilePath($0) }
    }
}
