import Cresset

// Where a run's pictures are: a path may have bytes that no text has.

extension RunRecord.Data {
    /// The folder; empty if that is unknown.
    package var folder: FilePath { FilePath(text: path, exactBytes: pathBytes) }

    /// The folder with the pictures for training; nil in records from earlier versions.
    package var trainFolder: FilePath? { trainPath.map { FilePath(text: $0, exactBytes: trainPathBytes) } }

    /// The folder with the pictures for validation; nil if they were taken from those for training.
    package var validationFolder: FilePath? {
        validationPath.map { FilePath(text: $0, exactBytes: validationPathBytes) }
    }

    /// The table of the pictures' classes; nil if each class has a folder.
    package var labels: FilePath? { labelsPath.map { FilePath(text: $0, exactBytes: labelsPathBytes) } }

    /// Takes over where the pictures are now.
    mutating func setPlaces(of data: TrainingData) {
        let place = SystemFiles.realOrSamePath
        let all = place(data.path), train = place(data.train.root)
        let validation = data.division == nil ? place(data.validation.root) : nil
        (path, pathBytes) = (all.terminalText, all.exactBytes)
        (trainPath, trainPathBytes) = (train.terminalText, train.exactBytes)
        (validationPath, validationPathBytes) = (validation?.terminalText, validation?.exactBytes)
        let labels = data.labels.map(place)
        (labelsPath, labelsPathBytes) = (labels?.terminalText, labels?.exactBytes)
    }
}
