import ArgumentParser
import CressetTrain

/// `cresset doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine has of what Cresset runs on, and what is missing.",
        discussion: """
            The processor, oneDNN, NVIDIA's driver and libraries with the files they were opened from, and each GPU. What \
            is missing is named with what to do about it. The exit status is 0 where the CPU can be used; a GPU is no must.
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let diagnosis = Diagnosis.ofThisMachine()
        if json {
            try Results.writeLine(diagnosis.json())
        } else {
            for line in diagnosis.lines { try Results.writeLine(line) }
        }
        if !diagnosis.isUsable { throw ExitCode(ExitStatus.unavailable.rawValue) }
    }
}
