import Cresset
import CressetNN
import CressetVision

extension Classifier {
    /// Where the network sees in a picture what speaks for a class (Grad-CAM): see `Layer.gradCAM(_:classes:)`.
    ///
    /// The map covers what the network sees: usually the middle of the picture.
    ///
    /// *Throws* `ImageFileError` if the picture cannot be read, ``Failure`` if there is no such class or the network's
    /// output is not finite, `NoFeatureMap` if the network has no map of features.
    ///
    /// - Parameters:
    ///   - path: The picture file.
    ///   - name: The class; the likeliest one if nil.
    public func heatMap(_ path: some PathConvertible, for name: String? = nil) throws -> HeatMap {
        let path = path.filePath
        guard let wanted = try name ?? predict(path).first?.name, let label = classes.firstIndex(of: wanted) else {
            throw Failure(
                "there is no class \(printable(name ?? ""))", hint: "the run knows \(Failure.list(classes))",
                kind: .usage)
        }
        let picture = try DecodedImage.reading(path, options: reading, before: firstStep) { try prepared($0.image) }
        return try heatMaps(picture.unsqueezed(at: 0), labels: [label])[0]
    }

    /// The same for pictures of a batch, each with a class.
    ///
    /// - Parameters:
    ///   - batch: Pictures as the run's preprocessing makes them.
    ///   - labels: The class of each, as an index into ``classes``.
    package func heatMaps(_ batch: Tensor, labels: [Int]) throws(NoFeatureMap) -> [HeatMap] {
        try alone { model throws(NoFeatureMap) in try model.gradCAM(batch.to(device), classes: labels) }
    }

    /// A picture with the map over it, at most 1024 pixels long; what the network does not see is dark.
    ///
    /// - Parameters:
    ///   - path: The picture file.
    ///   - name: The class.
    package func explainedPicture(_ path: FilePath, for name: String) throws -> Image {
        guard let label = classes.firstIndex(of: name) else { throw Failure("there is no class \(name)", kind: .usage) }
        return try DecodedImage.reading(path, options: reading) { decoded in
            let image = decoded.image
            let map = try heatMaps(prepared(image).unsqueezed(at: 0), labels: [label])[0]
            let isLong = max(image.width, image.height) > 1024
            let shown = isLong ? try image.resized(to: .longSide(1024)) : image
            return map.overlaid(on: shown, seenThrough: record.preprocessing)
        }
    }

    /// The picture in a file as the network expects it.
    ///
    /// - Parameter path: The picture file.
    package func preparedPicture(_ path: FilePath) throws -> Tensor {
        try DecodedImage.reading(path, options: reading, before: firstStep) { try prepared($0.image) }
    }

    /// The layers for one picture: the network itself and its parts.
    package var summary: ModelSummary {
        let side = record.preprocessing.cropSize
        return alone { $0.summary(of: [1, 3, side, side]) }
    }
}
