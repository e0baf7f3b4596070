import Cresset
import CressetData
import CressetNN

/// Batches of the features of a frozen body in place of pictures: each picture is read once, and what the body makes of it
/// is remembered.
///
/// Only right where a picture and its features are the same in every epoch: with nothing drawn at random before the head.
/// As long as some pictures of an epoch are not known, all are read, batch by batch, so that a run that goes on sees the
/// same numbers as one that was never interrupted.
package final class CachedFeatures<Pictures: Dataset>: BatchSource {
    private let loader: DataLoader<Pictures>
    private let batchSize: Int
    private let device: Device
    private let features: (Tensor) -> Tensor
    /// The bytes that may be remembered.
    private let limit: Int
    /// By the sample's index.
    private var known: [Entry?]

    private enum Entry {
        case features(Tensor, label: Tensor)
        case unusable
    }

    /// Creates one that knows nothing yet.
    ///
    /// - Parameters:
    ///   - loader: The pictures.
    ///   - batchSize: The size of the loader's batches; smaller ones are filled up for the body, whose last bits may depend on
    ///     how many pictures it is given.
    ///   - device: Where the body is.
    ///   - limit: The bytes of features that may be remembered: nothing is if more would be needed.
    ///   - features: What the body makes of a batch of pictures.
    package init(
        _ loader: DataLoader<Pictures>, batchSize: Int, device: Device, limit: Int = CachedFeatures.defaultLimit,
        features: @escaping (Tensor) -> Tensor
    ) {
        self.loader = loader
        self.batchSize = batchSize
        self.device = device
        self.limit = limit
        self.features = features
        known = Array(repeating: nil, count: loader.dataset.count)
    }

    /// 1 GiB, or a quarter of the machine's memory if that is less.
    package static var defaultLimit: Int { MemoryBudget.pictures.byteCount }

    package var batchCount: Int { loader.batchCount }
    package var unusableSamples: [SampleProblem] { loader.unusableSamples }

    package func batches(epoch: Int, startingAt start: Int) -> Batches {
        let indices = loader.batchSampler.batches(epoch: epoch)
        let isKnown = indices.dropFirst(start).allSatisfy { $0.allSatisfy { known[$0] != nil } }
        return Batches(
            source: self, indices: indices, next: start,
            stream: isKnown ? nil : loader.batches(epoch: epoch, startingAt: start))
    }

    /// The batches of an epoch.
    package final class Batches: BatchIterator {
        private let source: CachedFeatures
        private let indices: [[Int]]
        private var number: Int
        /// The pictures, if not all are known.
        private let stream: BatchStream?

        fileprivate init(source: CachedFeatures, indices: [[Int]], next: Int, stream: BatchStream?) {
            self.source = source
            self.indices = indices
            number = next
            self.stream = stream
        }

        package func next() throws -> Batch? {
            if let stream {
                let batch = try stream.next()
                // What the loader passed over was unusable.
                let end = batch.map { $0.number + 1 } ?? indices.count, used = Set(batch?.indices ?? [])
                for index in indices[min(number, end)..<end].joined() where !used.contains(index) {
                    source.known[index] = .unusable
                }
                number = end
                return batch.map(source.replacingPictures)
            }
            while number < indices.count {
                defer { number += 1 }
                if let batch = source.batch(of: indices[number], number: number) { return batch }
            }
            return nil
        }

        package func cancel() { stream?.cancel() }
    }

    private func replacingPictures(_ batch: Batch) -> Batch {
        var pictures = batch.inputs.to(device)
        if batch.count < batchSize {
            let rest = Shape([batchSize - batch.count] + pictures.shape.dropFirst())
            pictures = .concatenated([pictures, .zeros(rest, dtype: pictures.dtype, device: device)], axis: 0)
        }
        let all = withoutGradients { self.features(pictures) }
        let features = all.narrowed(axis: 0, start: 0, count: batch.count).contiguous()
        remember(features, batch)
        return Batch(fields: [features, batch.labels], indices: batch.indices, number: batch.number)
    }

    private func remember(_ features: Tensor, _ batch: Batch) {
        let size = features.elementCount / batch.count * features.dtype.itemSize
        if size * known.count > limit { return }
        for (row, index) in batch.indices.enumerated() {
            known[index] = .features(
                features.narrowed(axis: 0, start: row, count: 1),
                label: batch.labels.narrowed(axis: 0, start: row, count: 1))
        }
    }

    /// A batch of what is known; nil if none of its samples can be used.
    private func batch(of indices: [Int], number: Int) -> Batch? {
        var usable: [Int] = [], features: [Tensor] = [], labels: [Tensor] = []
        for index in indices {
            guard case .features(let row, let label) = known[index] else { continue }
            usable.append(index)
            features.append(row)
            labels.append(label)
        }
        if usable.isEmpty { return nil }
        return Batch(
            fields: [.concatenated(features, axis: 0), .concatenated(labels, axis: 0)], indices: usable, number: number)
    }
}
