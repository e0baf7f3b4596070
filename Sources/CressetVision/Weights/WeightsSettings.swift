import Cresset
import Glibc

/// What the environment says of weights: the folders in which they are kept, and the servers they come from.
package struct WeightsSettings: Sendable {
    /// A value with the place where it was set, in words: `TORCH_HOME`, or `the default`.
    package struct Setting<Value: Sendable>: Sendable {
        package let value: Value
        package let origin: String
    }

    /// torch's cache folder.
    package let folder: Setting<FilePath>
    /// Hugging Face's cache folder.
    package let hub: Setting<FilePath>
    /// The URL of a folder that is tried before the servers on which weights are published; nil if there is none.
    package let mirror: Setting<String>?
    /// The variable that disables network access; nil if none does.
    package let offline: String?

    /// The variables that matter.
    static let variables = [
        "HOME", "TORCH_HOME", "XDG_CACHE_HOME", "CRESSET_OFFLINE", "HF_HUB_OFFLINE", "CRESSET_WEIGHTS_MIRROR",
        "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME",
    ]

    init(environment: [String: String]) {
        let home = Self.home(environment)
        /// The folder named by the first variable that is set, each with what is appended to it.
        func folder(_ candidates: [(variable: String, rest: String)], default rest: String) -> Setting<FilePath> {
            for (variable, rest) in candidates {
                guard let text = environment[variable], !text.isEmpty else { continue }
                let expanded = text == "~" || text.hasPrefix("~/") ? home + text.dropFirst() : text
                return Setting(value: FilePath(expanded + rest), origin: variable)
            }
            return Setting(value: FilePath(home + rest), origin: "the default")
        }
        self.folder = folder(
            [("TORCH_HOME", "/hub/checkpoints"), ("XDG_CACHE_HOME", "/torch/hub/checkpoints")],
            default: "/.cache/torch/hub/checkpoints")
        hub = folder(
            [
                ("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "/hub"),
                ("XDG_CACHE_HOME", "/huggingface/hub"),
            ], default: "/.cache/huggingface/hub")
        mirror = environment["CRESSET_WEIGHTS_MIRROR"].flatMap { text in
            text.isEmpty ? nil : Setting(value: text, origin: "CRESSET_WEIGHTS_MIRROR")
        }
        offline = ["CRESSET_OFFLINE", "HF_HUB_OFFLINE"].first { name in
            ["1", "ON", "YES", "TRUE"].contains(environment[name]?.uppercased() ?? "")
        }
    }

    /// The home folder: from the environment, else from the system's user database.
    static func home(_ environment: [String: String]) -> String {
        if let home = environment["HOME"], !home.isEmpty { return home }
        return getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) } ?? "/"
    }
}
