import CressetOptim
import Testing

@Suite struct DataParallelTests {
    private func makeNetwork() -> Sequential { Sequential(Linear(3, 8), ReLU(), Linear(8, 2)) }

    @Test(arguments: [1, 2, 5, 7]) func gradientsAreThoseOfOneDevice(batch: Int) throws {
        let generator = Generator(seed: 3)
        let network = Generator.$current.withValue(generator) { makeNetwork() }
        let parallel = try DataParallel(network, devices: [.cpu, .cpu, .cpu]) { makeNetwork() }
        let x = Tensor.normal([batch, 3], generator: generator)
        let labels = Tensor((0..<batch).map { Int64($0 % 2) })
        let alone = network(x).crossEntropy(labels)
        let together = parallel(x).crossEntropy(labels)
        #expect(abs(alone.item() - together.item()) < 1e-6)
        let (a, b) = (alone.gradients(), together.gradients())
        for parameter in network.parameters {
            let difference = (a[parameter]! - b[parameter]!).abs().amax().item()
            #expect(difference < 1e-6)
        }
    }

    @Test func replicasFollowTheNetwork() throws {
        let network = makeNetwork()
        let parallel = try DataParallel(network, devices: [.cpu, .cpu]) { makeNetwork() }
        let optimizer = try SGD(parallel.parameters, lr: 0.5)
        let x = Tensor.ones([4, 3])
        let labels = Tensor([0, 1, 0, 0] as [Int64])
        var losses: [Double] = []
        for _ in 0..<5 {
            let loss = parallel(x).crossEntropy(labels)
            losses.append(loss.item())
            optimizer.step(loss.gradients())
        }
        #expect(losses.last! < losses.first!)
        let difference = withoutGradients { (parallel(x) - network(x)).abs().amax().item() }
        #expect(difference < 1e-6)
        #expect(parallel.stateDict().keys.allSatisfy { $0.hasPrefix("module.") })
    }

    /// Dropout of each part comes from a generator of its own, not from whichever thread draws first.
    @Test func dropoutDoesNotDependOnTheThreads() throws {
        let network = Dropout(0.5)
        let parallel = try DataParallel(network, devices: [.cpu, .cpu, .cpu]) { Dropout(0.5) }
        let x = Tensor.ones([3, 1000])
        func run(seed: UInt64, twice: Bool = false) -> [Float] {
            Generator.$current.withValue(Generator(seed: seed)) {
                if twice { _ = parallel(x) }
                return parallel(x).scalars(as: Float.self)
            }
        }
        let expected = run(seed: 5)
        for _ in 0..<20 { #expect(run(seed: 5) == expected) }
        #expect(run(seed: 6) != expected && run(seed: 5, twice: true) != expected)
        let parts = (0..<3).map { Array(expected[$0 * 1000..<($0 + 1) * 1000]) }
        #expect(parts[0] != parts[1] && parts[1] != parts[2])
        // Evaluation draws nothing, so that it does not change the training that follows.
        let generator = Generator(seed: 5)
        parallel.eval()
        Generator.$current.withValue(generator) { _ = parallel(x) }
        #expect(generator.state == Generator(seed: 5).state)
    }
}
