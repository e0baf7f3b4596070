import ArgumentParser
import Cresset
import CressetTrain
import CressetVision

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure this machine: `measure cresset value unit`, a line each.")

    @Option(help: "Run only the measures whose names contain this, or one of several between commas.") var only = ""
    @Option(help: "What is measured: cpu, or a GPU such as cuda:0, which has measures of its own.") var device = "cpu"
    @Option(help: "A folder with one folder a class under train, for the loader's measures.") var images: String?
    @Option(help: "How often each measure is repeated; the median counts.") var `repeat` = 5
    @Option(help: "Threads of the operators.") var threads = 2
    @Option(help: .hidden) var probe: String?

    func validate() throws {
        if !(1...10_000).contains(self.repeat) {
            throw ValidationError("--repeat must be from 1 to 10000, got \(self.repeat)")
        }
        if !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024, got \(threads)") }
    }

    func run() throws {
        setThreadCount(threads)
        let device = try Device(device)
        if let probe = probe.flatMap(Benchmark.Probe.init) { return try probe.run(on: device) }
        try Benchmark(
            only: only, device: device, images: images.map { FilePath(argument: $0) }, repeats: self.repeat,
            report: Results.writeLine
        ).run()
    }
}
