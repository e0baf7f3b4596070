import Cresset
import CressetData
import CressetTrain
import CressetVision
import FoundationEssentials

/// The pictures that a report shows, as JPEG files in base64.
struct PictureAlbum: Sendable {
    /// A picture as the network sees it, and the same with what it went by.
    struct Explained: Sendable {
        let picture: EvaluatedPicture
        let plain: String
        /// Nil if the network has no map of features.
        let heat: String?
    }

    /// Small pictures, by path.
    private(set) var thumbnails: [FilePath: String] = [:]
    /// The worst mistakes, and then the correct answers that were nearest to one.
    private(set) var worst: [Explained] = []

    /// How many worst pictures are shown, and how many if most of them are no mistakes.
    static let worstCount = 24
    private static let nearCount = 8
    /// The sides of both kinds of pictures, in pixels.
    private static let sides = (small: 96, large: 208)
    /// How much base64 there may be, and how many small pictures.
    private static let limits = (bytes: 3_000_000, count: 400)
    /// How many correct pictures of each class are shown.
    private static let correctPerClass = 8

    /// An album without pictures.
    init() {}

    /// The pictures of an evaluation; those that cannot be read any more are left out.
    ///
    /// - Parameters:
    ///   - evaluation: What the network makes of them.
    ///   - classifier: The network.
    ///   - isStopped: Whether somebody waits for an end; then the rest is left out.
    init(_ evaluation: Evaluation, _ classifier: Classifier, isStopped: () -> Bool = { false }) {
        var room = Self.limits.bytes
        let preprocessing = classifier.record.preprocessing
        let (mistakes, near) = (evaluation.mistakes, Self.leastSure(evaluation))
        let shown = mistakes.prefix(Self.worstCount) + near.prefix(max(0, Self.nearCount - mistakes.count))
        for picture in shown where !isStopped() {
            guard let explained = Self.explained(picture, classifier) else { continue }
            room -= explained.plain.utf8.count + (explained.heat?.utf8.count ?? 0)
            worst.append(explained)
        }
        for picture in mistakes.prefix(300) + Self.examples(evaluation) where !isStopped() {
            if room < 0 || thumbnails.count >= Self.limits.count { break }
            guard let image = Self.image(picture.path, preprocessing, side: Self.sides.small),
                let text = Self.text(image, quality: 72)
            else { continue }
            room -= text.utf8.count
            thumbnails[picture.path] = text
        }
    }

    /// The correct answers with the highest loss first.
    private static func leastSure(_ evaluation: Evaluation) -> [EvaluatedPicture] {
        let right = evaluation.pictures.filter(\.isCorrect)
        return right.indices.sorted { (right[$0].loss, $1) > (right[$1].loss, $0) }.map { right[$0] }
    }

    /// The first correct pictures of each class, one class after the other in turn.
    private static func examples(_ evaluation: Evaluation) -> [EvaluatedPicture] {
        var counts = Array(repeating: 0, count: evaluation.classes.count)
        var numbered: [(turn: Int, picture: EvaluatedPicture)] = []
        for picture in evaluation.pictures where picture.isCorrect && counts[picture.label] < correctPerClass {
            numbered.append((counts[picture.label], picture))
            counts[picture.label] += 1
        }
        return numbered.indices.sorted { (numbered[$0].turn, $0) < (numbered[$1].turn, $1) }.map {
            numbered[$0].picture
        }
    }

    private static func explained(_ picture: EvaluatedPicture, _ classifier: Classifier) -> Explained? {
        guard let image = image(picture.path, classifier.record.preprocessing, side: sides.large),
            let plain = text(image, quality: 78)
        else { return nil }
        let input = try? classifier.preparedPicture(picture.path).unsqueezed(at: 0)
        let map = input.flatMap { try? classifier.heatMaps($0, labels: [picture.prediction]).first }
        return Explained(
            picture: picture, plain: plain, heat: map.flatMap { text($0.overlaid(on: image), quality: 78) })
    }

    /// What the network sees of a picture, at another size; nil if it cannot be read.
    private static func image(_ path: FilePath, _ preprocessing: Preprocessing, side: Int) -> Image? {
        // A record may name any sides; the picture is then shown without the cut.
        let isUsual = preprocessing.resizeSize <= 4 * preprocessing.cropSize
        let shown = isUsual ? preprocessing.scaled(to: side) : Preprocessing(cropSize: side, resizeSize: side)
        let steps = Compose([Resize(max(shown.resizeSize, 1)), CenterCrop(side)])
        var reading = preprocessing.reading
        // What was judged can be shown.
        (reading.fast, reading.truncated) = (true, .pad)
        return try? DecodedImage.reading(path, options: reading, before: NextStep(steps)) {
            try steps($0.image).image
        }
    }

    private static func text(_ image: Image, quality: Int) -> String? {
        (try? image.jpeg(quality: quality)).map { Data($0).base64EncodedString() }
    }
}
