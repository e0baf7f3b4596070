import Cresset

/// What a camera or an editor noted beside the pixels: EXIF data, a TIFF structure, and an XMP packet, which is XML.
///
/// Every offset is checked against the available bytes; nothing is followed twice, so that a hostile file cannot make
/// this loop. Compressed notes are not looked at.
struct CameraNotes {
    private(set) var exif: UnsafeRawBufferPointer?
    private(set) var xmp: UnsafeRawBufferPointer?

    private static let exifMark = Array("Exif\0\0".utf8)
    private static let xmpMark = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

    /// Walks the segments before the first scan.
    init(ofJPEG file: UnsafeRawBufferPointer) {
        var position = 2
        while position + 4 <= file.count, file[position] == 0xFF {
            let marker = file[position + 1]
            if marker == 0xFF {
                position += 1
                continue
            }
            if marker == 0xDA || marker == 0xD9 { return }
            let length = Int(file[position + 2]) << 8 | Int(file[position + 3])
            let end = position + 2 + length
            if length < 2 || end > file.count { return }
            if marker == 0xE1 { note(UnsafeRawBufferPointer(rebasing: file[(position + 4)..<end])) }
            position = end
        }
    }

    /// Takes a JPEG's segment: the first EXIF data and, as Pillow does, the last XMP packet.
    private mutating func note(_ body: UnsafeRawBufferPointer) {
        if exif == nil, body.starts(with: Self.exifMark) {
            exif = UnsafeRawBufferPointer(rebasing: body[Self.exifMark.count...])
        } else if body.starts(with: Self.xmpMark) {
            xmp = UnsafeRawBufferPointer(rebasing: body[Self.xmpMark.count...])
        }
    }

    /// Walks the chunks to the first ones.
    init(ofPNG file: UnsafeRawBufferPointer) {
        var position = 8
        while file.count - position >= 12 {
            let length = Int(UInt32(bigEndian: file.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            if length > file.count - position - 12 { return }
            let name = file[(position + 4)..<(position + 8)]
            let body = UnsafeRawBufferPointer(rebasing: file[(position + 8)..<(position + 8 + length)])
            if exif == nil, name.elementsEqual("eXIf".utf8) { exif = body }
            // The zeros say that it is not compressed, and end the names of the language.
            if xmp == nil, name.elementsEqual("iTXt".utf8), body.starts(with: "XML:com.adobe.xmp\0\0".utf8) {
                xmp = body
            }
            position += 12 + length
        }
    }

    /// Walks the chunks to the first ones.
    init(ofWebP file: UnsafeRawBufferPointer) {
        var position = 12
        while file.count - position >= 8 {
            let length = Int(UInt32(littleEndian: file.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)))
            if length > file.count - position - 8 { return }
            let name = file[position..<(position + 4)]
            let body = UnsafeRawBufferPointer(rebasing: file[(position + 8)..<(position + 8 + length)])
            if exif == nil, name.elementsEqual("EXIF".utf8) {
                let hasMark = body.starts(with: Self.exifMark)
                exif = hasMark ? UnsafeRawBufferPointer(rebasing: body[Self.exifMark.count...]) : body
            }
            if xmp == nil, name.elementsEqual("XMP ".utf8) { xmp = body }
            position += 8 + length + length % 2
        }
    }

    /// A TIFF file is itself what EXIF data is.
    init(ofTIFF file: UnsafeRawBufferPointer) {
        exif = file
        guard let tag = TIFFTags(file)?.find(0x02BC), tag.type == 1 || tag.type == 7 else { return }
        guard tag.count > 4, tag.offset <= file.count, tag.count <= file.count - tag.offset else { return }
        xmp = UnsafeRawBufferPointer(rebasing: file[tag.offset..<(tag.offset + tag.count)])
    }

    /// The orientation in the EXIF data: nil if there is none, 0 if it is not a number that means one.
    var exifOrientation: Int? {
        guard let tags = exif.flatMap({ TIFFTags($0) }), let tag = tags.find(0x0112) else { return nil }
        // One number, 16 bits wide by the standard; some writers use 32.
        return tag.count == 1 && (tag.type == 3 || tag.type == 4) ? tag.value : 0
    }

    /// The orientation in the XMP packet, as an attribute or an element.
    var xmpOrientation: Int? {
        guard let xmp else { return nil }
        let name = Array("tiff:Orientation".utf8)
        var rest = xmp[...]
        while let start = rest.firstRange(of: name)?.upperBound {
            rest = rest[start...]
            let signs = rest.prefix(3)
            let after = signs.starts(with: "=\"".utf8) ? signs.dropFirst(2) : signs.dropFirst(1)
            guard signs.starts(with: "=\"".utf8) || signs.starts(with: ">".utf8) else { continue }
            if let digit = after.first, (0x30...0x39).contains(digit) { return Int(digit - 0x30) }
        }
        return nil
    }
}

/// The first directory of a TIFF structure.
private struct TIFFTags {
    private let block: UnsafeRawBufferPointer
    private let isLittle: Bool
    private let directory: Int

    struct Tag {
        let type: Int
        let count: Int
        /// A single number of 16 or 32 bits.
        let value: Int
        /// Where the numbers are if they take more than four bytes.
        let offset: Int
    }

    init?(_ block: UnsafeRawBufferPointer) {
        guard block.count >= 8 else { return nil }
        isLittle = block.starts(with: "II*\0".utf8)
        if !isLittle && !block.starts(with: "MM\0*".utf8) { return nil }
        self.block = block
        let start = block.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        directory = Int(isLittle ? UInt32(littleEndian: start) : UInt32(bigEndian: start))
        guard directory >= 8, directory <= block.count - 2 else { return nil }
    }

    func find(_ name: Int) -> Tag? {
        for entry in 0..<half(directory) {
            let offset = directory + 2 + entry * 12
            guard offset <= block.count - 12 else { return nil }
            guard half(offset) == name else { continue }
            let type = half(offset + 2)
            return Tag(
                type: type, count: word(offset + 4), value: type == 3 ? half(offset + 8) : word(offset + 8),
                offset: word(offset + 8))
        }
        return nil
    }

    private func half(_ offset: Int) -> Int {
        let value = block.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return Int(isLittle ? UInt16(littleEndian: value) : UInt16(bigEndian: value))
    }

    private func word(_ offset: Int) -> Int {
        let value = block.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return Int(isLittle ? UInt32(littleEndian: value) : UInt32(bigEndian: value))
    }
}
