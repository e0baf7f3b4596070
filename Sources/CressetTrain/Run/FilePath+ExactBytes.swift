import Cresset
import FoundationEssentials

extension FilePath {
    /// The path's bytes in base64, if its text for the terminal may not be the path itself.
    package var exactBytes: String? {
        terminalText.contains("\\") ? Data(bytes).base64EncodedString() : nil
    }

    /// The path that a file names by its text for the terminal and, where that is not enough, by its bytes in base64.
    ///
    /// Bytes that belong to another text are passed over.
    init(text: String, exactBytes: String?) {
        let exact = exactBytes.flatMap { Data(base64Encoded: $0) }.map { FilePath(bytes: $0) }
        self = exact.flatMap { $0.terminalText == text ? $0 : nil } ?? text.filePath
    }
}
