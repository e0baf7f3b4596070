import Cresset

/// The command-line options.
struct Options {
    static let usage =
        "usage: conformance DIR [--device cpu|cuda:0] [--only SUBSTRING] [--strided] [--verbose] [--gradcheck]\n"
        + "       conformance --from-pytorch | --spellings\n"
        + "       conformance --pixels whole|preprocessed < PATHS"

    var directory = ""
    var device = Device.cpu
    var only: String?
    var isVerbose = false
    /// Whether inputs are laid out in memory with gaps and with their axes in another order, which must not change any
    /// result.
    var isStrided = false
    /// What to print instead of running cases: the page "From PyTorch", or the Swift in it, for the compiler.
    var text: String?
    /// Whether the operators' gradients are compared with finite differences instead of with the cases.
    var checksGradients = false
    /// Set to write pictures' pixels instead of running cases.
    var pixels: PixelWriter?
    /// Set for the process that the runner restarts after a trap: the case to begin with.
    var firstCase: Int?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        func operand(_ option: String) throws -> String {
            guard let value = rest.popFirst() else { throw Failure("\(option) needs a value") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--device": device = try Options.device(operand(argument))
            case "--only": only = try operand(argument)
            case "--strided": isStrided = true
            case "--verbose": isVerbose = true
            case "--gradcheck": checksGradients = true
            case "--from-pytorch": text = FromPyTorchPage.text
            case "--spellings": text = SpellingSource.text
            case "--pixels": pixels = PixelWriter(preprocesses: try operand(argument) == "preprocessed")
            case "--from-case": firstCase = Int(try operand(argument))
            case _ where argument.hasPrefix("-"): throw Failure("there is no option \(argument)")
            default:
                guard directory.isEmpty else { throw Failure("only one directory is allowed; \(argument) is another") }
                directory = argument
            }
        }
        guard !directory.isEmpty || text != nil || pixels != nil else {
            throw Failure("no directory of cases was given")
        }
    }

    private static func device(_ name: String) throws -> Device {
        do { return try Device(name) } catch { throw Failure("\(error)") }
    }
}
