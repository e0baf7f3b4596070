import Cresset
import Foundation

/// A safetensors file with this header and data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
    littleEndianBytes(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// Valid weight files of each container, with the tensor `w` = [[1, 2], [3, 4]].
enum SoundFile: String, CaseIterable {
    case zip
    case deflatedZip
    case wideZip
    case legacy
    case tar
    case safetensors

    var bytes: [UInt8] {
        let data = floatBytes([1, 2, 3, 4])
        let entry = PickledEntry(name: "w", shape: [2, 2], count: 4)
        switch self {
        case .zip: return torchZip(statePickle([entry]), storages: [("0", data)])
        case .deflatedZip, .wideZip:
            var zip = ZipWriter()
            zip.isWide = self == .wideZip
            let isDeflated = self == .deflatedZip
            for (name, bytes) in [("a/data.pkl", statePickle([entry])), ("a/data/0", data)] {
                zip.add(name, bytes, packed: isDeflated ? ZipWriter.deflatedStored(bytes) : nil)
            }
            return zip.finished()
        case .legacy: return torchLegacy(statePickle([entry], isLegacy: true), storages: [("0", 4, data)])
        case .tar: return torchTar()
        case .safetensors:
            return CressetTests.safetensors(
                #"{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#, data: data)
        }
    }
}
