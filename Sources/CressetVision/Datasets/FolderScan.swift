import Cresset

/// Collects the pictures below class folders.
struct FolderScan {
    private(set) var samples: [ImageFolder.Sample] = []
    private(set) var skipped: [ImageFolder.SkippedFile] = []

    /// Adds the pictures below `folder`: by directory, then by name, as torchvision orders them.
    mutating func collect(_ folder: FilePath, label: Int) throws(ImageFolderError) {
        var directories: [FilePath: [FilePath]] = [:]
        // Links may lead back: each real directory of a class is visited once.
        var visited: Set<DirectoryIdentity> = []
        var waiting = [folder]
        while let directory = waiting.popLast() {
            guard let identity = resolve(directory)?.identity, visited.insert(identity).inserted else { continue }
            do {
                directories[directory] = try scan(directory, waiting: &waiting)
            } catch {
                throw .cannotOpen(directory, error)
            }
        }
        for (_, files) in directories.sorted(by: { FilePath.isOrdered($0.key, before: $1.key) }) {
            samples += files.map { ImageFolder.Sample(path: $0, label: label) }
        }
    }

    /// The pictures directly in `directory`; its sub-folders are added to `waiting`.
    private mutating func scan(_ directory: FilePath, waiting: inout [FilePath]) throws(ImageError) -> [FilePath] {
        var pictures: [FilePath] = []
        for entry in try listDirectory(directory) where !FolderScan.isHidden(entry.name) {
            let path = directory.pushing(entry.name)
            var kind = entry.kind
            if kind == .unknown {
                guard let target = resolve(path) else {
                    skipped.append(.init(path: path, reason: "a link that leads nowhere"))
                    continue
                }
                kind = target.kind
            }
            switch kind {
            case .directory: waiting.append(path)
            case .file: if accepts(path) { pictures.append(path) }
            case .special, .unknown: skipped.append(.init(path: path, reason: "not a regular file"))
            }
        }
        return pictures
    }

    /// Whether a file is to be read as a picture; notes why not.
    private mutating func accepts(_ path: FilePath) -> Bool {
        let ending = path.lowercasedExtension
        if ["jpg", "jpeg", "png"].contains(ending) { return true }
        // Few files: a look inside says more than the name. What is known as a picture counts whatever its name.
        let isPictureName = ImageFolder.extensions.contains(ending)
        guard let file = try? FileBytes(path, limit: FileKind.prefixLength) else {
            if isPictureName { return true }
            skipped.append(.init(path: path, reason: "cannot be read"))
            return false
        }
        switch FileKind(file.bytes) {
        case .jpeg, .png:
            if isPictureName { return true }
            skipped.append(.init(path: path, reason: "a picture, but its name does not end like one (.jpg, .png)"))
        case .picture(let name):
            skipped.append(.init(path: path, reason: ImageError.unsupportedFormat(name).firstLine))
        case .document(let kind), .unknown(let kind):
            skipped.append(.init(path: path, reason: "not a picture: \(file.bytes.isEmpty ? "empty file" : kind)"))
        }
        return false
    }

    /// Hidden files, and what operating systems leave behind.
    static func isHidden(_ name: FilePath) -> Bool {
        name.bytes.first == UInt8(ascii: ".")
            || ["__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir"].contains { name == FilePath($0) }
    }
}
