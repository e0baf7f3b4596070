import CressetData
import Testing

/// Datasets made of others.
@Suite struct SubsetTests {
    private func contents<D: Dataset>(_ data: D, epoch: Int = 0) throws -> [[[UInt8]]] {
        try DataLoader(data, seed: 5).batches(epoch: epoch).allContents.map(\.bytes)
    }

    @Test func subsetsAreAugmentedAsTheWhole() throws {
        let whole = CountedNumbers(count: 20)
        let some = whole.subset([7, 3, 7])
        #expect(some.count == 3 && some.name(of: 1) == "number 3")
        let all = try contents(whole, epoch: 2)
        #expect(try contents(some, epoch: 2) == [all[7], all[3], all[7]])
    }

    @Test func concatenationKeepsOrderAndNames() throws {
        let (a, b) = (CountedNumbers(count: 3), CountedNumbers(count: 4))
        let all = ConcatDataset([a, CountedNumbers(count: 0), b])
        #expect(all.count == 7 && all.name(of: 2) == "number 2" && all.name(of: 3) == "number 0")
        let joined = try contents(all)
        #expect(Array(joined[..<3]) == (try contents(a)))
        // The same sample of another part has random numbers of its own.
        #expect(joined[3][0] != joined[0][0] && joined[3][1] == joined[0][1])
        #expect(try contents(ConcatDataset([a]).subset([1]))[0] == joined[1])
    }

    @Test func randomSplitsShareNothing() {
        let parts = CountedNumbers(count: 103).randomSplit(fractions: [0.7, 0.2, 0.1], seed: 1)
        #expect(parts.map(\.count) == [73, 20, 10])
        #expect(parts.flatMap(\.indices).sorted() == Array(0..<103))
        #expect(parts[0].indices != parts[0].indices.sorted())
        let again = CountedNumbers(count: 103).randomSplit(counts: [73, 20, 10], seed: 1)
        #expect(again.map(\.indices) == parts.map(\.indices))
        let other = CountedNumbers(count: 103).randomSplit(counts: [73, 20, 10], seed: 2)
        #expect(other[0].indices != parts[0].indices)
        #expect(CountedNumbers(count: 0).randomSplit(fractions: [0.5, 0.5], seed: 1).map(\.count) == [0, 0])
    }
}
