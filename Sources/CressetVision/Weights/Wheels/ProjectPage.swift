import FoundationEssentials

/// The page of a project in a package index: JSON where the index knows it, else HTML.
struct ProjectPage {
    private let bytes: [UInt8]
    private let address: WebAddress

    init(_ bytes: [UInt8], at address: WebAddress) {
        self.bytes = bytes
        self.address = address
    }

    /// How the page refers to the file: an address, or one relative to the page's; nil if the file is not listed.
    func reference(to fileName: String) throws(WeightsError) -> String? {
        bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
            ? try referenceInJSON(fileName) : referenceInHTML(fileName)
    }

    private struct Listing: Decodable {
        struct File: Decodable {
            var filename: String
            var url: String
        }
        var files: [File]
    }

    private func referenceInJSON(_ fileName: String) throws(WeightsError) -> String? {
        do {
            let listing = try JSONDecoder().decode(Listing.self, from: Data(bytes))
            return listing.files.first { $0.filename == fileName }?.url
        } catch {
            throw WeightsError(.network, "\(address): the package index sent JSON that is not a list of files")
        }
    }

    /// The `href` of the first link whose last part is the file's name.
    private func referenceInHTML(_ fileName: String) -> String? {
        var rest = bytes[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[(start + 1)...]
            guard let letter = rest.first, letter | 0x20 == UInt8(ascii: "a"),
                let space = rest.dropFirst().first, " \t\r\n".utf8.contains(space)
            else { continue }
            rest = rest.dropFirst(2)
            guard let reference = Self.reference(inTag: &rest) else { continue }
            if address.resolving(reference)?.fileName == fileName { return reference }
        }
        return nil
    }

    /// The value of `href` among the attributes that `rest` begins with; moves past the tag.
    private static func reference(inTag rest: inout ArraySlice<UInt8>) -> String? {
        var found: String?
        func isSpace(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }
        while true {
            rest = rest.drop { isSpace($0) || $0 == UInt8(ascii: "/") }
            guard let first = rest.first, first != UInt8(ascii: ">") else { return found }
            let name = rest.prefix { !isSpace($0) && !"=>/".utf8.contains($0) }
            rest = rest[name.endIndex...].drop(while: isSpace)
            guard rest.first == UInt8(ascii: "=") else {
                // An attribute without a value; a stray character is skipped, so that this ends.
                if name.isEmpty { rest = rest.dropFirst() }
                continue
            }
            rest = rest.dropFirst().drop(while: isSpace)
            let quote = rest.first.flatMap { "\"'".utf8.contains($0) ? $0 : nil }
            if quote != nil { rest = rest.dropFirst() }
            let value = rest.prefix { byte in
                quote.map { byte != $0 } ?? (!isSpace(byte) && byte != UInt8(ascii: ">"))
            }
            rest = rest[value.endIndex...]
            if quote != nil { rest = rest.dropFirst() }
            if found == nil, String(decoding: name, as: UTF8.self).lowercased() == "href" {
                found = unescaped(String(decoding: value, as: UTF8.self))
            }
        }
    }

    private static func unescaped(_ text: String) -> String {
        var result = text
        let entities = ["&quot;": "\"", "&#34;": "\"", "&#39;": "'", "&#x27;": "'", "&lt;": "<", "&gt;": ">"]
        for (entity, character) in entities { result = result.replacing(entity, with: character) }
        return result.replacing("&#38;", with: "&amp;").replacing("&amp;", with: "&")
    }
}
