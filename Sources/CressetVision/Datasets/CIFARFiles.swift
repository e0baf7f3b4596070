import Cresset

/// The files of a part of CIFAR, of either kind, in a folder or an archive.
struct CIFARFiles {
    private let path: FilePath
    private let collection: CIFAR.Collection
    private let part: CIFAR.Part
    private let verifies: Bool
    private let isPickled: Bool
    private let bytes: [String: [UInt8]]

    /// Larger than any published file: the training pictures of CIFAR-100 take 155 MB.
    private static let fileLimit = 200_000_000

    init(
        _ path: FilePath, _ collection: CIFAR.Collection, _ part: CIFAR.Part, verifies: Bool
    ) throws(ArchiveError) {
        (self.path, self.collection, self.part, self.verifies) = (path, collection, part, verifies)
        let files = Self.names(collection, part)
        let wanted = Set(files.pickled + files.binary + files.names)
        bytes =
            SystemFiles.isFolder(path)
            ? try Self.readFolder(path, collection, wanted) : try Self.readArchive(path, wanted, verifies: verifies)
        let found = bytes
        isPickled = files.pickled.allSatisfy { found[$0] != nil }
        guard isPickled || files.binary.allSatisfy({ found[$0] != nil }) else {
            throw ArchiveError(
                .missing, path, "lacks \(files.pickled.joined(separator: ", ")) (or the same in the binary version)",
                hint: "the archives are published at https://www.cs.toronto.edu/~kriz/cifar.html")
        }
    }

    private static func names(
        _ collection: CIFAR.Collection, _ part: CIFAR.Part
    ) -> (pickled: [String], binary: [String], names: [String]) {
        guard collection == .ten else {
            return ([part.rawValue], ["\(part).bin"], ["meta", "fine_label_names.txt", "coarse_label_names.txt"])
        }
        let parts = part == .train ? (1...5).map { "data_batch_\($0)" } : ["test_batch"]
        return (parts, parts.map { $0 + ".bin" }, ["batches.meta", "batches.meta.txt"])
    }

    // MARK: Where the files are

    private static func readFolder(
        _ path: FilePath, _ collection: CIFAR.Collection, _ wanted: Set<String>
    ) throws(ArchiveError) -> [String: [UInt8]] {
        let inner =
            collection == .ten
            ? ["cifar-10-batches-py", "cifar-10-batches-bin"] : ["cifar-100-python", "cifar-100-binary"]
        let folder = inner.map { path.appending($0) }.first { SystemFiles.isFolder($0) } ?? path
        var bytes: [String: [UInt8]] = [:]
        for name in wanted {
            let file = folder.appending(name)
            guard SystemFiles.exists(file) else { continue }
            do throws(RegularFile.ReadError) {
                bytes[name] = try RegularFile(file).read(upTo: fileLimit)
            } catch {
                throw ArchiveError(.unreadable, file, error.isOfNoFile ? "is not a regular file" : error.problem)
            }
        }
        return bytes
    }

    private static func readArchive(
        _ path: FilePath, _ wanted: Set<String>, verifies: Bool
    ) throws(ArchiveError) -> [String: [UInt8]] {
        let reader = try TarReader(path)
        var bytes: [String: [UInt8]] = [:]
        while let member = try reader.next() {
            let name = String(member.name.split(separator: "/").last ?? "")
            guard member.isFile, wanted.contains(name) else { continue }
            guard member.byteCount <= fileLimit else {
                throw ArchiveError(.malformed, path, "has \(member.byteCount) bytes of \(printable(name))")
            }
            guard bytes.updateValue(try reader.contents(of: member), forKey: name) == nil else {
                throw ArchiveError(.hostile, path, "has \(printable(name)) twice")
            }
        }
        return bytes
    }

    // MARK: What is in them

    /// The pictures' bytes and labels, file by file.
    func pictures() throws(ArchiveError) -> (pixels: [UInt8], labels: [UInt8]) {
        let files = Self.names(collection, part)
        var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
        for name in isPickled ? files.pickled : files.binary {
            let file = bytes[name]!
            let (newPixels, newLabels) = isPickled ? try unpickle(file, name) : try split(file, name)
            if let bad = newLabels.first(where: { Int($0) >= classCount }) { throw unknown(Int(bad), in: name) }
            pixels += newPixels
            labels += newLabels
        }
        return (pixels, labels)
    }

