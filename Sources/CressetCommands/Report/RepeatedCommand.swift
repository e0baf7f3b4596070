import CressetTrain

/// The command line of a run as a shell takes it. Where `cresset resume` has asked for more epochs since, it asks for them.
struct RepeatedCommand: CustomStringConvertible {
    private var words: [String]

    init(_ record: RunRecord) {
        words = record.command
        if words.count > 1, words[1] == "train" { ask(for: record.options.epochs) }
    }

    private mutating func ask(for epochs: Int) {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        let options = words[..<end]
        if let index = options.lastIndex(of: "--epochs"), index + 1 < end {
            if Int(words[index + 1]) != epochs { words[index + 1] = "\(epochs)" }
        } else if let index = options.lastIndex(where: { $0.hasPrefix("--epochs=") }) {
            if words[index] != "--epochs=\(epochs)" { words[index] = "--epochs=\(epochs)" }
        } else if epochs != TrainingOptions().epochs || options.contains(where: { $0.hasPrefix("--config") }) {
            // A file of options may say anything.
            words.insert(contentsOf: ["--epochs", "\(epochs)"], at: end)
        }
    }

    var description: String {
        words.enumerated().map { index, word in
            Self.quoted(index == 0 ? String(word.split(separator: "/").last ?? "cresset") : word)
        }.joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,%+@".contains($0)) }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
