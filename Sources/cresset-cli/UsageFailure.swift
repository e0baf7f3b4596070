import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain

/// What is wrong with a command line, in the form of all failures.
enum UsageFailure {
    /// A first word that is not a subcommand.
    static func unknownSubcommand(_ line: [String]) -> Failure? {
        let words = line.first == "help" ? Array(line.dropFirst()) : line
        guard let word = words.first, !word.hasPrefix("-"), !names.contains(word), word != "help" else { return nil }
        let nearest = nearestName(to: word, among: names).map { "did you mean \($0)? There are " } ?? "there are "
        return Failure(
            "there is no subcommand \(word.isEmpty ? "''" : word)",
            hint: nearest + "\(names.joined(separator: ", "))", kind: .usage)
    }

    /// ArgumentParser's message in our form: starting in lower case, with a pointer to the help as a hint.
    static func of(_ message: String, _ line: [String]) -> Failure {
        let command = (["cresset"] + line.prefix(1).filter(names.contains)).joined(separator: " ")
        var text = message.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(
            separator: " ")
        text = text.replacing(/(Unknown option '(.*?)')\. Did you mean '(.*?)'\?/) { match in
            // It suggests anything that differs in three letters, which for short names is everything.
            nearestName(to: String(match.2), among: [String(match.3)]).map { "\(match.1); did you mean '\($0)'?" }
                ?? String(match.1)
        }
        if let first = text.first, first.isUppercase, text.dropFirst().first?.isLowercase == true {
            text = first.lowercased() + text.dropFirst()
        }
        if text.hasSuffix(".") { text.removeLast() }
        return Failure(text, hint: "see \(command) --help", kind: .usage)
    }

    private static let names = CressetCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
}
