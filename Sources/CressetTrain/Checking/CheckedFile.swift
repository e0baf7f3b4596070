import CressetVision

/// A file that ``DataCheck`` has looked at.
public struct CheckedFile: Sendable, Hashable {
    /// What becomes of it.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It is used.
        case ok
        /// It is used, and may be damaged.
        case suspect
        /// It should be a picture, and cannot be used.
        case unusable
        /// It is no picture, and not used.
        case passedOver = "passed over"
    }

    public let path: FilePath
    /// Whether it is for training or for validation, by its folder.
    public let part: Phase
    /// The name of its class; nil outside the folders of classes.
    public let className: String?
    public let status: Status
    /// Why it is not simply used; nil if it is.
    public let reason: String?
    /// The name of its format, such as `JPEG`; nil if it is not known.
    public let format: String?
    /// The width in pixels, seen upright; nil if it is not known.
    public let width: Int?
    /// The height in pixels, seen upright; nil if it is not known.
    public let height: Int?
    /// What is unusual about its colours, in the order of the cases.
    public let modes: [ColorMode]
    /// Whether its notes say that it must be turned or mirrored to be seen upright.
    public let isTurned: Bool

    /// A picture.
    init(_ sample: ImageFolder.Sample, _ part: Phase, in folder: ImageFolder, _ inspection: PictureInspection) {
        path = sample.path
        self.part = part
        className = folder.classes[sample.label]
        status = inspection.problem != nil ? .unusable : inspection.suspicion != nil ? .suspect : .ok
        reason = inspection.problem ?? inspection.suspicion
        format = inspection.format
        width = inspection.size?.width
        height = inspection.size?.height
        modes = ColorMode.allCases.filter(inspection.modes.contains)
        isTurned = inspection.isTurned
    }

    /// A file that was skipped while the folder was scanned.
    init(_ file: ImageFolder.SkippedFile, _ part: Phase, in folder: ImageFolder) {
        path = file.path
        self.part = part
        className = file.label.map { folder.classes[$0] }
        status = file.isPicture ? .unusable : .passedOver
        reason = file.reason
        (format, width, height, modes, isTurned) = (nil, nil, nil, [], false)
    }
}
