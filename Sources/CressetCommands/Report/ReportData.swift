import Cresset
import CressetTrain
import FoundationEssentials

/// What the page's script reads: the pictures behind the cells of the matrix, and the values of the curves.
struct ReportData: Encodable {
    /// A picture behind a cell.
    struct Picture: Encodable {
        let path: String
        /// How likely the answer was found, as text.
        let likely: String
        /// Its number among the thumbnails; nil if it has none.
        let thumbnail: Int?
    }

    struct Cell: Encodable {
        /// The class that the pictures are of, and the one that they were taken for.
        let label: String
        let answer: String
        /// All pictures of the cell, of which only the first ones are named.
        let count: Int
        var pictures: [Picture] = []
    }

    struct Chart: Encodable {
        struct Curve: Encodable {
            let name: String
            let values: [String?]
        }

        /// What the values belong to, such as `epoch 3`.
        let points: [String]
        /// Where that is, in the drawing's coordinates.
        let places: [Double]
        let curves: [Curve]
    }

    let cells: [String: Cell]
    let thumbnails: [String]
    let charts: [Chart]

    /// How many pictures are named in all, and how many in one cell.
    private static let limits = (all: 2000, cell: 60)

    init(_ report: RunReport) {
        charts = report.allCharts.map { chart in
            Chart(
                points: chart.places.map { chart.text(at: $0) },
                places: chart.places.map { (chart.x($0) * 10).rounded() / 10 },
                curves: chart.curves.map { curve in
                    Chart.Curve(name: curve.name, values: curve.values.map { $0.map(chart.up.label) })
                })
        }
        guard let evaluation = report.evaluation else {
            (cells, thumbnails) = ([:], [])
            return
        }
        var thumbnails: [String] = []
        var cells: [String: Cell] = [:]
        var room = Self.limits.all
        let right = evaluation.pictures.filter(\.isCorrect)
        // Those that can be seen come first, and mistakes before the rest.
        for picture in evaluation.mistakes + right.filter({ report.album.thumbnails[$0.path] != nil })
            + right.filter({ report.album.thumbnails[$0.path] == nil })
        {
            if room == 0 { break }
            let key = "\(picture.label),\(picture.prediction)"
            var cell =
                cells[key]
                ?? Cell(
                    label: TerminalText.escaped(evaluation.classes[picture.label]),
                    answer: TerminalText.escaped(evaluation.classes[picture.prediction]),
                    count: evaluation.confusion[picture.label, picture.prediction])
            if cell.pictures.count == Self.limits.cell { continue }
            var number: Int?
            if let text = report.album.thumbnails[picture.path] {
                number = thumbnails.count
                thumbnails.append(text)
            }
            cell.pictures.append(
                Picture(path: report.shortPath(picture.path), likely: picture.probability.percent, thumbnail: number))
            cells[key] = cell
            room -= 1
        }
        (self.cells, self.thumbnails) = (cells, thumbnails)
    }

    /// The data as JSON that cannot end the element that holds it.
    var html: HTML {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(self)) ?? Data("{}".utf8)
        let text = String(decoding: bytes, as: UTF8.self)
        return HTML(
            trusted: text.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing(
                "&", with: "\\u0026"
            )
            .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029"))
    }
}
