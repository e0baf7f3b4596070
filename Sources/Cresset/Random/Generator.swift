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
/// Numbers on a GPU are drawn from another stream of the same seed: that of PyTorch's generator for a GPU. Each GPU has
/// its own position in it, so that what one draws does not depend on the others.
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
        /// The positions in the GPUs' streams, by the GPU's index; 0 for those that are not listed.
        public var deviceOffsets: [UInt64] = []
    }

    private struct Core {
        var seed: UInt64
        var stream: RandomStream
        /// By the device's ordinal.
        var deviceOffsets: [UInt64] = []

        init(seed: UInt64) {
            self.seed = seed
            stream = RandomStream(seed: seed)
        }
    }

    /// Nil before the first use of a generator whose seed is drawn then.
    private let core: Mutex<Core?>
    private let firstSeed: @Sendable () -> UInt64

    /// A generator that starts from `seed`.
    public init(seed: UInt64 = Generator.defaultSeed) {
        core = Mutex(Core(seed: seed))
        firstSeed = { seed }
    }

    private init(firstSeed: @escaping @Sendable () -> UInt64) {
        core = Mutex(nil)
        self.firstSeed = firstSeed
    }

    /// Generators for `count` threads that work on behalf of one: whatever their order, each draws the same numbers.
    ///
    /// If any of them is used, their common seed is drawn from this generator, which advances by one ``nextSeed()``, and
    /// otherwise not at all.
    package func split(_ count: Int) -> [Generator] {
        let common = SharedSeed(self)
        return (0..<count).map { i in Generator { common.value &+ UInt64(i) } }
    }

    private func withCore<R: Sendable>(_ body: (inout Core) throws -> R) rethrows -> R {
        try core.withLock { core in
            if core == nil { core = Core(seed: firstSeed()) }
            return try body(&core!)
        }
    }

    /// Restarts from `seed`.
    public func manualSeed(_ seed: UInt64) { core.withLock { $0 = Core(seed: seed) } }

    /// The seed from which the generator was last started.
    public var seed: UInt64 { withCore { $0.seed } }

    /// The current state of the generator.
    public var state: State {
        withCore {
            State(
                seed: $0.seed, words: $0.stream.twister.words, position: $0.stream.twister.position,
                spareNormal: $0.stream.spareNormal, deviceOffsets: $0.deviceOffsets)
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
            var new = Core(seed: state.seed)
            new.stream.twister = twister
            new.stream.spareNormal = state.spareNormal
            new.deviceOffsets = state.deviceOffsets
            $0 = new
        }
    }

    /// The seed and the offset with which the GPU `ordinal` draws numbers that advance its offset by `increment`.
    package func advance(onGPU ordinal: Int, by increment: UInt64) -> (seed: UInt64, offset: UInt64) {
        withCore { core in
            while core.deviceOffsets.count <= ordinal { core.deviceOffsets.append(0) }
            defer { core.deviceOffsets[ordinal] += increment }
            return (core.seed, core.deviceOffsets[ordinal])
        }
    }

    /// The next 32 random bits.
    public func next32() -> UInt32 { withStream { $0.twister.next() } }

    /// The next 64 random bits.
    public func next64() -> UInt64 { withStream { $0.twister.next64() } }

    /// A seed for another generator, as PyTorch's samplers draw theirs: 63 random bits.
    public func nextSeed() -> UInt64 { next64() & (1 << 63 - 1) }

    /// Runs `body` on the stream, exclusively.
    func withStream<R: Sendable>(_ body: (inout RandomStream) -> R) -> R {
        RecordingBackend.active?.noteRandomNumbers()
        return withCore { body(&$0.stream) }
    }
}

/// A seed that is drawn when it is first needed, once for all who need it.
private final class SharedSeed: Sendable {
    private let generator: Generator
    private let drawn = Mutex<UInt64?>(nil)

    init(_ generator: Generator) { self.generator = generator }

    var value: UInt64 {
        drawn.withLock { drawn in
            let seed = drawn ?? generator.nextSeed()
            drawn = seed
            return seed
        }
    }
}

extension Generator.State {
    private enum OldKeys: String, CodingKey { case deviceOffset }

    /// Reads a state, including one saved before devices had a stream, or when they shared one.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let shared = try decoder.container(keyedBy: OldKeys.self).decodeIfPresent(UInt64.self, forKey: .deviceOffset)
        self.init(
            seed: try values.decode(UInt64.self, forKey: .seed),
            words: try values.decode([UInt32].self, forKey: .words),
            position: try values.decode(Int.self, forKey: .position),
            spareNormal: try values.decodeIfPresent(Double.self, forKey: .spareNormal),
            deviceOffsets: try values.decodeIfPresent([UInt64].self, forKey: .deviceOffsets) ?? shared.map { [$0] }
                ?? [])
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
