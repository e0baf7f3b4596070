import Cresset

/// The predictions of an evaluation as a CSV file, a row per picture.
public enum PredictionFile {
    static let header = "image,label,prediction,probability,label_probability,loss"

    /// Writes the predictions to the file at `path`, completely or not at all.
    ///
    /// *Throws* `AtomicFile.WriteError` if that is impossible.
    ///
    /// - Parameters:
    ///   - evaluation: The evaluation.
    ///   - path: The file, which is replaced if it exists.
    public static func write(_ evaluation: Evaluation, to path: FilePath) throws {
        try AtomicFile.write(to: path.filePath) { file in
            for line in lines(evaluation) { try file.write(line + "\n") }
        }
    }

    /// The lines of the file, its header first.
    package static func lines(_ evaluation: Evaluation) -> [String] {
        let names = evaluation.classes.map { cell(TerminalText.escaped($0)) }
        return [header]
            + evaluation.pictures.map { picture in
                [
                    cell(picture.path.terminalText), names[picture.label], names[picture.prediction],
                    "\(picture.probability)", "\(picture.labelProbability)", "\(picture.loss)",
                ].joined(separator: ",")
            }
    }

    /// A text as it is read from a cell: an apostrophe keeps a spreadsheet from computing it.
    static func text(_ text: String) -> String { text.first.map("=+-@".contains) == true ? "'" + text : text }

    /// A text as a cell: quoted where necessary (RFC 4180).
    package static func cell(_ text: String) -> String {
        let text = self.text(text)
        return text.contains(where: { $0 == "," || $0 == "\"" })
            ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
