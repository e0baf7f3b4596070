import CressetNN
import Foundation
import Testing

@Suite struct CTCLossTests {
    /// The likelihood of `labels` by trying every path of classes.
    private func likelihood(_ frames: [[Double]], _ labels: [Int], blank: Int) -> Double {
        let classes = frames[0].count
        var sum = 0.0
        for number in 0..<Int(pow(Double(classes), Double(frames.count))) {
            var (rest, path, product) = (number, [Int](), 1.0)
            for frame in frames {
                path.append(rest % classes)
                product *= exp(frame[rest % classes])
                rest /= classes
            }
            let merged = path.enumerated().filter { $0.offset == 0 || path[$0.offset - 1] != $0.element }
            if merged.map(\.element).filter({ $0 != blank }) == labels { sum += product }
        }
        return sum
    }

    @Test(arguments: [[1, 2], [1, 1], [2], []], [0, 2]) func isTheSumOverAllPaths(_ given: [Int], blank: Int) {
        let labels = given.map { $0 == blank ? 0 : $0 }
        let logs = Generator.$current.withValue(Generator(seed: 1)) { Tensor.normal([4, 3]).logSoftmax(axis: -1) }
        let frames = logs.unstacked().map { $0.scalars(as: Double.self) }
        let loss = CTCLoss(blank: blank, reduction: .sum)(
            logs, Tensor(labels), inputLengths: [4], targetLengths: [labels.count])
        #expect(abs(loss.item() + log(likelihood(frames, labels, blank: blank))) < 1e-4)
    }

    @Test func sequencesOfABatchAreAsAlone() {
        let logs = Generator.$current.withValue(Generator(seed: 2)) { Tensor.normal([6, 2, 4]).logSoftmax(axis: -1) }
        let together = CTCLoss(reduction: .none)(
            logs, Tensor([1, 2, 3, 2], shape: [4]), inputLengths: [6, 3], targetLengths: [3, 1])
        let padded = CTCLoss(reduction: .none)(
            logs, Tensor([1, 2, 3, 2, 0, 0], shape: [2, 3]), inputLengths: [6, 3], targetLengths: [3, 1])
        let alone = CTCLoss(reduction: .none)(
            logs[0..<3, 1], Tensor([2]), inputLengths: [3], targetLengths: [1])
        #expect(together.scalars(as: Float.self) == padded.scalars(as: Float.self))
        #expect(abs(together[1].item() - alone.item()) < 1e-5)
    }

    @Test func whatCannotBeAlignedIsInfiniteOrZero() {
        let logs = Tensor.zeros([2, 1, 3]).logSoftmax(axis: -1).requiringGradient()
        let labels = Tensor([1, 1], shape: [1, 2])
        let loss = CTCLoss()(logs, labels, inputLengths: [2], targetLengths: [2])
        #expect(loss.item() == .infinity)
        let zero = CTCLoss(zeroesInfinity: true)(logs, labels, inputLengths: [2], targetLengths: [2])
        #expect(zero.item() == 0)
        #expect(zero.gradients()[logs]!.scalars(as: Float.self).allSatisfy { $0 == 0 })
    }

    @Test func gradientsAreSlopesBehindTheSoftmax() throws {
        let x = Generator.$current.withValue(Generator(seed: 3)) { Tensor.normal([5, 2, 3], dtype: .float64) }
        let labels = Tensor([1, 2, 1, 0], shape: [2, 2])
        try checkGradients([x]) {
            CTCLoss()($0[0].logSoftmax(axis: -1), labels, inputLengths: [5, 4], targetLengths: [2, 1])
        }
    }
}
