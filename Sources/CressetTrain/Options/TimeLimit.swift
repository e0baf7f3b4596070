/// How long something may take, as a person writes it: `90s`, `30m`, `2h`, `1h30m`; a number alone counts minutes.
public struct TimeLimit: Sendable, Hashable {
    public let duration: Duration

    /// Nil if `text` is no such time, is 0, or is more than a year.
    public init?(_ text: String) {
        var seconds = 0.0
        var rest = text[...]
        var last = Double.infinity
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest.dropFirst(digits.count).first
            guard let number = Double(digits), number.isFinite, let size = TimeLimit.seconds(unit), size < last,
                unit != nil || digits.count == text.count
            else { return nil }
            seconds += number * size
            last = size
            rest = rest.dropFirst(digits.count + (unit == nil ? 0 : 1))
        }
        guard seconds > 0, seconds <= 366 * 86400 else { return nil }
        duration = .seconds(seconds)
    }

    private static func seconds(_ unit: Character?) -> Double? {
        switch unit {
        case "d": 86400
        case "h": 3600
        case "m", nil: 60
        case "s": 1
        default: nil
        }
    }
}
