import ArgumentParser
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset sample-data`: draws a small data set.
struct SampleDataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-data",
        abstract: "Draw a small data set: is there no toy, one toy, or a scene of toys?",
        discussion: """
            Writes \(SampleData.trainingCount + SampleData.validationCount) JPEG pictures in three classes (NoToy, \
            Scenes, SingleToy), split into train and val, ready for cresset train. They are the same on every run.
            """)

    @Argument(
        help: ArgumentHelp("The folder to write to; it must be new or empty.", valueName: "dir"),
        completion: .directory)
    var folder: String

    func run() throws {
        let place = try RunFolder.create(at: FilePath(argument: folder))
        try SampleData.draw(to: place.path)
        try Results.writeLine(
            "\(place.path): \(SampleData.trainingCount) pictures for training, \(SampleData.validationCount) for validation, "
                + "in \(SampleData.classes.count) classes (\(SampleData.classes.joined(separator: ", ")))")
    }
}
