import ArgumentParser
import Cresset
import CressetCommands
import CressetVision

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure this machine: one line per measure, `measure cresset value unit`.")

    @Option(help: "Run only measures whose names contain this, or one of several, separated by commas.") var only = ""
    @Option(help: "The device to measure: cpu, or a GPU such as cuda:0, which has its own measures.") var device = "cpu"
    @Option(help: "A folder with one folder per class under train, for the loader's measures.") var images: String?
    @Option(help: "How often each measure is repeated; the median is reported.") var `repeat` = 5
    @Option(help: "Threads that compute.") var threads = 2
    @Flag(help: "Print a page with the machine, the spread, and the machine's bounds beside each figure.")
    var markdown = false
    @Option(help: .hidden) var probe: String?

    func validate() throws {
        if !(1...10_000).contains(self.repeat) {
            throw ValidationError("--repeat must be from 1 to 10000, got \(self.repeat)")
        }
        try CommandProcess.validate(threads: threads)
    }

    func run() throws {
        setThreadCount(threads)
        let device = try Device(device)
        if let probe = probe.flatMap(Benchmark.Probe.init) {
            return try probe.run(on: device, network: only, repeats: self.repeat)
        }
        var page = markdown ? BenchmarkPage(Roofline()) : nil
        var benchmark = Benchmark(
            only: only, device: device, images: images.map { FilePath(argument: $0) }, repeats: self.repeat
        ) { measurement in
            if page == nil { return try Results.writeLine(measurement.line) }
            page!.add(measurement)
        }
        benchmark.countsWork = markdown
        try benchmark.run()
        for line in page?.markdown ?? [] { try Results.writeLine(line) }
    }
}
