import CressetVision
import FoundationEssentials

// How a record is read: what a file does not have gets a default.

extension KeyedDecodingContainer {
    /// The value of a field, or `standard` if there is none.
    func value<Value: Decodable>(_ key: Key, or standard: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? standard
    }
}

extension RunRecord: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let classes = try fields.decode([String].self, forKey: .classes)
        let network = try fields.nestedContainer(keyedBy: Model.CodingKeys.self, forKey: .model)
        self.init(
            model: Model(
                name: try network.decode(String.self, forKey: .name),
                classCount: try network.value(.classCount, or: classes.count)),
            classes: classes, preprocessing: try fields.value(.preprocessing, or: Preprocessing()),
            options: try fields.value(.options, or: TrainingOptions()),
            data: try fields.value(.data, or: Data(path: "", trainCount: 0, validationCount: 0, skipped: [])),
            command: try fields.value(.command, or: []),
            started: try fields.value(.started, or: Date(timeIntervalSince1970: 0)))
        format = try fields.value(.format, or: 1)
        revision = try fields.value(.revision, or: 0)
        // A state that this version does not know is some way of being under way.
        state = State(rawValue: try fields.value(.state, or: "")) ?? .running
        best = try fields.decodeIfPresent(Best.self, forKey: .best)
        rateSearch = try fields.decodeIfPresent(RateSearch.self, forKey: .rateSearch)
        device = try fields.decodeIfPresent(String.self, forKey: .device)
        version = try fields.value(.version, or: "")
    }
}

extension RunRecord.Data: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            path: try fields.value(.path, or: ""), trainCount: try fields.value(.trainCount, or: 0),
            validationCount: try fields.value(.validationCount, or: 0), skipped: [])
        skipped = try fields.value(.skipped, or: [])
        trainPath = try fields.decodeIfPresent(String.self, forKey: .trainPath)
        validationPath = try fields.decodeIfPresent(String.self, forKey: .validationPath)
        labelsPath = try fields.decodeIfPresent(String.self, forKey: .labelsPath)
        warnings = try fields.decodeIfPresent([String].self, forKey: .warnings)
        division = try fields.decodeIfPresent(String.self, forKey: .division)
        skippedCount = try fields.decodeIfPresent(Int.self, forKey: .skippedCount)
        pathBytes = try fields.decodeIfPresent(String.self, forKey: .pathBytes)
        trainPathBytes = try fields.decodeIfPresent(String.self, forKey: .trainPathBytes)
        validationPathBytes = try fields.decodeIfPresent(String.self, forKey: .validationPathBytes)
        labelsPathBytes = try fields.decodeIfPresent(String.self, forKey: .labelsPathBytes)
    }
}

extension RunRecord.Best: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        epoch = try fields.value(.epoch, or: 0)
        validationAccuracy = try fields.value(.validationAccuracy, or: 0)
        validationLoss = try fields.value(.validationLoss, or: 0)
        validationCount = try fields.decodeIfPresent(Int.self, forKey: .validationCount)
    }
}

/// What a record says of its layout; all layouts have these fields.
struct RunLayout: Decodable {
    let format: Int?
    let version: String?

    /// Why a file in this layout cannot be read, with what to do about it; nil if it can.
    var problem: (message: String, hint: String)? {
        guard let format, format != RunRecord.format else { return nil }
        if format < RunRecord.format {
            return ("layout \(format) is unknown; only \(RunRecord.format) is supported", "restore the file")
        }
        let writer = version.map { " of Cresset \(printable($0, limit: 20))" } ?? ""
        return (
            "layout \(format) is unknown; only \(RunRecord.format) is supported: the file is of a newer version"
                + "\(writer)",
            "use that version, or a later one"
        )
    }
}
