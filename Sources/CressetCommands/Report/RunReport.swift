import Cresset
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import FoundationEssentials

/// A run in one page: what came of it, how, and what to look at. The contents of `report.html`.
///
/// The page is complete in itself: style, script, curves and pictures are in it, and it asks for nothing from anywhere.
package struct RunReport: Sendable {
    /// The name of the run's folder.
    let name: String
    let record: RunRecord
    let figures: RunFigures
    /// The losses at the rates that were tried before the run; nil if there are none.
    let search: LearningRateCurve?
    /// What the run makes of pictures whose classes are known; nil if it was not judged for this page.
    var evaluation: Evaluation?
    /// The folder of those pictures.
    var pictureFolder: FilePath?
    /// Whether the network was certainly not trained on them.
    private(set) var isHeldOut = true
    /// What each threshold makes of the classes; empty if the run was not judged.
    private(set) var rankingCharts: [LineChart] = []
    var album = PictureAlbum()
    /// How many pictures of each class the run was trained on; empty if that is unknown.
    var trainingCounts: [Int] = []
    /// The network's layers, the outermost ones; empty if it was not opened.
    var layers: [ModelSummary.Row] = []
    var multiplyAdds: Int?
    /// The SHA-256 of the file of weights; nil if there is none.
    var weightsHash: String?
    /// Where the run was computed last; nil if that is unknown.
    var place: ReportedEnvironment?
    /// What the reader must know about the page itself, a line each.
    var notes: [String] = []
    var written = Date()

    /// A page of what a run's folder says, without judging the run.
    ///
    /// - Parameters:
    ///   - name: The name of the folder.
    ///   - record: Its record.
    ///   - figures: The text of its `metrics.csv`.
    ///   - rates: The text of its `learning-rates.csv`.
    package init(name: String, record: RunRecord, figures: String = "", rates: String = "") {
        self.name = name
        self.record = record
        search = LearningRateCurve(csv: rates)
        self.figures = RunFigures(figures)
    }

    init(_ folder: RunFolder, _ record: RunRecord) {
        name = SystemFiles.realOrSamePath(folder.path).name
        self.record = record
        figures = RunFigures(readingFrom: folder)
        search = record.rateSearch.flatMap { _ in LearningRateCurve(readingFrom: folder) }
        trainingCounts = folder.trainingCounts(of: record.classes)
        weightsHash = try? sha256(ofFile: folder.weightsPath)
        place = ReportedEnvironment(readingFrom: folder)
    }

    /// Takes what the run makes of pictures.
    ///
    /// - Parameters:
    ///   - evaluation: The evaluation.
    ///   - folder: The folder of its pictures.
    ///   - isHeldOut: Whether the network was certainly not trained on them.
    package mutating func add(_ evaluation: Evaluation, of folder: FilePath, isHeldOut: Bool = true) {
        self.isHeldOut = isHeldOut
        self.evaluation = evaluation
        rankingCharts = Self.rankingCharts(evaluation)
        pictureFolder = folder
    }

    /// Takes what an opened network can tell besides: pictures with what it went by, and its layers.
    mutating func open(_ classifier: Classifier, isStopped: () -> Bool) {
        let summary = classifier.summary
        layers = summary.rows.filter { $0.depth <= 1 }
        multiplyAdds = summary.multiplyAdds
        if let evaluation { album = PictureAlbum(evaluation, classifier, isStopped: isStopped) }
    }

    /// Writes the page, completely or not at all.
    ///
    /// *Throws* `AtomicFile.WriteError` if that is impossible.
    ///
    /// - Parameter path: The file, which is replaced if it exists.
    package func write(to path: FilePath) throws {
        try AtomicFile.write(to: path) { try $0.write(page.text) }
    }
}
