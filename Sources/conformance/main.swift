// The runner of the conformance cases: the same folder of inputs and expected results for every device.
import CressetCommands
import Glibc

do {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    if let text = options.text {
        print(text, terminator: "")
    } else if let pixels = options.pixels {
        try pixels.run()
    } else if let first = options.firstCase {
        try Worker(options: options).run(from: first)
    } else {
        var supervisor = Supervisor(options: options)
        exit(try supervisor.run() ? 0 : 1)
    }
} catch {
    Terminal.standardError.writeLine("conformance: \(error)\n\(Options.usage)")
    exit(2)
}
