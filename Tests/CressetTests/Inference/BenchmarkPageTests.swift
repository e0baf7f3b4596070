import Cresset
import CressetCommands
import Testing

@Suite struct BenchmarkPageTests {
    @Test func figuresStandBesideTheirBounds() throws {
        var page = BenchmarkPage(Roofline(rates: [.float32: 1e9], bandwidth: 2e9))
        try Benchmark(only: "dispatch_add", repeats: 3) { page.add($0) }.run()
        page.add(
            Measurement(
                name: "step_x", variant: "cresset", value: 2, unit: "ms", spread: 0.25, work: Work(bytes: 1e6)))
        page.add(
            Measurement(
                name: "infer_x", variant: "cresset", value: 100, unit: "img/s", spread: nil,
                work: Work(operations: 5e6)))
        let lines = page.markdown
        #expect(lines.contains { $0.contains("1 in float32") && $0.contains("memory 2.0 GB/s") })
        #expect(lines.contains { $0.hasPrefix("| dispatch_add | cresset | ") && $0.hasSuffix(" % |  |") })
        // A million bytes take half a millisecond; five million operations half of a picture's hundredth of a second.
        #expect(lines.contains("| step_x | cresset | 2 | ms | 25 % | 25 % |"))
        #expect(lines.contains("| infer_x | cresset | 100 | img/s |  | 50 % |"))
    }
}