    private func unknown(_ label: Int, in name: String) -> ArchiveError {
        ArchiveError(.malformed, path, "\(name) has the label \(label) of \(classCount) classes")
    }

    private var classCount: Int {
        switch collection {
        case .ten: 10
        case .hundred: 100
        case .hundredCoarse: 20
        }
    }

    /// How many pictures a published file has.
    private var publishedCount: Int { collection == .ten || part == .test ? 10_000 : 50_000 }

    /// Records of one label (of CIFAR-100 two, the coarse one first) and 3,072 bytes of pixels.
    private func split(_ file: [UInt8], _ name: String) throws(ArchiveError) -> (pixels: [UInt8], labels: [UInt8]) {
        let labelCount = collection == .ten ? 1 : 2
        let recordCount = labelCount + CIFAR.pictureCount
        guard !file.isEmpty, file.count % recordCount == 0,
            !verifies || file.count == publishedCount * recordCount
        else {
            throw ArchiveError(
                .damaged, path,
                "\(name) has \(file.count) bytes, not \(publishedCount) records of \(recordCount)",
                hint: "copy or download it again")
        }
        var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
        pixels.reserveCapacity(file.count / recordCount * CIFAR.pictureCount)
        for start in stride(from: 0, to: file.count, by: recordCount) {
            labels.append(file[collection == .hundred ? start + 1 : start])
            pixels += file[(start + labelCount)..<(start + recordCount)]
        }
        return (pixels, labels)
    }

    private func unpickle(_ file: [UInt8], _ name: String) throws(ArchiveError) -> (pixels: [UInt8], labels: [UInt8]) {
        if verifies, let published = Self.published(collection)[name], let found = md5(of: file), found != published {
            throw ArchiveError(
                .damaged, path, "\(name) is not the published file: its MD5 is another",
                hint: "download it again, or read it with verifies: false")
        }
        let key =
            switch collection {
            case .ten: "labels"
            case .hundred: "fine_labels"
            case .hundredCoarse: "coarse_labels"
            }
        let found: (labels: [Int]?, data: (shape: [Int], bytes: [UInt8])?)
        do throws(CheckpointError) {
            let table = try PickledTable(file)
            found = (table.integers(key), try table.array("data"))
        } catch {
            throw ArchiveError(.malformed, path, "\(name): \(error.problem)", hint: error.hint)
        }
        guard let labels = found.labels, let data = found.data, !labels.isEmpty,
            data.shape == [labels.count, CIFAR.pictureCount]
        else {
            throw ArchiveError(.malformed, path, "\(name) does not have the arrays \"data\" and \"\(key)\" of CIFAR")
        }
        if let bad = labels.first(where: { !(0..<classCount).contains($0) }) { throw unknown(bad, in: name) }
        return (data.bytes, labels.map { UInt8($0) })
    }

    /// The names of the classes, or none if they are not with the pictures; there is one for each label.
    func classes(of labels: [UInt8]) throws(ArchiveError) -> [String] {
        let names = try classNames()
        if let last = labels.max(), !names.isEmpty, names.count <= Int(last) {
            throw ArchiveError(.malformed, path, "names \(names.count) classes, but has the label \(last)")
        }
        return names
    }

    private func classNames() throws(ArchiveError) -> [String] {
        let isCoarse = collection == .hundredCoarse
        let textFile =
            collection == .ten ? "batches.meta.txt" : isCoarse ? "coarse_label_names.txt" : "fine_label_names.txt"
        if let text = bytes[textFile] {
            return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        }
        guard let file = bytes[collection == .ten ? "batches.meta" : "meta"] else { return [] }
        do throws(CheckpointError) {
            let key = collection == .ten ? "label_names" : isCoarse ? "coarse_label_names" : "fine_label_names"
            return try PickledTable(file).texts(key) ?? []
        } catch {
            throw ArchiveError(.malformed, path, "its names of classes: \(error.problem)", hint: error.hint)
        }
    }

    /// The MD5 of the pickled files, as torchvision has them.
    private static func published(_ collection: CIFAR.Collection) -> [String: String] {
        collection == .ten
            ? [
                "data_batch_1": "c99cafc152244af753f735de768cd75f",
                "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
                "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
                "data_batch_4": "634d18415352ddfa80567beed471001a",
                "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
                "test_batch": "40351d587109b95175f43aff81a1287e",
            ] : ["train": "16019d7e3df5f24257cddd939b257f8d", "test": "f0ef6b0ae62326f3e7ffdfab6717acfc"]
    }
}
