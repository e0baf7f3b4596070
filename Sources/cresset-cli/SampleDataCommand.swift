import ArgumentParser
import CressetTrain
import CressetVision

/// `cresset sample-data`: draws a small data set.
struct SampleDataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-data",
        abstract: "Draw a small data set: is there no toy, one toy, or a scene of toys?",
        discussion: """
            Writes \(ToyPictures.totalCount) JPEG pictures in three classes (NoToy, Scenes, SingleToy), split into \
            train and val, ready for cresset train. The same seed always draws the same pictures.
            """)

    @Argument(help: "The folder to write to; it must be new or empty.", completion: .directory)
    var folder: String

    @Option(help: "Where the random numbers start.")
    var seed: UInt64 = 0

    func run() throws {
        let place = try RunFolder.create(at: folder)
        let bar = ProgressLine(ProgressBar("drawing", total: ToyPictures.totalCount))
        try ToyPictures(seed: seed).write(to: BytePath(place.path)) { bar.update(to: $0) }
        bar.clear()
        let classes = ToyPictures.Content.allCases.count
        Terminal.standardOutput.writeLine(
            "\(folder): \(ToyPictures.trainCount * classes) pictures for training, "
                + "\(ToyPictures.validationCount * classes) for validation, in \(classes) classes")
    }
}
