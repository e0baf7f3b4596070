import CressetData

/// Exchanges left and right with the given probability.
public struct RandomHorizontalFlip: Transform {
    public let probability: Double

    public init(probability: Double = 0.5) { self.probability = probability }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomHorizontalFlip") {
            random.chance(probability) ? $0.flippedHorizontally() : $0
        }
    }
}

/// Exchanges top and bottom with the given probability.
public struct RandomVerticalFlip: Transform {
    public let probability: Double

    public init(probability: Double = 0.5) { self.probability = probability }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomVerticalFlip") {
            random.chance(probability) ? $0.flippedVertically() : $0
        }
    }
}
