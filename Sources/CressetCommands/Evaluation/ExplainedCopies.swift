import Cresset
import CressetTrain
import CressetVision

/// Copies of pictures that show what a network went by, in a folder: `cresset predict --gradcam`.
package final class ExplainedCopies {
    private let folder: FilePath
    private let classifier: Classifier
    private var names: Set<String> = []
    private var count = 0

    /// Makes the folder, if it is not there.
    ///
    /// *Throws* ``Failure`` if that is impossible.
    ///
    /// - Parameters:
    ///   - folder: The folder for the copies.
    ///   - classifier: The network.
    package init(_ folder: FilePath, _ classifier: Classifier) throws(Failure) {
        self.folder = folder
        self.classifier = classifier
        do throws(SystemError) {
            try SystemFiles.makeFolder(folder)
        } catch {
            throw Failure(system: error.code, making: folder)
        }
    }

    /// What was written, in words.
    package var summary: String {
        "\(count.counted("copy", "copies")) with what speaks for the likeliest class in \(folder.terminalText)"
    }

    /// Writes the copy of a picture, and returns its path.
    ///
    /// *Throws* `ImageFileError` if the copy cannot be written; others may be written all the same.
    ///
    /// - Parameters:
    ///   - path: The picture.
    ///   - name: The class in question.
    package func write(_ path: FilePath, _ name: String) throws -> FilePath {
        let copy = folder.appending(free(path))
        try classifier.explainedPicture(path, for: name).writeJPEG(to: copy, quality: 88)
        count += 1
        return copy
    }

    /// A name that no other copy has.
    private func free(_ path: FilePath) -> String {
        let whole = path.name
        // With what is added, a name must not grow too long for a file system.
        let stem = (whole.lastIndex(of: ".").map { whole.startIndex < $0 ? String(whole[..<$0]) : whole } ?? whole)
            .prefix(60)
        var name = String(stem), number = 1
        while !names.insert(name).inserted {
            number += 1
            name = "\(stem)-\(number)"
        }
        return name + ".gradcam.jpg"
    }
}
