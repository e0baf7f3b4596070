import Cresset

/// Collects the pictures below class folders.
package struct FolderScan {
    package private(set) var samples: [ImageFolder.Sample] = []
    package private(set) var skipped: [ImageFolder.SkippedFile] = []

    package init() {}

    /// Adds the pictures below `folder`: by directory, then by name, as torchvision orders them.
    ///
    /// - Throws: ``ImageFolderError`` if `folder` itself cannot be read; what cannot be read below it is noted and
    ///   skipped.
    package mutating func collect(_ folder: FilePath, label: Int) throws(ImageFolderError) {
        var directories: [FilePath: [FilePath]] = [:]
        // Links may lead back up: each real directory of a class is visited once.
        var visited: Set<DirectoryIdentity> = []
        var waiting = [folder]
        while let directory = waiting.popLast() {
            do throws(ImageError) {
                let entries = try listDirectory(directory)
                if try !visited.insert(resolve(directory).identity).inserted {
                    note(directory, "a link to a folder whose pictures are already included", label, isPicture: false)
                    continue
                }
                directories[directory] = sort(entries, of: directory, label, waiting: &waiting)
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
        _ entries: [(name: FilePath, kind: EntryKind)], of directory: FilePath, _ label: Int, waiting: inout [FilePath]
    ) -> [FilePath] {
        var pictures: [FilePath] = []
        for entry in entries where !FolderScan.isHidden(entry.name) {
            let path = directory.pushing(entry.name)
            do throws(ImageError) {
                switch entry.kind == .unknown ? try resolve(path).kind : entry.kind {
                case .directory: waiting.append(path)
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
