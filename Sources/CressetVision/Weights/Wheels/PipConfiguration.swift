import Cresset

/// What pip is told by the environment and by its configuration files: the package index that this user has.
struct PipConfiguration: Sendable {
    /// The variables that matter.
    let environment: [String: String]
    let home: String

    /// The index that pip uses if nothing is configured.
    static let defaultIndex = "https://pypi.org/simple"

    /// This process's variables that matter.
    static var variables: [String: String] {
        SystemFiles.environment(
            "HOME", "PIP_INDEX_URL", "PIP_NO_INDEX", "PIP_CONFIG_FILE", "VIRTUAL_ENV", "XDG_CONFIG_HOME")
    }

    /// The index, as pip would choose it.
    ///
    /// Throws ``WeightsError`` if it has none, or none that is encrypted.
    func index() throws(WeightsError) -> PackageIndex {
        if let (value, place) = setting("no-index"), ["1", "true", "yes", "on", "y", "t"].contains(value.lowercased()) {
            throw WeightsError(.offline, "the package index is switched off by \(place)")
        }
        let (text, place) = setting("index-url") ?? (Self.defaultIndex, "default")
        guard let index = PackageIndex(text) else {
            throw WeightsError(
                .refused, "the package index in \(place) is not an https address",
                hint: "set PIP_INDEX_URL to the address of an index")
        }
        return index
    }

    /// A setting's value and where it comes from: the environment, else the last of pip's files that has it.
    private func setting(_ name: String) -> (value: String, place: String)? {
        let variable = "PIP_" + name.uppercased().replacing("-", with: "_")
        if let value = nonEmpty(variable) { return (value, variable) }
        for file in files.reversed() {
            guard let text = try? RegularFile(file).read(upTo: 1 << 20) else { continue }
            if let value = Self.value(of: name, in: String(decoding: text, as: UTF8.self)) { return (value, "\(file)") }
        }
        return nil
    }

    /// The files that pip reads; later ones count more.
    private var files: [FilePath] {
        let named = nonEmpty("PIP_CONFIG_FILE").map { FilePath($0) }
        if named == "/dev/null" { return [] }
        var files: [FilePath] = ["/etc/xdg/pip/pip.conf", "/etc/pip.conf"]
        if named.map({ !SystemFiles.exists($0) }) ?? true {
            files.append(FilePath(home + "/.pip/pip.conf"))
            files.append(FilePath((nonEmpty("XDG_CONFIG_HOME") ?? home + "/.config") + "/pip/pip.conf"))
        }
        if let folder = nonEmpty("VIRTUAL_ENV") { files.append(FilePath(folder + "/pip.conf")) }
        return files + (named.map { [$0] } ?? [])
    }

    private func nonEmpty(_ variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value of `name` in a configuration file: from `[install]`, else from `[global]`.
    static func value(of name: String, in text: String) -> String? {
        var section = ""
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            // A line that is indented continues the value before it; an address has one line.
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
            if first == "[" {
                section = String(line.dropFirst().prefix { $0 != "]" })
            } else if let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }) {
                let key = line[..<mark].trimmed().lowercased().replacing("_", with: "-")
                let value = line[line.index(after: mark)...].trimmed()
                if key == name, !value.isEmpty { found[section] = String(value) }
            }
        }
        return found["install"] ?? found["global"]
    }
}
