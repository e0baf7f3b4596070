import CressetData

/// Calls a closure: for steps that need no type of their own.
///
/// A step that draws random numbers is a type that conforms to ``Transform``.
public struct Lambda: Transform {
    private let body: @Sendable (Picture) throws -> Picture

    /// Changes a picture, which may hold crops and may have passed ``ToTensor``.
    ///
    /// - Parameter body: Makes the new picture. What it throws concerns this picture alone: it is skipped.
    public init(_ body: @escaping @Sendable (Picture) throws -> Picture) { self.body = body }

    /// Changes 8-bit pixels. Traps after ``ToTensor``, ``FiveCrop`` and ``TenCrop``.
    ///
    /// ```swift
    /// Lambda(image: { $0.adjustingGamma(0.8) })
    /// ```
    ///
    /// - Parameter body: Makes the new image. What it throws concerns this picture alone: it is skipped.
    public init(image body: @escaping @Sendable (Image) throws -> Image) {
        self.body = { try $0.mappingImage("Lambda", body) }
    }

    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture { try body(picture) }
}

/// Applies all of its transforms, in order, or none of them.
public struct RandomApply: Transform {
    public let transforms: [any Transform]
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    ///
    /// - Parameters:
    ///   - transforms: The steps, the first one first.
    ///   - probability: How likely they are applied.
    public init(_ transforms: [any Transform], probability: Double = 0.5) {
        checkProbability("RandomApply", probability)
        self.transforms = transforms
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        guard random.chance(probability) else { return picture }
        return try transforms.reduce(picture) { try $1.apply(to: $0, random: &random) }
    }
}

/// Applies one of its transforms.
public struct RandomChoice: Transform {
    public let transforms: [any Transform]
    /// How likely each one is; nil if all are equally likely.
    public let weights: [Double]?

    /// Traps if there is no transform, or if there is not one weight, finite and not negative, for each, with a positive
    /// sum.
    ///
    /// - Parameters:
    ///   - transforms: The steps to choose from.
    ///   - weights: How likely each one is, in any unit. Default: all are equally likely.
    public init(_ transforms: [any Transform], weights: [Double]? = nil) {
        if transforms.isEmpty { fatalError("RandomChoice: there is nothing to choose from") }
        if let weights {
            let sum = weights.reduce(0, +)
            if weights.count != transforms.count || !weights.allSatisfy({ $0 >= 0 }) || !(sum > 0 && sum.isFinite) {
                fatalError(
                    "RandomChoice: needs a weight for each of \(transforms.count) transforms, finite, not negative and "
                        + "not all 0, got \(weights)")
            }
        }
        self.transforms = transforms
        self.weights = weights
    }

    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        try transforms[choice(random: &random)].apply(to: picture, random: &random)
    }

    private func choice(random: inout SampleRandom) -> Int {
        guard let weights else { return random.integer(below: transforms.count) }
        var rest = random.uniform(in: 0...weights.reduce(0, +))
        for (i, weight) in weights.enumerated() {
            if rest < weight { return i }
            rest -= weight
        }
        return weights.lastIndex { $0 > 0 }!
    }
}

/// Applies all of its transforms, in random order.
public struct RandomOrder: Transform {
    public let transforms: [any Transform]

    /// A transform that applies others.
    ///
    /// - Parameter transforms: The steps.
    public init(_ transforms: [any Transform]) { self.transforms = transforms }

    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        try random.order(transforms.count).reduce(picture) { try transforms[$1].apply(to: $0, random: &random) }
    }
}
