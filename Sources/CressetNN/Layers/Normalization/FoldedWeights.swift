import Cresset
import Synchronization

/// A weight and bias computed from other tensors, cached while these are the same memory with the same contents.
final class FoldedWeights: Sendable {
    private struct Entry {
        let sources: [Tensor.Contents?]
        let weight, bias: Tensor
    }

    private let entry = Mutex<Entry?>(nil)

    func value(for sources: [Tensor?], make: () -> (weight: Tensor, bias: Tensor)) -> (weight: Tensor, bias: Tensor) {
        let contents = sources.map { $0?.contents }
        return entry.withLock { entry in
            if let entry, entry.sources == contents { return (entry.weight, entry.bias) }
            let (weight, bias) = make()
            entry = Entry(sources: contents, weight: weight, bias: bias)
            return (weight, bias)
        }
    }
}
