import Glibc

/// Where NVIDIA's libraries may be, in the order in which they are tried.
struct LibrarySearch {
    /// Folders named by the user, and then those of toolkits and Python packages; nil stands for the loader's own
    /// search.
    let folders: [String?]

    /// The folders for libraries of CUDA `major`.
    init(major: Int) {
        var folders: [String?] = []
        if let path = Self.variable("CRESSET_CUDA_PATH") { folders += path.split(separator: ":").map(String.init) }
        folders.append(nil)
        var toolkits: [String] = [Self.variable("CUDA_HOME"), Self.variable("CUDA_PATH")].compactMap { $0 }
        toolkits += ["/usr/local/cuda-\(major)", "/usr/local/cuda"]
        for toolkit in toolkits { folders += ["\(toolkit)/lib64", "\(toolkit)/targets/x86_64-linux/lib"] }
        for site in Self.siteFolders() {
            folders += Self.entries(of: "\(site)/nvidia").sorted().map { "\(site)/nvidia/\($0)/lib" }
        }
        self.folders = folders
    }

    /// Opens the first of `names` that is found; nil if none is.
    func open(_ names: [String]) -> (library: UnsafeMutableRawPointer, path: String)? {
        for folder in folders {
            for name in names {
                let path = folder.map { "\($0)/\(name)" } ?? name
                if folder != nil && access(path, R_OK) != 0 { continue }
                if let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL) { return (library, path) }
            }
        }
        return nil
    }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The folders where Python keeps packages: of the active environments, of the `python3` on the PATH, of the
    /// system.
    private static func siteFolders() -> [String] {
        var roots = [variable("VIRTUAL_ENV"), variable("CONDA_PREFIX")].compactMap { $0 }
        for folder in (variable("PATH") ?? "").split(separator: ":") where access("\(folder)/python3", X_OK) == 0 {
            // PREFIX/bin/python3; a virtual environment's python3 is a link, and its own packages are next to the link.
            let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
            roots.append(parts.dropLast().joined(separator: "/"))
        }
        roots += ["/usr/local", "/usr"]
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
