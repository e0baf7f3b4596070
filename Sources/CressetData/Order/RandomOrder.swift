import Cresset
import Synchronization

/// Whose random numbers decide an order.
///
/// Cresset's own order depends on the seed and the epoch alone, so that any epoch can be had at once. PyTorch's depends on
/// what its generator has drawn before: an epoch's order here is the one that PyTorch gives after as many whole epochs.
public enum RandomOrder: Sendable, Hashable {
    /// Cresset's own.
    case cresset
    /// What a sampler with `generator=torch.Generator().manual_seed(seed)` gives, iterated once per epoch, the
    /// `DataLoader` around it having another generator or none.
    case pyTorchSampler
    /// What `DataLoader(…, shuffle=True, generator=torch.Generator().manual_seed(seed))` gives: the loader draws a seed
    /// for its workers before the sampler draws its order.
    case pyTorchLoader
    /// What `torch.manual_seed(seed)` followed by `DataLoader(…, shuffle=True)` gives, provided that nothing else draws
    /// from the default generator.
    case pyTorchProcess
}

/// The orders that PyTorch draws one after another from one generator.
final class PyTorchDraws: Sendable {
    private let seed: UInt64
    private let order: RandomOrder
    private let draw: @Sendable (Generator) -> [Int]
    /// A generator that stands at the beginning of an epoch: asked for one epoch after another, none is drawn twice.
    private let place: Mutex<(epoch: Int, generator: Generator)>

    /// - Parameter draw: Draws the order of an epoch, and whatever else PyTorch draws by its end.
    init(seed: UInt64, order: RandomOrder, draw: @escaping @Sendable (Generator) -> [Int]) {
        self.seed = seed
        self.order = order
        self.draw = draw
        place = Mutex((0, Generator(seed: seed)))
    }

    func indices(epoch: Int) -> [Int] {
        if epoch < 0 { fatalError("an epoch has a number from 0, got \(epoch)") }
        return place.withLock { place in
            if place.epoch > epoch { place = (0, Generator(seed: seed)) }
            while place.epoch < epoch { _ = next(&place) }
            return next(&place)
        }
    }

    private func next(_ place: inout (epoch: Int, generator: Generator)) -> [Int] {
        place.epoch += 1
        // The seed of the loader's workers.
        if order != .pyTorchSampler { _ = place.generator.nextSeed() }
        return draw(place.generator)
    }
}
