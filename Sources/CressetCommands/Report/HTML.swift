import Cresset

/// A piece of a page, in which everything that comes from outside is text.
///
/// Texts put into a literal are escaped, other pieces are not, so that no name of a file or class can become markup:
///
/// ```swift
/// let cell: HTML = "<td>\(name)</td>"   // <td>&lt;script&gt;</td>
/// ```
/// Values of attributes stand between double quotes.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var text: String

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation pieces: Pieces) { text = pieces.text }

    /// Markup that the program itself has made.
    init(trusted text: String) { self.text = text }

    /// A text, escaped.
    init(_ text: String) { self.text = HTML.escaped(text) }

    struct Pieces: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ text: String) { self.text += HTML.escaped(text) }

        mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { text += piece.text } }

        mutating func appendInterpolation(_ number: Int) { text += String(number) }
    }

    static func + (a: HTML, b: HTML) -> HTML { HTML(trusted: a.text + b.text) }

    /// `text` as the contents of an element or a quoted attribute; control characters are written out as `\u{1b}`.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in TerminalText.escaped(text, keepsLines: true).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension HTML {
    /// A section of the page with a heading that can be linked to.
    static func section(_ id: String, _ title: String, _ body: HTML) -> HTML {
        """
        <section id="\(id)" aria-labelledby="\(id)-title"><h2 id="\(id)-title">\(title)</h2>
        \(body)</section>

        """
    }

    /// A table of two columns: what, and how much.
    static func facts(_ rows: [(String, HTML)]) -> HTML {
        let lines = rows.map { "<tr><th scope=\"row\">\($0.0)</th><td>\($0.1)</td></tr>\n" as HTML }
        return "<div class=\"scroll\"><table class=\"facts\"><tbody>\(lines)</tbody></table></div>\n"
    }
}

extension Double {
    /// `94.8 %`, with a space that does not break.
    var percent: String { isFinite ? (self * 100).fixed(1) + "\u{A0}%" : "n/a" }
}
