import Cresset
import CressetTrain
import Foundation
import Testing

extension CommandTests {
    /// Command lines that cannot be meant: one line that says what is wrong, a hint, and the status of wrong usage.
    @Suite struct CommandLineTests {
        private let folder = TemporaryFolder()

        private func expectUsage(
            _ line: String, _ texts: String..., at location: SourceLocation = #_sourceLocation
        ) throws {
            let arguments = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let process = try CommandProcess(arguments, in: folder)
            #expect(try process.status() == 64, "\(line): \(process.errors)", sourceLocation: location)
            let lines = process.errors.split(separator: "\n")
            #expect(lines.count == 2, "\(process.errors)", sourceLocation: location)
            #expect(lines.first?.hasPrefix("error: ") == true, "\(process.errors)", sourceLocation: location)
            #expect(lines.last?.hasPrefix("  hint: ") == true, "\(process.errors)", sourceLocation: location)
            for text in texts {
                #expect(process.errors.contains(text), "\(process.errors)", sourceLocation: location)
            }
            #expect(process.output.isEmpty, sourceLocation: location)
        }

        @Test func wordsThatAreNoSubcommand() throws {
            try expectUsage("trian data", "there is no subcommand trian", "did you mean train?")
            try expectUsage("help predcit", "there is no subcommand predcit", "did you mean predict?")
            try expectUsage(
                "zzz", "there is no subcommand zzz", "hint: there are check, find-lr, train, resume, evaluate, predict")
            try expectUsage("", "there is no subcommand ''")
        }

        @Test func devicesThatNoMachineHas() throws {
            for command in ["bench", "train data", "evaluate run data"] {
                try expectUsage("\(command) --device gpu", "there is no device \"gpu\"", "devices are cpu, cuda")
            }
        }

        @Test func optionsThatAreNoOption() throws {
            try expectUsage(
                "train data --modle x", "unknown option '--modle'; did you mean '--model'?", "cresset train --help")
            try expectUsage("train data --xyz", "unknown option '--xyz'\n")
            try expectUsage("--nonsense", "unknown option '--nonsense'\n", "see cresset --help")
            try expectUsage("train", "missing expected argument '<data>'")
            try expectUsage("train data --epochs", "missing value for '--epochs <epochs>'")
            try expectUsage("train data more", "unexpected argument 'more'")
        }

        @Test(arguments: [
            "epochs": ["0", "-1", "1.5", "", "nan", "1000000001", "9223372036854775807", "9223372036854775808"],
            "batch-size": ["0", "9223372036854775807", "-9223372036854775808", "1e3", "99999999999999999999"],
            "lr": ["nan", "inf", "-1", "-inf", "1e999", "x"], "momentum": ["nan", "-0.1", "1.1", "inf"],
            "weight-decay": ["nan", "-1", "inf"], "step-size": ["0", "-3"], "gamma": ["nan", "-1", "0", "inf"],
            "seed": ["-1", "18446744073709551616", "0x10"], "threads": ["0", "-1", "1025", "9223372036854775807"],
            "workers": ["-1", "65", "9223372036854775807"], "out": [""],
        ])
        func numbersThatCannotBe(option: String, values: [String]) throws {
            for value in values { try expectUsage("train nowhere --\(option)=\(value)", option) }
        }

        @Test func numbersOfOtherCommands() throws {
            for value in ["0", "-1", "x"] { try expectUsage("predict run x.jpg --top-k=\(value)", "--top-k") }
            for value in ["0", "-1", "9223372036854775807"] {
                try expectUsage("bench --repeat=\(value)", "--repeat")
                try expectUsage("bench --threads=\(value)", "--threads")
            }
        }

        /// As large as a number may be, and no trap: what is not there ends the command.
        @Test func numbersAtTheirLimits() throws {
            let huge = "9223372036854775807"
            let result = try cresset(
                "train", "nowhere", "--weights", "none", "--epochs", "1000000000", "--batch-size", "1000000",
                "--step-size", huge, "--patience", huge, "--freeze-epochs", huge, "--seed", "18446744073709551615",
                "--lr", "1e308", "--gamma", "5e-324", in: folder)
            #expect(result.status == 66, "\(result.errors)")
            #expect(try cresset("predict", "nowhere", "x.jpg", "--top-k", huge, in: folder).status == 66)
        }
    }
}
