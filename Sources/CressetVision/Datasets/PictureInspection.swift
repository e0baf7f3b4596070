import Cresset
import CressetData
import Synchronization

/// What a picture file is, found by decoding all of it.
package struct PictureInspection: Sendable {
    /// Why the file cannot be used; nil if it can.
    package private(set) var problem: String?
    /// Why it may not be what it should be, though it can be used; nil if nothing is odd.
    package private(set) var suspicion: String?
    /// The name of its format; nil if that is unknown.
    package private(set) var format: String?
    /// The size of the upright picture in pixels; nil if it is unknown.
    package private(set) var size: (width: Int, height: Int)?
    package private(set) var modes: Set<ColorMode> = []
    /// Whether its notes say that it must be turned or mirrored to be seen upright.
    package private(set) var isTurned = false
    /// Whether all of it is of one colour.
    package private(set) var isPlain = false
    /// What its format is if its name's extension promises another.
    private(set) var objection: String?
    package private(set) var fingerprint: PictureFingerprint?

    /// Nothing could be found out.
    fileprivate init(problem: String) { self.problem = problem }

    /// Reads and decodes a file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - options: How files are decoded.
    ///   - looks: Whether its looks are a part of the fingerprint.
    fileprivate init(_ path: FilePath, options: ImageReadingOptions, looks: Bool) {
        do {
            let digest = try readHeader(path)
            let (suspicion, isPlain, thumbnail) = try DecodedImage.reading(path, options: options) {
                ($0.suspicion, $0.image.isPlain, looks ? PictureFingerprint.thumbnail(of: $0.image) : nil)
            }
            (self.suspicion, self.isPlain) = (suspicion, isPlain)
            fingerprint = PictureFingerprint(digest: digest, thumbnail: thumbnail)
        } catch let error as ImageError {
            problem = error.explanation.problem
        } catch let error as ImageFileError {
            problem = error.reason.explanation.problem
        } catch {
            problem = "\(error)"
        }
    }

    /// Notes what the header says, and returns the SHA-256 of the file.
    private mutating func readHeader(_ path: FilePath) throws(ImageError) -> String {
        let file = try FileBytes(path)
        let (header, digest) = try file.withBytes { bytes throws(ImageError) in
            (try PictureHeader(bytes), sha256(of: Array(bytes)))
        }
        format = header.format.rawValue
        size = header.orientation.size(ofStored: header.width, header.height)
        modes = header.modes
        isTurned = header.orientation != .upright
        objection = header.format.objection(to: path)
        return digest
    }
}

extension Image {
    /// Whether all pixels have the first one's colour, but for what compression may have changed.
    fileprivate var isPlain: Bool {
        withPixels { pixels in
            (0..<height).allSatisfy { y in
                (0..<width * channels).allSatisfy { x in
                    abs(Int(pixels[y * rowStride + x]) - Int(pixels[x % channels])) <= 4
                }
            }
        }
    }
}

extension ImageFolder {
    /// Decodes every picture, which takes as long as reading the data for an epoch.
    ///
    /// - Parameters:
    ///   - looks: Whether fingerprints tell how pictures look, too.
    ///   - workers: The number of reading threads.
    ///   - progress: Called now and then with the number of pictures that were read.
    /// - Returns: What each of ``samples`` is, in their order.
    package func inspected(looks: Bool, workers: Int, progress: (Int) -> Void = { _ in }) -> [PictureInspection] {
        let inspector = PictureInspector(samples: samples, options: options, looks: looks)
        let batches = DataLoader(inspector, batchSize: 16, workers: workers).batches()
        var done = 0
        // The iteration fails only if nothing at all can be read; then nothing is known of any picture.
        while let batch = (try? batches.next()) ?? nil {
            done += batch.count
            progress(done)
        }
        let found = inspector.found.all
        return samples.indices.map { found[$0] ?? PictureInspection(problem: "cannot be read") }
    }

    /// The folder without the pictures that an inspection found unusable, and warned of as after ``checked(workers:)``.
    package func checked(by inspections: [PictureInspection]) -> ImageFolder {
        let all = inspections.enumerated()
        return leavingOut(
            all.compactMap { index, picture in picture.problem.map { (index, $0) } },
            misnamed: all.compactMap { index, picture in
                picture.problem == nil ? picture.objection.map { (index, $0) } : nil
            })
    }

    /// A folder with all that can be read of it, and why it cannot be used as it is; nil if it can.
    ///
    /// - Parameters:
    ///   - root: The folder that contains the class folders.
    ///   - classes: The classes of the training folder; nil if this is it.
    ///   - options: How files are decoded.
    ///   - allowsEmptyClasses: Whether a class folder may have no pictures.
    ///   - ignoresUnknownClasses: Whether there may be folders of other classes.
    /// - Throws: ``ImageFolderError`` if there are no classes at all, or two that cannot be told apart.
    package static func surveyed(
        _ root: FilePath, classes: [String]? = nil, options: ImageReadingOptions = .init(),
        allowsEmptyClasses: Bool = false, ignoresUnknownClasses: Bool = false
    ) throws(ImageFolderError) -> (folder: ImageFolder, problem: ImageFolderError?) {
        do throws(ImageFolderError) {
            let folder = try ImageFolder(
                root, classes: classes, transform: ToTensor(), options: options,
                allowsEmptyClasses: allowsEmptyClasses, ignoresUnknownClasses: ignoresUnknownClasses)
            return (folder, nil)
        } catch {
            switch error {
            case .cannotOpen, .noClasses, .ambiguousClasses: throw error
            case .emptyClasses, .unknownClasses: break
            }
            var folder = try ImageFolder(
                root, classes: classes, transform: ToTensor(), options: options, allowsEmptyClasses: true,
                ignoresUnknownClasses: true)
            // What was let pass is the problem, and needs no warning.
            folder.warnings = classes == nil ? ImageFolder.warnings(folder.classes, in: root) : []
            return (folder, error)
        }
    }
}

/// Inspects pictures; what it finds is kept beside the batches.
private struct PictureInspector: Dataset {
    final class Found: Sendable {
        private let byIndex = Mutex<[Int: PictureInspection]>([:])
        var all: [Int: PictureInspection] { byIndex.withLock { $0 } }
        func keep(_ inspection: PictureInspection, _ index: Int) { byIndex.withLock { $0[index] = inspection } }
    }

    let samples: [ImageFolder.Sample]
    let options: ImageReadingOptions
    let looks: Bool
    let found = Found()
    var count: Int { samples.count }

    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        found.keep(PictureInspection(samples[index].path, options: options, looks: looks), index)
        try sample.append(label: 0)
    }
}
