import ArgumentParser
import Cresset
import CressetTrain

/// The options that say where a command computes.
struct DeviceOptions: ParsableArguments {
    @Option(help: "The device: cpu, cuda:0 and so on, or auto, which is the first GPU if there is one.")
    var device = "auto"

    @Option(
        help: ArgumentHelp(
            "The type of products: float32, bfloat16, or auto (bfloat16 where the device is faster in it).",
            valueName: "type"))
    var precision = Precision.float32

    @Option(help: "Threads that compute (default: one for each processor that this process may use).")
    var threads: Int?

    func validate() throws {
        if let threads { try CommandProcess.validate(threads: threads) }
    }

    /// Sets the number of threads, if it is given.
    func setThreads() {
        if let threads { setThreadCount(threads) }
    }

    /// Throws `DeviceError` if there is no such device.
    func selected() throws -> Device { try Device(device) }
}

extension Precision: ExpressibleByArgument {}
