import Cresset
import CressetNN
import Synchronization
import Testing

@Suite struct HookTests {
    /// What hooks saw, in order.
    final class Log: Sendable {
        private let entries = Mutex<[String]>([])
        func add(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    @Test func aHookReplacesTheGradientInside() {
        let x = Tensor([1, 2] as [Float]).requiringGradient()
        let inner = x * 3
        let hook = inner.onGradient { $0 * 10 }
        #expect((inner * 2).sum().gradients(retainsGraph: true)[x]!.scalars(as: Float.self) == [60, 60])
        hook.remove()
        #expect((inner * 2).sum().gradients()[x]!.scalars(as: Float.self) == [6, 6])
    }

    @Test func aHookSeesTheSumOverAllUses() {
        let x = Tensor([2] as [Float]).requiringGradient()
        let log = Log()
        x.onGradient { gradient in log.add("\(gradient.item())") }
        _ = (x * x + x * 3).sum().gradients()
        #expect(log.all == ["7.0"])
    }

    @Test func hooksRunInOrderEachOnWhatTheLastGave() {
        let x = Tensor([1] as [Float]).requiringGradient()
        x.onGradient { $0 + 1 }
        x.onGradient { $0 * 10 }
        #expect((x * 1).sum().gradients()[x]!.item() == 20)
    }

    /// The last layer's gradients are available while the backward pass is still on its way to the first.
    @Test func hooksOfLeavesRunAsLeavesComplete() {
        let log = Log()
        let first = Parameter(.ones([2]))
        let last = Parameter(.ones([2]))
        let hidden = first.value * 2
        hidden.onGradient { _ in log.add("hidden") }
        first.onGradient { _ in
            log.add("first"); return nil
        }
        last.onGradient { _ in
            log.add("last"); return nil
        }
        _ = (hidden * last.value).sum().gradients()
        #expect(log.all == ["last", "hidden", "first"])
    }

    @Test func aParameterUsedTwiceCompletesWithItsFirstUse() {
        let log = Log()
        let shared = Parameter(.ones([1]))
        let inner = shared.value * 2
        inner.onGradient { _ in log.add("inner") }
        shared.onGradient { gradient in
            log.add("shared \(gradient.item())")
            return gradient * 2
        }
        let gradients = (inner * shared.value).sum().gradients()
        #expect(log.all == ["inner", "shared 4.0"])
        #expect(gradients[shared]!.item() == 8)
    }

    /// A checkpointed part may use any parameter, so parameters are complete only after it.
    @Test func hooksOfLeavesWaitForCheckpointedParts() {
        let log = Log()
        let w = Parameter(.full([1], 3.0))
        w.onGradient { gradient in
            log.add("\(gradient.item())")
            return nil
        }
        let x = Tensor([2] as [Float]).requiringGradient()
        _ = (checkpointed(x) { $0 * w.value } * w.value).sum().gradients()
        #expect(log.all == ["12.0"])
    }

    @Test func aHookOfTheWrongShapeIsAMistake() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Tensor.ones([2]).requiringGradient()
            x.onGradient { _ -> Tensor? in .ones([3]) }
            _ = x.sum().gradients()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("onGradient: a hook returned shape [3] for a gradient of shape [2]"))
    }
}
