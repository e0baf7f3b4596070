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

              cresset sample-data toys
              cresset sample-data things --classes 12    # which thing is it? a folder for each, not split
            """)

    @Argument(
        help: ArgumentHelp("The folder to write to; it must be new or empty.", valueName: "dir"),
        completion: .directory)
    var folder: String

    @Option(help: "Draw that many kinds of things instead, up to \(SampleData.objects.count), one in each picture.")
    var classes: Int?

    func validate() throws {
        let range = 2...SampleData.objects.count
        if let classes, !range.contains(classes) {
            throw ValidationError("--classes must be from \(range.lowerBound) to \(range.upperBound), got \(classes)")
        }
    }

    func run() throws {
        let place = try RunFolder.create(at: FilePath(argument: folder)).path
        if let classes {
            try SampleData.drawObjects(to: place, classCount: classes, countPerClass: Self.countPerClass)
            let names = SampleData.objects.prefix(classes).sorted().joined(separator: ", ")
            try Results.writeLine("\(place): \(classes * Self.countPerClass) pictures in \(classes) classes (\(names))")
        } else {
            try SampleData.draw(to: place)
            try Results.writeLine(
                "\(place): \(SampleData.trainingCount) pictures for training, \(SampleData.validationCount) for validation, "
                    + "in \(SampleData.classes.count) classes (\(SampleData.classes.joined(separator: ", ")))")
        }
    }

    private static let countPerClass = 24
}
