import Cresset
import Glibc

/// What the system reports about the machine.
package enum Machine {
    /// The compiler that built this program.
    package static var compiler: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    /// Distribution, kernel, machine and C library.
    package static var system: String {
        var names = utsname()
        uname(&names)
        let distribution = field("PRETTY_NAME", of: SystemFiles.text(of: "/etc/os-release"), separator: "=") ?? "Linux"
        let release = text(&names.release)
        let machine = text(&names.machine)
        var library = [CChar](repeating: 0, count: 64)
        confstr(Int32(_CS_GNU_LIBC_VERSION), &library, library.count)
        let bytes = library.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(distribution), kernel \(release), \(machine), \(String(decoding: bytes, as: UTF8.self))"
    }

    /// The processor's name.
    package static var processor: String {
        field("model name", of: SystemFiles.text(of: "/proc/cpuinfo"), separator: ":") ?? "unknown"
    }

    /// The vector instructions that determine the choice of kernels, the widest last.
    package static var vectors: [String] {
        let flags = field("flags", of: SystemFiles.text(of: "/proc/cpuinfo"), separator: ":") ?? ""
        let known = Set(flags.split(separator: " "))
        return [
            ("avx2", "AVX2"), ("avx512f", "AVX-512"), ("avx512_bf16", "AVX-512-BF16"), ("amx_bf16", "AMX-BF16"),
        ].filter { known.contains(Substring($0.0)) }.map(\.1)
    }

    /// The number of processors that are switched on.
    package static var processorCount: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The bytes of memory that the machine has.
    package static var memoryByteCount: Int { Int(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))) }

    /// The version of NVIDIA's kernel module.
    package static var driverVersion: String? {
        let version = SystemFiles.text(of: "/sys/module/nvidia/version").trimmed()
        return version.isEmpty ? nil : version
    }

    /// The value of the first line `key separator value`, without blanks and quotes around it.
    private static func field(_ key: String, of text: String, separator: Character) -> String? {
        for line in text.split(separator: "\n") {
            guard let place = line.firstIndex(of: separator),
                line[..<place].trimmed() == key
            else { continue }
            return line[line.index(after: place)...].trimmed(["\""])
        }
        return nil
    }

    private static func text<T>(_ field: inout T) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
