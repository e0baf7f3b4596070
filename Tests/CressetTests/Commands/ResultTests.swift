import CressetCommands
import CressetTrain
import Foundation
import Testing

extension CommandTests {
    /// Results that cannot be written are a failure, lost progress is none.
    @Suite struct ResultTests {
        private let folder = TemporaryFolder()

        @Test(arguments: [
            ["models"], ["models", "--json"], ["weights", "list"], ["doctor"], ["--help"], ["train", "--help"],
            ["--version"],
        ])
        func aDiskThatIsFullIsSaid(arguments: [String]) throws {
            let process = try CommandProcess(arguments, in: folder, shell: "exec \"$0\" \"$@\" > /dev/full")
            #expect(try process.status() == 74, "\(process.errors)")
            #expect(process.errors.hasPrefix("error: standard output: the results cannot be written: No space left"))
        }

        @Test func aClosedOutputIsSaid() throws {
            let process = try CommandProcess(["models"], in: folder, shell: "exec \"$0\" \"$@\" >&-")
            #expect(try process.status() == 74, "\(process.errors)")
            let silent = try CommandProcess(["models"], in: folder, shell: "exec \"$0\" \"$@\" <&- >&- 2>&-")
            #expect(try silent.status() == 74)
            let deaf = try CommandProcess(["models"], in: folder, shell: "exec \"$0\" \"$@\" <&- 2>&-")
            #expect(try deaf.status() == 0)
            #expect(deaf.output.contains("resnet18"))
        }

        /// `cresset models | true`, whether SIGPIPE is as it is by default or switched off.
        @Test(arguments: ["", "trap '' PIPE; "])
        func aReaderThatHasGoneIsNoError(setting: String) throws {
            let script = setting + "mkfifo pipe; sleep 5 < pipe & exec 3> pipe; kill $!; wait; exec \"$0\" \"$@\" >&3"
            let process = try CommandProcess(["models"], in: folder, shell: script)
            #expect(try process.status() == 141)
            #expect(!process.errors.contains("error"), "\(process.errors)")
        }

        @Test func lostProgressIsNoError() throws {
            let process = try CommandProcess(
                ["models", "resnet18"], in: folder, shell: "exec \"$0\" \"$@\" 2> /dev/full")
            #expect(try process.status() == 0)
        }
    }
}
