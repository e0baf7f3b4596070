import Cresset
import CressetNN
import CressetOptim
import Testing

@Suite struct TapeTests {
    @Test func gradientsOfAComposition() {
        let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]).requiringGradient()
        let y = (x.matmul(x.t) + 1).relu().mean()
        #expect(y.item() == 14)
        #expect(y.gradients()[x]!.scalars(as: Float.self) == [2, 3, 2, 3])
    }

    @Test func gradientsOfBroadcastOperandsAreSummed() {
        let x = Tensor.ones([3, 4]).requiringGradient()
        let row = Tensor.full([4], 2.0).requiringGradient()
        let gradients = (x * row).sum().gradients()
        #expect(gradients[x]!.shape == [3, 4])
        #expect(gradients[row]!.scalars(as: Float.self) == [3, 3, 3, 3])
    }

    @Test func aTensorUsedTwiceGetsBothGradients() {
        let x = Tensor([3] as [Float]).requiringGradient()
        #expect((x * x + x).sum().gradients()[x]!.item() == 7)
    }

    @Test func gradientsOfATensorInside() {
        let x = Tensor([2] as [Float]).requiringGradient()
        let inner = x * 3
        let gradients = (inner * inner).sum().gradients(withRespectTo: [inner])
        #expect(gradients[inner]!.item() == 12)
        #expect(gradients[x]!.item() == 36)
    }

    @Test func gradientsOfEachPartOfASplit() {
        let x = Tensor([1, 2, 3, 4, 5] as [Float]).requiringGradient()
        let parts = x.split(lengths: [2, 3])
        let loss = (parts[0] * 2).sum() + (parts[1] * parts[1]).sum()
        let gradients = loss.gradients(withRespectTo: parts)
        #expect(gradients[parts[0]]!.scalars(as: Float.self) == [2, 2])
        #expect(gradients[parts[1]]!.scalars(as: Float.self) == [6, 8, 10])
        #expect(gradients[x]!.scalars(as: Float.self) == [2, 2, 6, 8, 10])
    }

    @Test func secondDerivative() {
        let x = Tensor([2] as [Double]).requiringGradient()
        let first = (x * x * x).sum().gradients(createsGraph: true)[x]!
        #expect(first.item() == 12)
        #expect(first.sum().gradients()[x]!.item() == 12)
    }

    @Test func aRetainedTapeCanBeSweptTwice() {
        let x = Tensor([2] as [Float]).requiringGradient()
        let y = (x.exp() * x).sum()
        let first = y.gradients(retainsGraph: true)[x]!.item()
        #expect(y.gradients()[x]!.item() == first)
    }

    @Test func nothingIsRecordedWithoutGradients() {
        let x = Tensor([2] as [Float]).requiringGradient()
        let y = withoutGradients { x * 2 }
        #expect(!y.requiresGradient)
        #expect(!(x.detached() * 2).requiresGradient)
    }

    /// A million recorded operators would overflow the stack if nodes released one another recursively.
    @Test func aMillionOperatorsAreSweptAndDropped() {
        let x = Tensor([1] as [Float]).requiringGradient()
        func chain() -> Tensor { (0..<1_000_000).reduce(x) { y, _ in y + 1 } }
        #expect(chain().sum().gradients()[x]!.item() == 1)
        _ = chain()
    }

    @Test func gradientsAccumulate() {
        let x = Tensor([1, 2] as [Float]).requiringGradient()
        var total = (x * 2).sum().gradients()
        total += (x * x).sum().gradients()
        #expect(total[x]!.scalars(as: Float.self) == [4, 6])
        total.mapInPlace { $0 * 0.5 }
        #expect(total[x]!.scalars(as: Float.self) == [2, 3])
    }

    /// The tape of a loss that is still held must not prevent parameters from being updated in place.
    @Test func anOptimizerStepUpdatesInPlace() throws {
        let layer = Linear(4, 3)
        let optimizer = try SGD(layer.parameters, lr: 0.1, momentum: 0.9)
        func address() -> Int { layer.weight.value.withUnsafeBytes { Int(bitPattern: $0.baseAddress) } }
        let loss = layer(.ones([2, 4])).sum()
        let gradients = loss.gradients()
        let before = address()
        optimizer.step(gradients)
        #expect(address() == before)
        #expect(loss.elementCount == 1)
    }
}
