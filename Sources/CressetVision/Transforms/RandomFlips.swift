import CressetData

/// Swaps left and right with the given probability.
public struct RandomHorizontalFlip: Transform {
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    public init(probability: Double = 0.5) {
        checkProbability("RandomHorizontalFlip", probability)
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomHorizontalFlip") {
            random.chance(probability) ? $0.flippedHorizontally() : $0
        }
    }
}

/// Swaps top and bottom with the given probability.
public struct RandomVerticalFlip: Transform {
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    public init(probability: Double = 0.5) {
        checkProbability("RandomVerticalFlip", probability)
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomVerticalFlip") {
            random.chance(probability) ? $0.flippedVertically() : $0
        }
    }
}

/// Traps if `probability` is not from 0 to 1.
func checkProbability(_ name: String, _ probability: Double) {
    if !(0...1).contains(probability) { fatalError("\(name): the probability must be in 0...1, got \(probability)") }
}
