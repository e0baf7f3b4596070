import Cresset
import CressetTrain
import CressetVision

// A file of options on a command line, where those of the line win.

extension TrainingConfiguration {
    /// Those that `cresset find-lr` has no use for: it looks for a learning rate, and leaves no run.
    private static let onlyForTraining: Set = ["epochs", "find-lr", "lr", "metric", "out", "patience", "time-limit"]

    /// What an option of the line takes the place of, besides itself: what a run's file always has, and what cannot be
    /// together with it.
    private static let overruled = [
        "find-lr": ["lr"], "lr": ["find-lr"], "freeze": ["freeze-epochs", "layer-decay"], "freeze-epochs": ["freeze"],
        "layer-decay": ["freeze"], "val": ["val-split"], "val-split": ["val"], "step-size": ["scheduler"],
        "gamma": ["scheduler"], "optimizer=rprop": ["weight-decay"], "scheduler=onecycle": ["warmup-epochs"],
    ]

    /// A command line of `cresset train` or `find-lr` in which the options of the file that it names, if it names one, come
    /// first: of two values the last one counts, so that those of the line win. What these overrule is left out, and what
    /// `find-lr` has no use for.
    ///
    /// *Throws* ``Failure`` if the file cannot be used.
    ///
    /// - Parameter line: The words after `cresset`.
    package static func expanded(_ line: [String]) throws -> [String] {
        guard let command = line.first, ["train", "find-lr"].contains(command) else { return line }
        let given = options(in: line)
        guard let name = given["config"] ?? nil else { return line }
        var values = try TrainingConfiguration(contentsOf: FilePath(argument: name)).values
        if command == "find-lr" { values = values.filter { !onlyForTraining.contains($0.key) } }
        for (option, value) in given where !isAsWithFrozenBody(option, value) {
            for key in (overruled[option] ?? []) + (value.flatMap { overruled["\(option)=\($0)"] } ?? []) {
                values[key] = nil
            }
        }
        return [command] + arguments(values) + line.dropFirst()
    }

    /// The options of a line by name, each with the value of its last mention: nil for a flag, or where the line ends. A flag
    /// that is switched off again is not among them.
    private static func options(in line: [String]) -> [String: String?] {
        let words = line.prefix { $0 != "--" }
        var options: [String: String?] = [:]
        for (index, word) in words.enumerated() where word.hasPrefix("--") {
            let name = word.dropFirst(2).prefix { $0 != "=" }
            if name.hasPrefix("no-") { options[String(name.dropFirst(3))] = nil }
            let isWhole = name.count + 2 == word.count
            let next = index + 1 < words.count ? words[index + 1] : nil
            options.updateValue(isWhole ? next : String(word.dropFirst(name.count + 3)), forKey: String(name))
        }
        return options
    }

    /// Whether an option says of layers only what is so as well where the body is frozen.
    private static func isAsWithFrozenBody(_ option: String, _ value: String?) -> Bool {
        guard let number = value.flatMap({ Double($0) }) else { return false }
        return option == "freeze-epochs" && number == 0 || option == "layer-decay" && number == 1
    }
}
