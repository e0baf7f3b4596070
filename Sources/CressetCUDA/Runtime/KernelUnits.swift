import Glibc

/// The list of compiled units, for `scripts/kernel-units`: one line per family with its definitions, separated by tabs,
/// is appended to the file named by `CRESSET_KERNEL_UNITS`.
enum KernelUnits {
    private static let path = LibrarySearch.variable("CRESSET_KERNEL_UNITS")

    static func note(_ family: KernelFamily, _ defines: [String]) {
        guard let path else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard file >= 0 else { fatalError("CRESSET_KERNEL_UNITS: \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        // Several threads and processes may append to it: each line is a single write.
        var line = ([family.rawValue] + defines).joined(separator: "\t") + "\n"
        line.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
    }
}
