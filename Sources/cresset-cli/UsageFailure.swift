import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain

/// What is wrong with a command line, in the form of all failures.
enum UsageFailure {
    /// A first word that is not a subcommand, or one after a command that has subcommands of its own.
    static func unknownSubcommand(_ line: [String]) -> Failure? {
        var words = line.first == "help" ? Array(line.dropFirst()) : line
        var command: any ParsableCommand.Type = CressetCommand.self
        while !names(of: command).isEmpty {
            guard let word = words.first, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = subcommand(word, of: command) else { return unknown(word, of: command) }
            command = next
            words.removeFirst()
        }
        return nil
    }

    private static func unknown(_ word: String, of command: any ParsableCommand.Type) -> Failure {
        let names = names(of: command)
        let nearest = nearestName(to: word, among: names).map { "did you mean \($0)? There are " } ?? "there are "
        return Failure(
            "there is no subcommand \(word.isEmpty ? "''" : word)",
            hint: nearest + "\(names.joined(separator: ", "))", kind: .usage)
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        command.configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    private static func subcommand(_ name: String, of command: any ParsableCommand.Type) -> (any ParsableCommand.Type)?
    {
        command.configuration.subcommands.first { $0.configuration.commandName == name }
    }

    /// The commands that `line` begins with: `cresset weights fetch`.
    private static func commands(in line: [String]) -> String {
        var command: any ParsableCommand.Type = CressetCommand.self
        var found = ["cresset"]
        for word in line {
            guard let next = subcommand(word, of: command) else { break }
            found.append(word)
            command = next
        }
        return found.joined(separator: " ")
    }

    /// ArgumentParser's message in our form: starting in lower case, with a pointer to the help as a hint.
    static func of(_ message: String, _ line: [String]) -> Failure {
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
        return Failure(text, hint: "see \(commands(in: line)) --help", kind: .usage)
    }
}
