import Cresset
import Foundation

enum SafetensorsFile {
    static func load(_ url: URL) throws -> [String: Tensor] {
        let data = try Data(contentsOf: url)
        guard data.count >= 8 else { throw Failure("\(url.lastPathComponent) is too short") }
        let length = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        let header = try JSON(parsing: [UInt8](data[8..<8 + length]))
        let dtypes: [String: DType] = [
            "F32": .float32, "F64": .float64, "I64": .int64, "I32": .int32, "U8": .uint8, "BOOL": .bool, "F16": .float16,
            "BF16": .bfloat16, "I16": .int16, "I8": .int8,
        ]
        var result: [String: Tensor] = [:]
        for (name, entry) in header.members! where name != "__metadata__" {
            let shape = Shape(entry["shape"]!.array!.map { $0.integer! })
            let range = entry["data_offsets"]!.array!.map { $0.integer! + 8 + length }
            result[name] = Data(data[range[0]..<range[1]]).withUnsafeBytes {
                Tensor(bytes: $0, dtype: dtypes[entry["dtype"]!.string!]!, shape: shape)
            }
        }
        return result
    }
}
