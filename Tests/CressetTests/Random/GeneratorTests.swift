import Cresset
import Foundation
import Testing

/// Expected numbers are those of PyTorch 2.15 on the CPU after `manual_seed`, as it prints them in full.
@Suite struct GeneratorTests {
    private func floats(_ count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
        var values = [Float](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { fill($0) }
        return values
    }

    private func doubles(_ count: Int, _ fill: (UnsafeMutableBufferPointer<Double>) -> Void) -> [Double] {
        var values = [Double](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { fill($0) }
        return values
    }

    private func integers(_ generator: Generator, _ count: Int, in range: Range<Int64>) -> [Int64] {
        var values = [Int64](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { generator.fillIntegers($0, in: range) }
        return values
    }

    @Test func uniform() {
        let generator = Generator(seed: 0)
        #expect(
            floats(3) { generator.fillUniform($0) } == [0.49625658988952637, 0.7682217955589294, 0.08847743272781372])
        generator.manualSeed(0)
        #expect(
            floats(3) { generator.fillUniform($0, from: -0.3, to: 0.7) }
                == [0.1962565779685974, 0.4682217836380005, -0.21152257919311523])
        generator.manualSeed(0)
        #expect(
            doubles(3) { generator.fillUniform($0) } == [0.9700530018065531, 0.707819864399788, 0.45938294312745087])
    }

