import Cresset
import Foundation
import Testing

@Suite struct SafetensorsTests {
    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        "  \n{\"a\" : {\"shape\":[ 2 ], \"data_offsets\":[0 , 8],\t\"dtype\":\"F32\"} }   ",
        #"{"b":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#,
        #"{"":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#,
        #"{"../../etc/passwd":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}"#,
        #"{"\u0000\ud83d\ude00\n":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#,
        #"{"b":{"dtype":"I32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"__metadata__":{},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
    ])
    func soundHeaders(_ header: String) throws {
        _ = try checkpoint(safetensors(header, data: [UInt8](repeating: 0xFF, count: 8)))
    }

    @Test(arguments: [
        "", "{", "[]", "{}x", "{not json", "nul", "{\"a\":1}", "{\"a\":{}}", "{\"a\":{\"dtype\":\"F32\"}}",
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":[[[[[[]]]]]]}}"#,
        #"{"a":{"dtype":"Q99","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
        #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}"#,
        #"{"\ud83d":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"\q":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        "{\"a\u{1}\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":{"a":"1","a":"2"}}"#, #"{"__metadata__":"x"}"#, "{}",
    ])
    func headersThatBreakTheRules(_ header: String) {
        #expect(refusal(safetensors(header, data: [UInt8](repeating: 0, count: 8)), name: "a.safetensors") != nil)
    }

    @Test func lengthsOfTheHeader() {
        for length in [0, 1, 3, 100_000_001, 1 << 40, UInt64(Int.max), UInt64.max] {
            #expect(refusal(littleEndianBytes(length) + Array("{}".utf8), name: "a.safetensors") != nil)
        }
        for count in 0..<8 { #expect(refusal([UInt8](repeating: 0, count: count), name: "a.safetensors") != nil) }
        #expect(refusal(littleEndianBytes(UInt64(1) << 60) + Array("{}".utf8))?.problem.contains("header") == true)
        #expect(refusal(littleEndianBytes(UInt64(4)) + [0x7B, 0x22, 0xFF, 0x22], name: "a.safetensors") != nil)
    }

    @Test func writtenFilesAreReadBack() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/a.safetensors"
        let state: StateDict = [
            "flag": Tensor([true, false, true], shape: [3]),
            "conv.weight": Tensor([Float(1), .nan, -0.0], shape: [3, 1]),
            "count": Tensor([Int64(-7)], shape: []), "quote\"\\\n\u{1}é": Tensor([1.5, 2.5], shape: [2]),
            "empty": Tensor.zeros([0, 4]), "bytes": Tensor([UInt8(1), 2, 3], shape: [3]),
        ]
        try Checkpoint.save(state, to: path, metadata: ["b": "2", "a": "line\none"])
        let file = try Checkpoint(contentsOf: path)
        #expect(file.metadata == ["b": "2", "a": "line\none"])
        #expect(file.state.keys == state.keys)
        for (name, tensor) in state {
            let found = try #require(file.state[name])
            #expect(found.dtype == tensor.dtype && found.shape == tensor.shape)
            #expect(found.withUnsafeBytes { Array($0) } == tensor.withUnsafeBytes { Array($0) })
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try Checkpoint.save(state, to: path, metadata: ["a": "line\none", "b": "2"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        #expect(folder.names == ["a.safetensors"])
    }

    @Test func thingsThatCannotBeSaved() throws {
        let folder = TemporaryFolder()
        let state: StateDict = ["w": Tensor.zeros([2])]
        #expect(throws: CheckpointError.self) { try Checkpoint.save(state, to: folder.path + "/none/a.safetensors") }
        #expect(throws: CheckpointError.self) { try Checkpoint.save(state, to: folder.path) }
        let reserved: StateDict = ["__metadata__": Tensor.zeros([2])]
        #expect(throws: CheckpointError.self) { try Checkpoint.save(reserved, to: folder.path + "/a.safetensors") }
        #expect(folder.names == [])
    }
}
