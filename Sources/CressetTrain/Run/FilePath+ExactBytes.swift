import Cresset
import FoundationEssentials

extension FilePath {
    /// The path's bytes in base64, if its text for the terminal may not be the path itself.
    package var exactBytes: String? {
        terminalText.contains("\\") ? Data(bytes).base64EncodedString() : nil
    }
}