    @Test func normalBelowSixteenElements() {
        let generator = Generator(seed: 0)
        #expect(
            floats(3) { generator.fillNormal($0) } == [1.5409960746765137, -0.293428897857666, -2.1787893772125244])
        // The fourth is the spare of the second pair.
        #expect(floats(1) { generator.fillNormal($0) } == [0.5684312582015991])
    }

    @Test func normalFromSixteenElementsOn() {
        let generator = Generator(seed: 0)
        #expect(
            floats(18) { generator.fillNormal($0) } == [
                -1.1258398294448853, -1.152360200881958, 0.5666506290435791, 0.7935083508491516, 0.5988394618034363,
                -1.5550950765609741, -0.3413603901863098, 1.85300612449646, 0.46809640526771545, -0.1577124446630478,
                -0.1733967512845993, 0.18347793817520142, 1.3893661499023438, 1.586334228515625, 0.946298360824585,
                -0.843676745891571, 0.9318265914916992, 1.2590092420578003,
            ])
        generator.manualSeed(0)
        #expect(
            doubles(18) { generator.fillNormal($0) }.prefix(3) == [
                -2.310411800234176, -0.3732508612577643, -1.2609246557194385,
            ])
    }

    @Test func normalHasItsMoments() {
        let values = floats(200_000) { Generator(seed: 5).fillNormal($0, mean: 2, standardDeviation: 3) }
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
        #expect(abs(mean - 2) < 0.03)
        #expect(abs(variance - 9) < 0.15)
    }

    @Test func integersOfARange() {
        let generator = Generator(seed: 0)
        #expect(integers(generator, 6, in: 0..<10) == [4, 9, 3, 0, 3, 9])
        // From 2^28 on, 64 bits are drawn for each.
        #expect(integers(generator, 3, in: 0..<(1 << 40)) == [841_157_541_223, 41_332_891_347, 91_845_220_082])
    }

    @Test func permutation() {
        #expect(Generator(seed: 0).permutation(count: 10) == [4, 1, 7, 5, 3, 9, 0, 8, 6, 2])
        #expect(Generator(seed: 43).permutation(count: 10) == [8, 4, 9, 0, 5, 1, 6, 7, 2, 3])
        #expect(Generator(seed: 43).permutation(count: 0) == [])
    }

    @Test func bernoulli() {
        let generator = Generator(seed: 0)
        #expect(
            floats(12) { generator.fillBernoulli($0, probability: 0.3) } == [0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1])
        generator.manualSeed(0)
        let probabilities = [Float](repeating: 0.3, count: 12)
        let drawn = floats(12) { buffer in
            probabilities.withUnsafeBufferPointer { generator.fillBernoulli(buffer, probabilities: $0) }
        }
        #expect(drawn == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func exponential() {
        #expect(
            floats(3) { Generator(seed: 0).fillExponential($0) } == [
                3.508326292037964, 1.2303847074508667, 0.615044116973877,
            ])
    }

    @Test func multinomial() {
        let weights: [Float] = [0.1, 0.2, 0.3, 0.4]
        let generator = Generator(seed: 0)
        #expect(
            generator.multinomial(weights: weights, count: 10, isReplacing: true) == [3, 3, 2, 3, 3, 3, 1, 2, 2, 1])
        generator.manualSeed(0)
        #expect(generator.multinomial(weights: weights, count: 3) == [2, 1, 3])
    }

    @Test func truncatedNormal() {
        let generator = Generator(seed: 1)
        #expect(
            floats(4) { generator.fillTruncatedNormal($0, from: -0.5, to: 2) } == [
                0.6613521575927734, 0.266924113035202, 0.06167725846171379, 0.6213173270225525,
            ])
        // Bounds that hold less than 0.3 of the distribution take the other path.
        generator.manualSeed(1)
        #expect(
            floats(4) { generator.fillTruncatedNormal($0, from: 1, to: 2) } == [
                1.757631540298462, 1.4387779235839844, 1.403069257736206, 1.5246658325195312,
            ])
    }

    @Test func orthogonal() {
        let expected: [Float] = [
            0.5739809274673462, -0.10929460823535919, -0.8115421533584595, -0.3454151153564453, -0.9308826923370361,
            -0.11893554031848907,
        ]
        let drawn = floats(6) { Generator(seed: 0).fillOrthogonal($0, rows: 2, columns: 3) }
        for (a, b) in zip(drawn, expected) { #expect(abs(a - b) < 1e-6) }
    }

    @Test func stateGoesOnWhereItStood() throws {
        let generator = Generator(seed: 7)
        _ = floats(101) { generator.fillUniform($0) }
        _ = floats(1) { generator.fillNormal($0) }
        let state = generator.state
        let expected = floats(7) { generator.fillNormal($0) }
        let other = Generator()
        try other.restore(state)
        #expect(other.seed == 7)
        #expect(floats(7) { other.fillNormal($0) } == expected)
    }

    @Test func refusesAStateThatCannotBeOne() {
        var state = Generator().state
        state.position = 700
        #expect(throws: GeneratorStateError.self) { try Generator().restore(state) }
        state = Generator().state
        state.words.removeLast()
        #expect(throws: GeneratorStateError.self) { try Generator().restore(state) }
    }

    /// As in PyTorch, whose generators for several GPUs have one seed and separate offsets.
    @Test func devicesHaveStreamsOfTheirOwn() throws {
        let generator = Generator(seed: 3)
        #expect(generator.advance(onGPU: 0, by: 8) == (3, 0))
        #expect(generator.advance(onGPU: 2, by: 16) == (3, 0))
        #expect(generator.advance(onGPU: 0, by: 4) == (3, 8))
        let other = Generator()
        try other.restore(generator.state)
        #expect(other.advance(onGPU: 0, by: 4) == (3, 12))
        #expect(other.advance(onGPU: 1, by: 4) == (3, 0))
        #expect(other.advance(onGPU: 2, by: 4) == (3, 16))
        generator.manualSeed(5)
        #expect(generator.advance(onGPU: 0, by: 4) == (5, 0))
    }

    @Test func generatorsOfThreadsDoNotDependOnTheirOrder() {
        func drawn(_ order: [Int]) -> (numbers: [UInt64], after: UInt64) {
            let generator = Generator(seed: 9)
            let parts = generator.split(3)
            var numbers = [UInt64](repeating: 0, count: 3)
            for i in order { numbers[i] = parts[i].next64() }
            return (numbers, generator.next64())
        }
        let (numbers, after) = drawn([0, 1, 2])
        #expect(Set(numbers).count == 3)
        #expect(drawn([2, 0, 1]) == (numbers, after))
        // Used once or three times, it advances alike; not used, it stays where it is.
        #expect(drawn([1]).after == after)
        #expect(drawn([]).after == Generator(seed: 9).next64())
        let next = Generator(seed: 9)
        _ = next.nextSeed()
        #expect(after == next.next64())
    }

    @Test func readsStatesOfDevicesWithASharedStream() throws {
        let generator = Generator(seed: 7)
        var saved = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(generator.state)) as? [String: Any])
        saved["deviceOffsets"] = nil
        saved["deviceOffset"] = 24
        let data = try JSONSerialization.data(withJSONObject: saved)
        #expect(try JSONDecoder().decode(Generator.State.self, from: data).deviceOffsets == [24])
    }

    @Test func readsStatesFromBeforeThereWereDevices() throws {
        let state = Generator(seed: 7).state
        var saved = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(state)) as? [String: Any])
        saved["deviceOffsets"] = nil
        let data = try JSONSerialization.data(withJSONObject: saved)
        #expect(try JSONDecoder().decode(Generator.State.self, from: data) == state)
    }

    @Test func currentCanBeReplacedForATask() {
        let drawn = Generator.$current.withValue(Generator(seed: 0)) { Generator.current.permutation(count: 10) }
        #expect(drawn == [4, 1, 7, 5, 3, 9, 0, 8, 6, 2])
    }
}
