import Cresset

/// What pip is told by the environment and by its configuration files: the package indexes and folders of wheels that this
/// user has, and how they are reached.
package struct PipConfiguration: Sendable {
    /// The variables that matter.
    let environment: [String: String]

    /// The index that pip uses if nothing is configured.
    static let defaultIndex = "https://pypi.org/simple"

    /// This process's variables that matter.
    static var variables: [String: String] {
        SystemFiles.environment(
            "HOME", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_TRUSTED_HOST",
            "PIP_CERT", "PIP_CLIENT_CERT", "PIP_KEYRING_PROVIDER", "PIP_PROXY", "PIP_CONFIG_FILE", "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS")
    }

    /// The indexes in pip's order: that of `index-url`, then those of `extra-index-url`. None if pip is told to use none.
    ///
    /// Throws ``WeightsError`` if the first cannot be used, such as one that is not encrypted; others are left out.
    ///
    /// - Parameter report: Called with a line for each that is left out.
    func indexes(report: (String) -> Void = { _ in }) throws(WeightsError) -> [PackageIndex] {
        if noIndex != nil { return [] }
        let main = setting("index-url") ?? (Self.defaultIndex, "the default")
        var indexes = [try index(main.0, main.1)]
        guard let (values, place) = setting("extra-index-url") else { return indexes }
        for text in words(values) {
            if let extra = try? index(text, place) {
                indexes.append(extra)
            } else {
                report("an extra index of pip's in \(place) is passed over: it is not an https address")
            }
        }
        return indexes
    }

    /// What switches the index off, if something does: a variable or a file.
    var noIndex: String? {
        guard let (value, place) = setting("no-index"),
            ["1", "true", "yes", "on", "y", "t"].contains(value.lowercased())
        else { return nil }
        return place
    }

    /// Places of `find-links`, which pip looks into besides the indexes.
    enum FoundLinks {
        /// A folder of this machine.
        case folder(FilePath)
        /// A page that lists files.
        case page(PackageIndex)
    }

    /// The places of `find-links`; what cannot be used is left out.
    ///
    /// - Parameter report: Called with a line for each place that is left out.
    func findLinks(report: (String) -> Void) -> [FoundLinks] {
        guard let (values, place) = setting("find-links") else { return [] }
        return words(values).compactMap { text in
            if text.contains("://"), !text.hasPrefix("file://") {
                if var index = try? index(text, place) {
                    index.isPage = true
                    return .page(index)
                }
                report("pip's find-links in \(place) is passed over: a place is not an https address")
                return nil
            }
            let rest = text.hasPrefix("file://") ? String(text.dropFirst("file://".count)).percentDecoded : text
            let folder = FilePath(rest.hasPrefix("~/") ? home + rest.dropFirst() : rest)
            if SystemFiles.isFolder(folder) { return .folder(folder) }
            report("pip's find-links in \(place) is passed over: \(folder) is not a folder")
            return nil
        }
    }

    /// The file with the certificates that pip trusts, if it has one of its own.
    var authorities: String? { setting("cert")?.value }
    /// The proxy that pip uses, if it has one of its own.
    var proxy: String? { setting("proxy")?.value }

    /// Settings of pip that are not honoured, for the hint of a download that has failed; nil if there are none.
    var remark: String? {
        let places = ["client-cert", "keyring-provider"].compactMap { name in
            setting(name).map { "\(name) (in \($0.place))" }
        }
        return places.isEmpty ? nil : "pip's \(places.joined(separator: " and ")) is not used here"
    }

    private func index(_ text: String, _ place: String) throws(WeightsError) -> PackageIndex {
        let trusted = setting("trusted-host").map { words($0.value) } ?? []
        guard let index = PackageIndex(text, trustedHosts: Set(trusted.map { $0.lowercased() })) else {
            throw WeightsError(
                .refused, "the package index in \(place) is not an https address",
                hint: "set PIP_INDEX_URL to the address of an index; one without encryption must be named in pip's"
                    + " trusted-host (PIP_TRUSTED_HOST)")
        }
        return index
    }

    private func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

    private var home: String { WeightsSettings.home(environment) }

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
        let shared = (nonEmpty("XDG_CONFIG_DIRS") ?? "/etc/xdg").split(separator: ":")
        var files = shared.map { FilePath($0 + "/pip/pip.conf") } + ["/etc/pip.conf"]
        if named.map({ !SystemFiles.exists($0) }) ?? true {
            files.append(FilePath(home + "/.pip/pip.conf"))
            files.append(FilePath((nonEmpty("XDG_CONFIG_HOME") ?? home + "/.config") + "/pip/pip.conf"))
        }
        if let folder = nonEmpty("VIRTUAL_ENV") ?? nonEmpty("CONDA_PREFIX") {
            files.append(FilePath(folder + "/pip.conf"))
        }
        return files + (named.map { [$0] } ?? [])
    }

    private func nonEmpty(_ variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value of `name` in a configuration file: from `[download]`, else from `[install]`, else from `[global]`.
    package static func value(of name: String, in text: String) -> String? {
        var section = ""
        var key = ""
        var indent = 0
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard !line.trimmed().isEmpty else { continue }
            let isRemark = ["#", ";"].contains(line.trimmed().first)
            if isRemark { continue }
            let depth = line.prefix(while: \.isWhitespace).count
            if !key.isEmpty, depth > indent {
                // A line that is indented deeper continues the value before it.
                if key == name { found[section, default: ""] += " " + line.trimmed() }
            } else if line.trimmed().hasPrefix("[") {
                section = String(line.trimmed().dropFirst().prefix { $0 != "]" })
                key = ""
            } else if let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }) {
                key = line[..<mark].trimmed().lowercased().replacing("_", with: "-")
                indent = depth
                if key == name { found[section] = line[line.index(after: mark)...].trimmed() }
            }
        }
        let values = ["download", "install", "global"].compactMap { found[$0]?.trimmed() }
        return values.first { !$0.isEmpty }
    }
}
