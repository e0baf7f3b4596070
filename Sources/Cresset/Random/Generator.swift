import Synchronization

/// A source of random numbers that gives, for the same seed and the same calls, the numbers of PyTorch's CPU generator.
///
/// The generator is PyTorch's Mersenne Twister, and each call consumes as many of its words, in the same order, as the
/// PyTorch call it is named after. A model initialised from a seed starts with the same weights here as there.
///
/// ```swift
/// let generator = Generator(seed: 0)
/// let order = generator.permutation(count: 10)    // [4, 1, 7, 5, 3, 9, 0, 8, 6, 2], as torch.randperm(10)
/// ```
///
/// Numbers on a GPU are drawn from another stream of the same seed: that of PyTorch's generator for a GPU.
///
/// If no generator is given, ``current`` is used. Calls from several threads are safe; each call uses one contiguous
/// part of the stream.
///
/// *Source*: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998).
public final class Generator: Sendable {
    /// The seed that PyTorch's generators have before `manual_seed` is called.
    public static let defaultSeed: UInt64 = 67_280_421_310_721

    /// The default generator: one for the process, unless a task is given its own.
    ///
    /// ```swift
    /// Generator.current.manualSeed(0)
    /// Generator.$current.withValue(Generator(seed: 1)) { … }
    /// ```
    @TaskLocal public static var current = Generator()

    /// The state of a generator, to be saved in a checkpoint and restored.
    public struct State: Sendable, Hashable, Codable {
        /// The seed the generator was started from.
        public var seed: UInt64
        /// The 624 words of the Mersenne Twister.
        public var words: [UInt32]
        /// How many of the words have been used.
        public var position: Int
        /// The second number of the last pair of normal ones, if it has not been used.
        public var spareNormal: Double?
        /// The position in the devices' stream.
        public var deviceOffset: UInt64 = 0
    }

    private struct Core {
        var seed: UInt64
        var stream: RandomStream
        var deviceOffset: UInt64 = 0
    }

    private let core: Mutex<Core>

    /// A generator that starts from `seed`.
    public init(seed: UInt64 = Generator.defaultSeed) {
        core = Mutex(Core(seed: seed, stream: RandomStream(seed: seed)))
    }

    /// Restarts from `seed`.
    public func manualSeed(_ seed: UInt64) {
        core.withLock { $0 = Core(seed: seed, stream: RandomStream(seed: seed)) }
    }

    /// The seed from which the generator was last started.
    public var seed: UInt64 { core.withLock { $0.seed } }

    /// The current state of the generator.
    public var state: State {
        core.withLock {
            State(
                seed: $0.seed, words: $0.stream.twister.words, position: $0.stream.twister.position,
                spareNormal: $0.stream.spareNormal, deviceOffset: $0.deviceOffset)
        }
    }

    /// Continues from where another generator was when `state` was taken.
    ///
    /// *Throws*: ``GeneratorStateError`` if the words and position cannot be a generator's.
    public func restore(_ state: State) throws(GeneratorStateError) {
        guard let twister = MersenneTwister(words: state.words, position: state.position) else {
            throw GeneratorStateError(wordCount: state.words.count, position: state.position)
        }
        core.withLock {
            $0.seed = state.seed
            $0.stream.twister = twister
            $0.stream.spareNormal = state.spareNormal
            $0.deviceOffset = state.deviceOffset
        }
    }

    /// The seed and the offset with which a device draws numbers that advance the offset by `increment`.
    package func advanceOnDevice(by increment: UInt64) -> (seed: UInt64, offset: UInt64) {
        core.withLock { core in
            defer { core.deviceOffset += increment }
            return (core.seed, core.deviceOffset)
        }
    }

    /// The next 32 random bits.
    public func next32() -> UInt32 { withStream { $0.twister.next() } }

    /// The next 64 random bits.
    public func next64() -> UInt64 { withStream { $0.twister.next64() } }

    /// A seed for another generator, as PyTorch's samplers draw theirs: 63 random bits.
    public func nextSeed() -> UInt64 { next64() & (1 << 63 - 1) }

    /// Runs `body` on the stream, exclusively.
    func withStream<R: Sendable>(_ body: (inout RandomStream) -> R) -> R { core.withLock { body(&$0.stream) } }
}

extension Generator.State {
    /// Reads a state, including one saved before devices had a stream.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            seed: try values.decode(UInt64.self, forKey: .seed),
            words: try values.decode([UInt32].self, forKey: .words),
            position: try values.decode(Int.self, forKey: .position),
            spareNormal: try values.decodeIfPresent(Double.self, forKey: .spareNormal),
            deviceOffset: try values.decodeIfPresent(UInt64.self, forKey: .deviceOffset) ?? 0)
    }
}

/// A saved generator state that is invalid.
public struct GeneratorStateError: Error, Hashable, CustomStringConvertible {
    public var wordCount: Int
    public var position: Int

    public var description: String {
        "not the state of a Mersenne Twister: \(wordCount) words (624 expected), position \(position) (0 to 624 expected)"
    }
}
