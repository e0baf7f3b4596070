import Cresset
import CressetTrain
import FoundationEssentials

/// What a report says of where a run was computed: of `environment.json`, the process that worked on it last.
struct ReportedEnvironment: Decodable, Sendable {
    var system: String?
    var processor: String?
    var processors: Int?
    var threads: Int?
    var oneDNN: String?
    var driverVersion: String?

    /// Nil if the file is not there, or says something else.
    init?(readingFrom folder: RunFolder) {
        guard let bytes = try? SystemFiles.contents(of: folder.environmentPath, limit: 1 << 24),
            let last = try? JSONDecoder().decode([ReportedEnvironment].self, from: Data(bytes)).last
        else { return nil }
        self = last
    }

    /// Lines of a table.
    var rows: [(String, HTML)] {
        let threads = threads.map { "\($0) of \((processors ?? $0).counted("processor"))" }
        let all = [
            ("processor", processor), ("threads", threads), ("system", system), ("oneDNN", oneDNN),
            ("GPU driver", driverVersion),
        ]
        return all.compactMap { name, value in value.map { (name, HTML($0)) } }
    }
}
