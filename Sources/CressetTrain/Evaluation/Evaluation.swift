import Cresset
import CressetVision

/// A picture of a known class, and what a classifier makes of it.
public struct EvaluatedPicture: Sendable, Hashable {
    public private(set) var path: FilePath
    /// The class it belongs to, as an index into ``Evaluation/classes``.
    public let label: Int
    /// The class that was found the likeliest.
    public let prediction: Int
    /// How likely ``prediction`` was found, from 0 to 1: what `Classifier.predict` says.
    public let probability: Double
    /// How likely ``label`` was found.
    public let labelProbability: Double
    /// How many classes were found likelier than ``label``: 0 if the picture was classified correctly.
    public let rank: Int
    /// The cross entropy: minus the natural logarithm of ``labelProbability``.
    public let loss: Double
    /// How likely each class was found.
    public let probabilities: [Double]

    public var isCorrect: Bool { label == prediction }

    /// Creates one from what was found for it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - label: The class it belongs to.
    ///   - probabilities: How likely each class was found; among equally likely ones the first counts as the likeliest,
    ///     as for predictions.
    ///   - loss: The cross entropy.
    public init(path: FilePath, label: Int, probabilities: [Double], loss: Double) {
        let own = probabilities[label]
        self.path = path
        self.label = label
        labelProbability = own
        self.loss = loss
        self.probabilities = probabilities
        rank = probabilities.indices.count {
            probabilities[$0] > own || probabilities[$0] == own && $0 < label
        }
        probability = probabilities.max() ?? own
        prediction = probabilities.firstIndex(of: probability) ?? label
    }

    /// The same picture under another path.
    func placed(at path: FilePath) -> EvaluatedPicture {
        var picture = self
        picture.path = path
        return picture
    }
}

/// What a classifier makes of pictures whose classes are known.
public struct Evaluation: Sendable {
    /// The class names; labels and predictions are indices into them.
    public let classes: [String]
    /// All pictures that could be read, in the order of the folder.
    public let pictures: [EvaluatedPicture]
    /// The pictures that could not be read.
    public let skipped: [ImageFolder.SkippedFile]
    public let confusion: ConfusionMatrix

    /// Creates one from its pictures.
    ///
    /// - Parameters:
    ///   - classes: The class names.
    ///   - pictures: The pictures.
    ///   - skipped: The pictures that could not be read.
    public init(classes: [String], pictures: [EvaluatedPicture], skipped: [ImageFolder.SkippedFile]) {
        self.classes = classes
        self.pictures = pictures
        self.skipped = skipped
        var confusion = ConfusionMatrix(classCount: classes.count)
        for picture in pictures { confusion.add(label: picture.label, prediction: picture.prediction) }
        self.confusion = confusion
    }

    /// The mean of the pictures' losses.
    public var loss: Double { pictures.reduce(0) { $0 + $1.loss } / Double(pictures.count) }

    /// The share of the pictures that were classified correctly.
    public var accuracy: Double { topAccuracy(1) }

    /// The 95 % confidence interval of ``accuracy``.
    public var accuracyInterval: WilsonInterval { WilsonInterval(confusion.correctCount, of: pictures.count) }

    /// The share of the pictures whose class is among the `count` likeliest.
    ///
    /// - Parameter count: How many classes may be named.
    public func topAccuracy(_ count: Int) -> Double {
        Double(pictures.count { $0.rank < count }) / Double(pictures.count)
    }

    /// The accuracy of always naming the class with the most pictures.
    public var baselineAccuracy: Double {
        let largest = confusion.classes.map(\.support).max() ?? 0
        return Double(largest) / Double(pictures.count)
    }

    /// The pictures that were classified wrongly, those with the highest loss first.
    public var mistakes: [EvaluatedPicture] {
        let wrong = pictures.filter { !$0.isCorrect }
        return wrong.indices.sorted { (wrong[$0].loss, $1) > (wrong[$1].loss, $0) }.map { wrong[$0] }
    }
}
