import Cresset
import Testing

/// Damaged files give an error or load; nothing else may happen.
@Suite struct MutationTests {
    @Test(arguments: SoundFile.allCases)
    func cutAtEveryLength(_ file: SoundFile) throws {
        let bytes = file.bytes
        let folder = TemporaryFolder()
        for length in 0..<bytes.count {
            let path = folder.file("cut.pth", Array(bytes[..<length]))
            do throws(CheckpointError) {
                // Only padding after the last member of a tar file is dispensable.
                let state = try Checkpoint.load(path)
                #expect(file == .tar && state["w"]?.scalars(as: Float.self) == [1, 2, 3, 4], "cut at \(length)")
            } catch {
                #expect(error.description.contains("cut.pth: "))
            }
        }
    }

    @Test(arguments: SoundFile.allCases)
    func changedBytes(_ file: SoundFile) throws {
        let original = file.bytes
        let folder = TemporaryFolder()
        var random = Noise(state: 0x9E37_79B9)
        for trial in 0..<1500 {
            var bytes = original
            for _ in 0..<1 + trial % 4 {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[at] ^= 1 << UInt8(random.next() % 8)
                case 1: bytes[at] = [0, 0xFF, 0x7F, 0x80, 0x2E, 0x28][Int(random.next() % 6)]
                case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
                default: bytes.remove(at: at)
                }
            }
            let path = folder.file("changed.pth", bytes)
            guard let state = try? Checkpoint.load(path) else { continue }
            // Whatever loads must be usable.
            for (_, tensor) in state { #expect(tensor.elementCount <= bytes.count) }
        }
    }

    @Test(arguments: SoundFile.allCases)
    func eachByteFlipped(_ file: SoundFile) throws {
        let original = file.bytes
        let folder = TemporaryFolder()
        let isChecked = [.zip, .deflatedZip, .wideZip].contains(file)
        for at in original.indices {
            var bytes = original
            bytes[at] ^= 0x10
            let path = folder.file("flipped.pth", bytes)
            guard let state = try? Checkpoint.load(path) else { continue }
            // In a zip file no change to the numbers can go unnoticed.
            if isChecked { #expect(state["w"]?.scalars(as: Float.self) == [1, 2, 3, 4], "byte \(at)") }
        }
    }
}

/// A small generator (SplitMix64), so that every run tries the same files.
private struct Noise {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
