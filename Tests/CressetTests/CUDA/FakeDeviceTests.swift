import Foundation
import Testing

extension CommandTests {
    /// The framework's whole GPU path, on a driver that runs the kernels on the CPU: the driver's settings change
    /// order, time and protection, none of which may change a result.
    @Suite struct FakeDeviceTests {
        /// How the driver works: `CRESSET_FAKE_CUDA_…`.
        enum Mode: String, CaseIterable, CustomTestStringConvertible {
            case forward, randomAndLate, guarded

            var settings: [String: String] {
                switch self {
                case .forward: [:]
                case .randomAndLate: ["ORDER": "random:3", "LATE": "1"]
                case .guarded: ["GUARD": "1"]
                }
            }
            var testDescription: String { rawValue }
        }

        private let folder = TemporaryFolder()

        private func run(
            _ arguments: String..., settings: [String: String] = [:]
        ) throws -> (status: Int32, output: String, errors: String) {
            // Only the trap's message is needed; a stack trace takes seconds and says no more.
            let variables = FakeMachine.variables(settings).merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
            let process = try CommandProcess(arguments, in: folder, variables: variables)
            // The first run compiles its kernels, which takes longer than running them.
            return (try process.status(within: 300), process.output, process.errors)
        }

        /// A measure of `cresset bench` on the fake GPU.
        private func figure(_ name: String, _ settings: [String: String]) throws -> Double {
            let process = try run("bench", "--device", "cuda:0", "--only", name, "--repeat", "1", settings: settings)
            #expect(process.status == 0, "\(process.output)\n\(process.errors)")
            let words = process.output.split(whereSeparator: \.isWhitespace)
            try #require(words.count == 4 && words[0] == name, "\(process.output)\n\(process.errors)")
            return try #require(Double(words[2]))
        }

        // MARK: What is right

        @Test(arguments: Mode.allCases) func lossesOfTrainingAreThoseOfTheCPU(_ mode: Mode) throws {
            #expect(try figure("check_losses_mlp", mode.settings) <= 1e-4)
        }

        @Test(arguments: Mode.allCases) func recordedStepsDoWhatTheProgramDid(_ mode: Mode) throws {
            #expect(try figure("graph_check", mode.settings) == 0)
        }

        @Test func float16TakesTheScalesOfTheCPU() throws {
            #expect(try figure("check_float16", Mode.randomAndLate.settings) <= 5e-3)
        }

        @Test(arguments: Mode.allCases) func threadsFindNothingOfOthersInTheirMemory(_ mode: Mode) throws {
            #expect(try figure("check_memory", mode.settings) == 0)
        }

        @Test(arguments: Mode.allCases) func twoDevicesGiveTheGradientsOfOne(_ mode: Mode) throws {
            let settings = mode.settings.merging(["DEVICES": "2"]) { $1 }
            #expect(try figure("check_parallel", settings) <= 1e-5)
        }

        @Test func theCommandTrainsToTheLossesOfTheCPU() throws {
            try folder.drawPictures(train: 1, validation: 1)
            let figures = try ["cpu", "cuda:0"].map { device in
                let process = try run(
                    "train", "data", "--weights", "none", "--epochs", "1", "--batch-size", "4", "--freeze", "--seed",
                    "7",
                    "--device", device, "--out", "run-\(device)")
                #expect(process.status == 0, "\(process.errors)")
                return try folder.figures(of: "run-\(device)")
            }
            #expect(figures[0].count == figures[1].count && figures[0].count > 1)
            for (a, b) in zip(figures[0].joined(), figures[1].joined()) where a != b {
                let (a, b) = (try #require(Double(a)), try #require(Double(b)))
                #expect(abs(a - b) <= 1e-4 * abs(a), "\(figures)")
            }
        }

        // MARK: What is wrong

        /// What a program prints that ends, by a trap unless `status` is given, when it runs the given probe.
        private func trap(
            _ probe: String, _ settings: [String: String] = [:], status: Int32? = nil
        ) throws -> (output: String, text: String) {
            let process = try run("bench", "--device", "cuda:0", "--probe", probe, settings: settings)
            let expected = status.map { [$0] } ?? [-SIGILL, -SIGTRAP]
            #expect(expected.contains(process.status), "\(process.output)\n\(process.errors)")
            return (process.output, process.errors)
        }

        @Test func devicesDoNotMix() throws {
            let text = try trap("mixture").text
            #expect(text.contains("add: a tensor of shape [2] on cpu and one of shape [2] on cuda:0"), "\(text)")
            #expect(text.contains("hint: move one with to(_:)"))
        }

        @Test(arguments: Mode.allCases) func labelsOutOfRangeAreNamedAtTheNextRead(_ mode: Mode) throws {
            let (output, text) = try trap("label", mode.settings)
            #expect(output == "asked\n")
            #expect(text.contains("crossEntropy: label 7 is not one of the 3 classes, 0 to 2"), "\(text)")
        }

        @Test(arguments: Mode.allCases) func integersDividedByZeroAreReportedAtTheNextRead(_ mode: Mode) throws {
            let (output, text) = try trap("division", mode.settings)
            #expect(output == "asked\n")
            #expect(text.contains("floorDivided: integers (int64, shape [2]) divided by zero"), "\(text)")
            #expect(text.contains("hint: convert with to(.float32)"))
        }

        @Test func theCPUReportsIntegersDividedByZeroAtOnce() throws {
            let process = try run("bench", "--probe", "division")
            #expect([-SIGILL, -SIGTRAP].contains(process.status), "\(process.errors)")
            #expect(process.output == "")
            #expect(process.errors.contains("floorDivided: integers (int64, shape [2]) divided by zero"))
        }

        @Test func recordedStepsCannotBeReadFrom() throws {
            let (output, text) = try trap("reading")
            #expect(output.split(separator: "\n").count == 3, "the steps before the recorded one: \(output)")
            #expect(text.contains("reading a tensor's elements cannot be part of a captured step"), "\(text)")
            #expect(text.contains("hint: keep it outside"))
        }

        @Test func exhaustedMemoryNamesWhatIsInUse() throws {
            let text = try trap("exhaustion", ["MEMORY": "\(64 << 20)"], status: 71).text
            #expect(text.contains("cuda:0: cannot allocate 4 MiB for float32 [1048576]: of "), "\(text)")
            #expect(text.contains("'s 64 MiB of memory, 64 MiB are in use"))
            #expect(text.contains("the largest allocations are 16 x float32 [1048576] (4 MiB)\n"))
            #expect(text.contains("hint: a smaller batch"))
        }
    }
}
