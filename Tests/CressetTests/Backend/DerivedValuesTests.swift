import Cresset
import CressetBackend
import CressetCPU
import CressetNN
import Testing

/// What is kept with a storage belongs to one version of its contents.
@Suite struct DerivedValuesTests {
    private struct Key: Hashable, Sendable { let part: Int }
    private struct OtherKey: Hashable, Sendable { let part: Int }

    @Test func valuesAreComputedOnceForEachVersion() {
        let storage = CPUBackend.shared.allocate(byteCount: 64)
        var count = 0
        func value<K: Hashable & Sendable>(_ key: K) -> Int {
            storage.derivedValues.value(for: key) {
                count += 1
                return count
            }
        }
        #expect([value(Key(part: 0)), value(Key(part: 0)), value(Key(part: 1))] == [1, 1, 2])
        // Another kind of key, another kind of value.
        #expect(value(OtherKey(part: 0)) == 3)
        #expect(storage.derivedValues.value(for: Key(part: 0)) { "text" } == "text")
        let old = storage.derivedValues
        storage.contentsChanged()
        #expect(value(Key(part: 0)) == 4 && storage.derivedValues !== old)
    }

    @Test func differentInputsDoNotFillTheMemory() {
        let values = DerivedValues()
        for part in 0..<100 { _ = values.value(for: Key(part: part)) { part } }
        var isKept = true
        _ = values.value(for: Key(part: 0)) {
            isKept = false
            return 0
        }
        #expect(!isKept)
    }

    @Test(arguments: [false, true]) func writingToAWeightChangesWhatFollows(isTransposed: Bool) {
        let weight = Tensor.normal([8, 8, 3, 3], generator: Generator(seed: 1))
        var held = weight
        let x = Tensor.normal([1, 8, 6, 6], generator: Generator(seed: 2))
        func run(_ weight: Tensor) -> Tensor {
            withoutGradients { isTransposed ? x.transposedConvolution(weight: weight) : x.convolution(weight: weight) }
        }
        let first = run(held)
        #expect((run(held) .== first).all().item() == 1)
        held[0] = Tensor.zeros([8, 3, 3])
        #expect((run(held) .== run(held * 1)).all().item() == 1)
        #expect((run(held) .== first).all().item() == 0)
    }
}
