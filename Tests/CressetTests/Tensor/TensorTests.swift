import Cresset
import Testing

@Suite struct TensorTests {
    let x = Tensor((0..<24).map { Float($0) }, shape: [2, 3, 4])

    @Test func viewsShareMemoryAndCopiesOnWriteDoNot() {
        var row = x[0, 1]
        #expect(row.scalars(as: Float.self) == [4, 5, 6, 7])
        row[0] = Tensor(9 as Float)
        #expect(row.scalars(as: Float.self) == [9, 5, 6, 7])
        #expect(x[0, 1, 0].item() == 4)
    }

    @Test func positionsOfASubscript() {
        #expect(x[1].shape == [3, 4])
        #expect(x[-1, 0..<2, .all].shape == [2, 4])
        #expect(x[.ellipsis, 0].scalars(as: Int.self) == [0, 4, 8, 12, 16, 20])
        #expect(x[.newAxis, 0].shape == [1, 3, 4])
        #expect(x[0, 1..., 2...3].shape == [2, 2])
        #expect(
            x[TensorIndex.slice(start: 0, end: nil, step: 1), 0, TensorIndex.slice(start: 0, end: 4, step: 2)].shape
                == [2, 2])
    }

    @Test func aClosedRangeMayEndAtTheLastElement() {
        #expect(x[0, 0, (-3)...(-1)].scalars(as: Int.self) == [1, 2, 3])
    }

    @Test func assigningIsInPlaceWhereTheMemoryIsOwn() {
        var y = Tensor.zeros([4])
        func address() -> Int { y.withUnsafeBytes { Int(bitPattern: $0.baseAddress) } }
        let before = address()
        y[1] = Tensor(5 as Float)
        y[2...3] = y[0...1] + 1
        #expect(address() == before)
        #expect(y.scalars(as: Int.self) == [0, 5, 1, 6])
        y[0..<2] = y[2..<4]
        #expect(y.scalars(as: Int.self) == [1, 6, 1, 6])
    }

    @Test func assigningBroadcastsAndHasAGradient() {
        var y = Tensor.zeros([2, 3])
        let value = Tensor([1, 2, 3] as [Float]).requiringGradient()
        y[.all, 0..<3] = value
        #expect(y.scalars(as: Int.self) == [1, 2, 3, 1, 2, 3])
        #expect((y * y).sum().gradients()[value]!.scalars(as: Float.self) == [4, 8, 12])
    }

    @Test func reshapingCopiesOnlyWhereItMust() {
        #expect(x.reshaped([6, -1]).shape == [6, 4])
        let turned = x.permuted([2, 0, 1])
        #expect(turned.reshaped([4, 6]).scalars(as: Int.self).prefix(7) == [0, 4, 8, 12, 16, 20, 1])
        let last = x.reshaped([2, 3, 2, 2]).channelsLast()
        #expect(last.reshaped([2, 12]).scalars(as: Int.self) == Array(0..<24))
        #expect(last.flattened(from: 2).scalars(as: Int.self) == Array(0..<24))
    }

    @Test func promotionIsPyTorchs() {
        let i = Tensor([1, 2])
        #expect((i + 1).dtype == .int64)
        #expect((i + 1.5).dtype == .float32)
        #expect((i / 2).dtype == .float32)
        #expect((Tensor([true]) + 1).dtype == .int64)
        #expect((Tensor([1] as [UInt8]) + Tensor([1] as [Int8])).dtype == .int16)
        #expect((Tensor([1] as [Float]) + Tensor(2.0 as Double)).dtype == .float32)
        #expect((Tensor([1] as [Float]) * Tensor([2] as [Double])).dtype == .float64)
        #expect(i.sum().dtype == .int64)
        #expect(Tensor([1, 2] as [UInt8]).sum().dtype == .int64)
    }

    @Test func operatorsKeepChannelsLast() {
        let image = Tensor.ones([2, 3, 4, 5]).channelsLast()
        #expect((image + 1).relu().isChannelsLast)
        #expect((image * Tensor.ones([3, 1, 1])).isChannelsLast)
    }

    @Test func reductionsAlongAnyAxesOfAnyLayout() {
        for layout in [x, x.permuted([2, 1, 0]).contiguous().permuted([2, 1, 0])] {
            #expect(layout.sum(axes: [1]).scalars(as: Int.self) == [12, 15, 18, 21, 48, 51, 54, 57])
            #expect(layout.mean(axes: [0, 2]).scalars(as: Float.self) == [7.5, 11.5, 15.5])
            #expect(layout.amax(axes: [0], keepsAxes: true).shape == [1, 3, 4])
            #expect(layout.argmax(axis: 2).scalars(as: Int.self) == [3, 3, 3, 3, 3, 3])
            #expect(layout.max(axis: 1).indices.scalars(as: Int.self) == [Int](repeating: 2, count: 8))
        }
    }

    @Test func largeSumsAreExactEnoughAndIndependentOfThreads() {
        let ones = Tensor.full([3_000_001], 0.1)
        let one = withThreads(1) { ones.sum().item() }
        let two = withThreads(2) { ones.sum().item() }
        #expect(one == two)
        #expect(abs(one / 300_000.1 - 1) < 1e-6)
    }

    @Test func bfloat16RoundsToNearestEven() {
        let y = Tensor([1, 1.00390625, 3.38e38, .nan] as [Float]).to(.bfloat16).to(.float32).scalars(as: Float.self)
        #expect(y[0] == 1 && y[1] == 1 && y[2].isFinite && y[3].isNaN)
    }

    @Test func shapeRulesThrowInAdvance() {
        let error = #expect(throws: ShapeError.self) { try Shape.broadcast([2, 3], [4], operation: "add") }
        #expect(error?.description.contains("[2, 3] and [4]") == true)
    }

    @Test func aBiasOfAnotherLengthIsRefused() async {
        await #expect(processExitsWith: .failure) {
            _ = Tensor.ones([1, 3, 4, 4]).convolution(weight: .ones([8, 3, 1, 1]), bias: .ones([4]))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.ones([2, 3]).linear(weight: .ones([8, 3]), bias: .ones([4]))
        }
    }

    @Test func mistakesEndWithOperatorShapesAndHint() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([2, 3]).matmul(.ones([2, 3]))
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("matmul: shapes [2, 3] and [2, 3]") && text.contains("hint:"))
    }

    /// The elements of a broadcast share one location: writing one must not write all.
    @Test func writingIntoAViewOfSharedPlaces() {
        var x = Tensor.zeros([1]).broadcast(to: [5])
        x[0] = Tensor(7 as Float)
        #expect(x.scalars(as: Float.self) == [7, 0, 0, 0, 0])
        var windows = Tensor.arange(4).to(.float32).unfolded(axis: 0, size: 2, step: 1)
        windows[0, 1] = Tensor(9 as Float)
        #expect(windows.scalars(as: Float.self) == [0, 9, 1, 2, 2, 3])
    }

    @Test func clampKeepsLargeIntegers() {
        let x = Tensor([Int64.max, Int64.max - 1, Int64.min, 3])
        #expect(x.clamp(min: -5, max: 1e30).scalars(as: Int64.self) == [.max, .max - 1, -5, 3])
    }
}
