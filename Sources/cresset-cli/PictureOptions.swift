import ArgumentParser
import CressetTrain

/// The options of `cresset train` that say which pictures the network learns from, and how it sees them.
struct PictureOptions: ParsableArguments {
    @Option(
        name: .customLong("img-size"),
        help: "The side in pixels of the square that the network sees (default: as its weights were trained).")
    var imageSize: Int?

    @Option(
        help: ArgumentHelp(
            "What is done to training pictures.",
            discussion: """
                light: a random part, mirrored half of the time. standard: also one random change of colours or geometry. \
                strong: two of them, and a quarter of the pictures lose a rectangle. none: the centre, as in validation.
                """))
    var augment = TrainingOptions().augmentation

    @Option(help: "Mix pictures with each other: the concentration of the shares, such as 0.2; 0 for no mixing.")
    var mixup = TrainingOptions().mixUp

    @Option(help: "Replace rectangles by those of other pictures: the concentration, such as 1; 0 for none.")
    var cutmix = TrainingOptions().cutMix

    @Option(help: "The share of each target that is spread evenly over all classes, such as 0.1.")
    var labelSmoothing = TrainingOptions().labelSmoothing

    @Option(help: "What classes count in the loss: by their pictures (none), or all the same (balanced).")
    var classWeights = TrainingOptions().classWeights

    @Option(
        help: ArgumentHelp(
            "The share of pictures that may be unusable, such as 5% or 0.05 (default: 1%, and always one picture).",
            discussion: """
                Files that should be pictures but are damaged, cut off or in an unsupported format, and folders that \
                cannot be opened, count as unusable. The share is taken of the training folder and of the validation \
                folder separately. The beginning and end of every file are checked before the first epoch; problems \
                found later count too, and end the run after the epoch. A class without a usable picture always ends it.
                """))
    var maxBad: String?

    @Option(
        name: .customLong("val"),
        help: ArgumentHelp(
            "The folder of pictures for validation, with the classes of DATA (default: val in DATA).",
            discussion: """
                DATA then contains train, or the folders of the classes. A class without a folder here is named in a \
                warning, and one that DATA lacks is an error.
                """),
        completion: .directory)
    var validation: String?

    @Option(
        name: .customLong("val-split"),
        help: ArgumentHelp(
            "The share of each class for validation, if there is no folder for it (default: 0.2).",
            discussion: """
                The division depends on the seed and on the contents of the pictures, not on their names. Pictures that \
                are the same, or look the same, stay on one side.
                """))
    var validationShare: Double?

    @OptionGroup var folders: FolderOptions

    @OptionGroup var look: LookOptions

    @OptionGroup var damage: DamageOptions

    func apply(to options: inout TrainingOptions) {
        options.imageSize = imageSize
        options.augmentation = augment
        options.mixUp = mixup
        options.cutMix = cutmix
        options.labelSmoothing = labelSmoothing
        options.classWeights = classWeights
        options.maxBad = maxBad
        options.validationShare = validationShare
        options.allowsEmptyClasses = folders.allowEmpty
        options.ignoresUnknownClasses = folders.ignoreUnknownClasses
        options.alpha = look.alpha
        options.appliesOrientation = look.appliesOrientation
        options.truncated = damage.truncated ?? options.truncated
        options.rejectsSuspect = damage.strict ?? options.rejectsSuspect
    }
}
