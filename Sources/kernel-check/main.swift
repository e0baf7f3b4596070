import CressetBackend
import CressetCPU
import CressetCUDA
import Glibc

// usage: kernel-check [--device N] [FAMILY…]
//        kernel-check --list
//        kernel-check --plans [--verbose] GPU.json…
var arguments = Array(CommandLine.arguments.dropFirst())
if arguments == ["--list"] {
    for family in Family.all { print(family.name) }
    exit(0)
}
var device = 0
if arguments.first == "--device", arguments.count > 1 {
    device = Int(arguments[1]) ?? 0
    arguments.removeFirst(2)
}
if arguments.first == "--plans" {
    let verbose = arguments.dropFirst().first == "--verbose"
    exit(Plans.run(Array(arguments.dropFirst(verbose ? 2 : 1)), verbose: verbose) ? 0 : 1)
}
let unknown = arguments.filter { name in !(Family.all + Family.measurements).contains { $0.name == name } }
if !unknown.isEmpty {
    print("there is no family \(unknown.joined(separator: ", "))\n  hint: kernel-check --list lists them")
    exit(64)
}
if let reason = CUDABackend.unavailability {
    print(reason)
    exit(69)
}
let bench = Bench(CUDABackend.device(device))
print("\(bench.gpu.properties.name)")
for family in arguments.isEmpty ? Family.all : Family.all + Family.measurements
where arguments.isEmpty || arguments.contains(family.name) {
    family.run(bench)
}
print("\(bench.passed) passed, \(bench.failed) failed")
exit(bench.failed == 0 ? 0 : 1)
