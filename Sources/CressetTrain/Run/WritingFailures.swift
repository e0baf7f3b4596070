import Cresset
import Glibc

extension Failure {
    /// The failure to write `path`, from the system's error number.
    init(system code: Int32, writing path: FilePath) { self.init(system: code, path, "cannot be written") }

    /// The failure to create the folder `path`, from the system's error number.
    package init(system code: Int32, making path: FilePath) {
        if code == ENOENT, path.isRelative, !isHere {
            self.init(
                "\(path): the folder cannot be made: the working folder was removed",
                hint: "change to a folder that is there", kind: .cannotCreate)
        } else {
            self.init(system: code, path, "the folder cannot be made")
        }
    }

    private init(system code: Int32, _ path: FilePath, _ problem: String) {
        self.init(
            "\(path): \(problem): \(systemMessage(code))", hint: Failure.hint(writing: code),
            kind: Failure.kind(writing: code))
    }

    /// What to do about a system error number that occurred while writing, if it says.
    static func hint(writing code: Int32) -> String? {
        switch code {
        case ENOSPC, EDQUOT: "make room on the disk, or write to another folder"
        case EFBIG: "no larger file is allowed there: raise the limit (ulimit -f), or write to another folder"
        case EACCES, EPERM, EROFS: "write to another folder"
        case ENAMETOOLONG: "choose a shorter name"
        case EMFILE, ENFILE: "allow more open files (ulimit -n)"
        case ELOOP: "one of the symbolic links in it leads back to itself"
        default: nil
        }
    }
}

/// Whether the working folder still has a name.
private var isHere: Bool {
    guard let path = getcwd(nil, 0) else { return false }
    free(path)
    return true
}
