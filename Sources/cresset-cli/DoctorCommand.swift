import ArgumentParser
import CressetCommands

/// `cresset doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Report what Cresset needs on this machine, and what is missing.",
        discussion: """
            Lists the processor, oneDNN, NVIDIA's driver and libraries with the files they were opened from, and each \
            GPU. For anything missing it says what to do. The exit status is 0 if the CPU can be used; a GPU is optional.
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let diagnosis = Diagnosis.ofThisMachine()
        if json {
            try Results.writeLine(Results.json(diagnosis, isPretty: true))
        } else {
            for line in diagnosis.lines { try Results.writeLine(line) }
        }
        if !diagnosis.isUsable { throw ExitCode(ExitStatus.unavailable.rawValue) }
    }
}
