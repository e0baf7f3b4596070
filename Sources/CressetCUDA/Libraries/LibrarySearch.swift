import Glibc

/// Where NVIDIA's libraries may be, in the order in which they are tried.
struct LibrarySearch {
    /// Folders named by the user, and then those of toolkits and Python packages; nil stands for the loader's own
    /// search.
    let folders: [String?]

    /// The folders for libraries of CUDA `major`.
    init(major: Int) {
        var folders: [String?] = []
        // A folder of libraries, or of a toolkit or Python environment that contains them.
        for root in Self.paths("CRESSET_CUDA_PATH") {
            folders += [root, "\(root)/lib64", "\(root)/lib", "\(root)/targets/x86_64-linux/lib"]
            folders += Self.packageFolders(Self.siteFolders(of: [root]))
        }
        folders.append(nil)
        var toolkits: [String] = [Self.variable("CUDA_HOME"), Self.variable("CUDA_PATH")].compactMap { $0 }
        toolkits += ["/usr/local/cuda-\(major)", "/usr/local/cuda"]
        for toolkit in toolkits { folders += ["\(toolkit)/lib64", "\(toolkit)/targets/x86_64-linux/lib"] }
        folders += Self.packageFolders(Self.siteFolders(of: Self.pythonRoots()))
        self.folders = folders
    }

    /// Why a library cannot be used: what is wrong with the first file of that name, or nil if there is none.
    struct Unusable: Error { let reason: String? }

    /// Opens the first usable file called `name` and fills the table of its functions.
    func open<T>(
        _ name: String, _ load: (UnsafeMutableRawPointer, UnsafeMutablePointer<T>) -> UnsafePointer<CChar>?
    ) throws(Unusable) -> (table: T, path: String) {
        let table = UnsafeMutablePointer<T>.allocate(capacity: 1)
        defer { table.deallocate() }
        var reason: String?
        for folder in folders {
            let path = folder.map { "\($0)/\(name)" } ?? name
            if folder != nil && access(path, F_OK) != 0 { continue }
            do {
                let library = try SharedLibrary.open(path)
                guard let missing = load(library, table) else { return (table.pointee, path) }
                reason = reason ?? "\(path) lacks \(String(cString: missing))"
            } catch { reason = reason ?? error.reason }
        }
        throw Unusable(reason: reason)
    }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The entries of a variable that lists folders.
    static func paths(_ name: String) -> [String] {
        (variable(name) ?? "").split(separator: ":").map(String.init)
    }

    /// The active Python environments, that of the `python3` on the PATH, and the system's.
    private static func pythonRoots() -> [String] {
        var roots = [variable("VIRTUAL_ENV"), variable("CONDA_PREFIX")].compactMap { $0 }
        for folder in paths("PATH") where access("\(folder)/python3", X_OK) == 0 {
            // PREFIX/bin/python3; a virtual environment's python3 is a link, and its own packages are next to the link.
            let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
            roots.append(parts.dropLast().joined(separator: "/"))
        }
        return roots + ["/usr/local", "/usr"]
    }

    /// The folders of NVIDIA's libraries among Python's packages.
    private static func packageFolders(_ sites: [String]) -> [String] {
        sites.flatMap { site in entries(of: "\(site)/nvidia").sorted().map { "\(site)/nvidia/\($0)/lib" } }
    }

    /// The folders where the Python environments at `roots` keep packages, if there are NVIDIA's among them.
    private static func siteFolders(of roots: [String]) -> [String] {
        var sites: [String] = []
        for root in roots {
            for version in entries(of: "\(root)/lib").sorted(by: >) where version.hasPrefix("python3") {
                for kind in ["site-packages", "dist-packages"] {
                    let site = "\(root)/lib/\(version)/\(kind)"
                    if access("\(site)/nvidia", R_OK) == 0 && !sites.contains(site) { sites.append(site) }
                }
            }
        }
        return sites
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
