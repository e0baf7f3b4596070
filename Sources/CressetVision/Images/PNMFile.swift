import CPixels

/// A PBM, PGM or PPM file: Netpbm's black and white, grey or coloured pictures, as numbers in text or in bytes.
///
/// Samples are scaled to 255 and rounded, halves to even, as Pillow does.
struct PNMFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    var workingByteCount: Int { 0 }
    var ending: PictureEnding { isText ? .none : .stated }
    var modes: Set<ColorMode> {
        guard let maximum else { return [.bilevel] }
        let modes: Set<ColorMode> = channels == 1 ? [.grey] : []
        return maximum > 255 ? modes.union([.deep]) : modes
    }
    /// 1 or 3.
    private let channels: Int
    private let isText: Bool
    /// The largest sample; nil for black and white.
    private let maximum: Int?
    /// Where the pixels begin.
    private let start: Int

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        let kind = file[1] - UInt8(ascii: "0")
        channels = kind % 3 == 0 ? 3 : 1
        isText = kind <= 3
        // After the space that follows "P6".
        var text = PNMText(file, at: 3)
        (width, height) = (try text.number("the width"), try text.number("the height"))
        if kind % 3 == 1 {
            maximum = nil
        } else {
            let value = try text.number("the largest sample")
            if value < 1 || value > 65535 {
                throw .broken(format: "PPM", reason: "the largest sample is \(value), not 1 to 65535")
            }
            maximum = value
        }
        start = text.position
        if start >= file.count { throw .truncated("PPM") }
        if width > 0 && height > 0 && width > Image.maximumPixelCount / height {
            throw .tooLarge(width: width, height: height)
        }
        let row =
            switch (isText, maximum) {
            // Digits of black and white need no space between them, numbers do.
            case (true, nil): width
            case (true, _): 2 * width * channels
            case (false, nil): (width + 7) / 8
            case (false, let maximum?): width * channels * (maximum > 255 ? 2 : 1)
            }
        isTooShort = start + row * height - (isText ? 1 : 0) > wholeCount
    }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        guard let maximum else {
            try decodeBits(file, into: layout)
            return nil
        }
        // One entry for each sample; larger ones are white.
        let table = (0...maximum).map { UInt8((Double($0) / Double(maximum) * 255).rounded(.toNearestOrEven)) }
        var text = PNMText(file, at: start)
        var position = start
        let size = maximum > 255 ? 2 : 1
        for y in 0..<height {
            var pixel = layout.address(0, y)
            for _ in 0..<width {
                for channel in 0..<channels {
                    if isText {
                        let value = try text.number("a sample")
                        if value > maximum {
                            throw .broken(format: "PPM", reason: "a sample of \(value), more than \(maximum)")
                        }
                        pixel[channel] = table[value]
                    } else {
                        guard position + size <= file.count else { throw .truncated("PPM") }
                        let value =
                            size == 1 ? Int(file[position]) : Int(file[position]) << 8 | Int(file[position + 1])
                        pixel[channel] = table[min(value, maximum)]
                        position += size
                    }
                }
                if channels == 1 { (pixel[1], pixel[2]) = (pixel[0], pixel[0]) }
                pixel += layout.column_step
            }
        }
        return nil
    }

    /// 1 is black.
    private func decodeBits(_ file: UnsafeRawBufferPointer, into layout: cresset_layout) throws(ImageError) {
        var text = PNMText(file, at: start)
        let rowBytes = (width + 7) / 8
        for y in 0..<height {
            var pixel = layout.address(0, y)
            for x in 0..<width {
                let isBlack: Bool
                if isText {
                    isBlack = try text.digit() == 1
                } else {
                    let offset = start + y * rowBytes + x / 8
                    guard offset < file.count else { throw .truncated("PPM") }
                    isBlack = file[offset] >> (7 - x % 8) & 1 == 1
                }
                let value: UInt8 = isBlack ? 0 : 255
                (pixel[0], pixel[1], pixel[2]) = (value, value, value)
                pixel += layout.column_step
            }
        }
    }
}

/// Decimal numbers between white space and comments, which reach from # to the end of the line.
private struct PNMText {
    private let file: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ file: UnsafeRawBufferPointer, at start: Int) {
        self.file = file
        position = start
    }

    /// The next number, at most ten digits long; the space after it is taken too.
    mutating func number(_ name: String) throws(ImageError) -> Int {
        skipSpace()
        var value = 0
        let start = position
        while position < file.count, case let digit = file[position], (0x30...0x39).contains(digit) {
            value = value * 10 + Int(digit - 0x30)
            position += 1
            if position - start > 10 { throw .broken(format: "PPM", reason: "\(name) has too many digits") }
        }
        if position < file.count {
            guard position > start, isSpace(file[position]) || file[position] == UInt8(ascii: "#") else {
                throw .broken(format: "PPM", reason: "\(name) is not a number")
            }
            if isSpace(file[position]) { position += 1 }
        } else if position == start {
            throw .truncated("PPM")
        }
        return value
    }

    /// The next digit, 0 or 1.
    mutating func digit() throws(ImageError) -> Int {
        skipSpace()
        guard position < file.count else { throw .truncated("PPM") }
        let digit = file[position]
        guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "1") else {
            throw .broken(format: "PPM", reason: "a pixel is neither 0 nor 1")
        }
        position += 1
        return Int(digit - UInt8(ascii: "0"))
    }

    private mutating func skipSpace() {
        while position < file.count {
            if file[position] == UInt8(ascii: "#") {
                while position < file.count, file[position] != 0x0A, file[position] != 0x0D { position += 1 }
            } else if !isSpace(file[position]) {
                return
            } else {
                position += 1
            }
        }
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
