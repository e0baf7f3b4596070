import FoundationEssentials

/// Any JSON, for what a file holds beside the fields that this version knows.
package enum JSONValue: Codable, Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    /// Up to 38 digits, which `number` would round.
    case decimal(Decimal)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else if let value = try? container.decode(Double.self) {
            let decimal = (try? container.decode(Decimal.self)).flatMap { Double($0.description) == value ? $0 : nil }
            self = decimal.map(JSONValue.decimal) ?? .number(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else {
            // A number beyond all of these, such as 1e400, cannot be kept; the rest of the file can be read.
            self = .null
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .decimal(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The parts of this value, at every level, for which `other` has no field; nil if there are none.
    ///
    /// Only the fields of objects are compared: any other value of `other` stands for this one.
    func subtracting(_ other: JSONValue) -> JSONValue? {
        guard case .object(let own) = self, case .object(let theirs) = other else { return nil }
        let rest = own.reduce(into: [String: JSONValue]()) { rest, field in
            rest[field.key] = theirs[field.key].map(field.value.subtracting) ?? field.value
        }
        return rest.isEmpty ? nil : .object(rest)
    }

    /// This value with the fields of `other`, at every level, that it does not have.
    func adding(_ other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let theirs) = other else { return self }
        return .object(own.merging(theirs) { $0.adding($1) })
    }
}
