import Cresset
import CressetData

extension ImageFolder {
    /// A picture that could not be read, among those that were skipped.
    package func skippedFile(_ problem: SampleProblem) -> SkippedFile {
        let sample = samples[problem.index]
        return SkippedFile(path: sample.path, reason: problem.reason, label: sample.label, isPicture: true)
    }

    /// The folder without the pictures that are clearly unusable; these are added to ``skipped``.
    ///
    /// Only the beginning and the end of each file are read: its format, its size, and whether it ends as a complete
    /// picture does. Only a file without a proper end is decoded. That finds the common problems (empty, cut off,
    /// another format, too large, no permission) at a hundredth of the cost of decoding everything, which would take as
    /// long as reading the data for an epoch; damage in the middle is found when the picture is first used.
    ///
    /// - Parameter workers: The number of reading threads.
    package func checked(workers: Int) -> ImageFolder {
        let check = DataLoader(
            PictureCheck(samples: samples, options: options), batchSize: 64, workers: workers, prefetch: 8)
        let batches = check.batches()
        // The iteration fails only if nothing at all can be read; that is for the caller to report.
        while (try? batches.next()) ?? nil != nil {}
        let problems = check.problems.all
        return leavingOut(
            problems.filter(\.isSkipped).map { ($0.index, $0.reason) },
            misnamed: problems.filter { !$0.isSkipped }.map { ($0.index, $0.message) })
    }

    /// The folder without pictures that cannot be used, with a warning about files that are of another format than their
    /// names say; each by its index, and with the reason.
    func leavingOut(_ bad: [(index: Int, reason: String)], misnamed: [(index: Int, format: String)]) -> ImageFolder {
        let badIndices = Set(bad.map(\.index))
        var result = self
        result.samples = samples.indices.filter { !badIndices.contains($0) }.map { samples[$0] }
        result.skipped += bad.map {
            SkippedFile(
                path: samples[$0.index].path, reason: $0.reason, label: samples[$0.index].label, isPicture: true)
        }
        if let first = misnamed.first {
            result.warnings.append(
                "\(misnamed.count) picture\(misnamed.count == 1 ? " has" : "s have") another format's extension, such as "
                    + "\(name(of: first.index)) (\(first.format))")
        }
        return result
    }
}

/// Pictures that are checked without decoding them.
private struct PictureCheck: Dataset {
    let samples: [ImageFolder.Sample]
    let options: ImageReadingOptions
    var count: Int { samples.count }

    /// A header usually fits in this.
    private static let startByteCount = 4096
    /// How much may follow the end of a picture, such as a camera's preview, before the file is decoded to be sure.
    private static let tailByteCount = 1 << 16

    func name(of index: Int) -> String { samples[index].path.terminalText }

    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        do {
            let format = try check(samples[index].path)
            if let objection = format.objection(to: samples[index].path) { sample.flag(objection) }
        } catch let error as ImageFileError {
            throw error.reason
        }
        try sample.append(label: 0)
    }

    private func check(_ path: FilePath) throws -> PictureHeader.Format {
        let header: PictureHeader = try self.header(path)
        for count in [16, Self.tailByteCount] {
            let tail = try FileBytes(path, limit: count, atEnd: true)
            if tail.withBytes({ header.picture.ending.isIn($0) }) { return header.format }
        }
        return try DecodedImage.reading(path, options: options) { _ in header.format }
    }

    /// The header, if it is in order.
    private func header(_ path: FilePath) throws(ImageError) -> PictureHeader {
        // A colour profile, a preview or another picture may come before the size.
        for limit in [Self.startByteCount, PictureHeader.usualByteCount] {
            do throws(ImageError) {
                return try header(path, within: limit)
            } catch {
                guard case .truncated = error else { throw error }
            }
        }
        return try header(path, within: .max)
    }

    private func header(_ path: FilePath, within limit: Int) throws(ImageError) -> PictureHeader {
        let start = try FileBytes(path, limit: limit)
        let header = try start.withBytes { bytes throws(ImageError) in
            try PictureHeader(bytes, wholeCount: start.wholeCount)
        }
        if header.isTooShort { throw .truncated(header.format.rawValue) }
        return header
    }
}
