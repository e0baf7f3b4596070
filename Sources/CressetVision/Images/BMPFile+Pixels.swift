import CPixels

extension BMPFile {
    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        if runs != nil {
            try decodeRuns(file, into: layout)
            return nil
        }
        for row in 0..<height {
            let y = isTopDown ? row : height - 1 - row
            let source = file.baseAddress! + start + row * rowByteCount
            let bytes = UnsafeRawBufferPointer(start: source, count: (width * bits + 7) / 8)
            if palette.isEmpty {
                placeColors(bytes, over: ground, at: layout.address(0, y), step: layout.column_step)
            } else {
                placeIndices(bytes, at: layout.address(0, y), step: layout.column_step)
            }
        }
        return nil
    }

    private func placeIndices(_ row: UnsafeRawBufferPointer, at start: UnsafeMutablePointer<UInt8>, step: Int) {
        let mask = 1 << bits - 1
        palette.withUnsafeBufferPointer { palette in
            var pixel = start
            for x in 0..<width {
                let shift = 8 - bits - (x * bits) % 8
                let index = 3 * (Int(row[x * bits / 8]) >> shift & mask)
                for channel in 0..<3 { pixel[channel] = palette[index + channel] }
                pixel += step
            }
        }
    }

    private func placeColors(
        _ row: UnsafeRawBufferPointer, over ground: UInt8?, at start: UnsafeMutablePointer<UInt8>, step: Int
    ) {
        var pixel = start
        switch fields {
        case .packed(let greenBits):
            let most = 1 << greenBits - 1
            for x in 0..<width {
                let value = Int(row[2 * x]) | Int(row[2 * x + 1]) << 8
                pixel[0] = UInt8((value >> (5 + greenBits) & 31) * 255 / 31)
                pixel[1] = UInt8((value >> 5 & most) * 255 / most)
                pixel[2] = UInt8((value & 31) * 255 / 31)
                pixel += step
            }
        case .bytes(let red, let green, let blue, let alpha):
            let size = bits / 8
            for x in 0..<width {
                (pixel[0], pixel[1], pixel[2]) = (row[x * size + red], row[x * size + green], row[x * size + blue])
                if let alpha, let ground {
                    var colors = (pixel[0], pixel[1], pixel[2], row[x * size + alpha])
                    withUnsafeBytes(of: &colors) {
                        cresset_pixels_lay_over($0.baseAddress!.assumingMemoryBound(to: UInt8.self), pixel, 1, ground)
                    }
                }
                pixel += step
            }
        }
    }

    /// Pixels that are skipped have index 0. Those after an early end of the picture are missing, as in Pillow.
    private func decodeRuns(_ file: UnsafeRawBufferPointer, into layout: cresset_layout) throws(ImageError) {
        let total = width * height
        var indices = [UInt8](repeating: 0, count: total)
        var position = start
        // How many pixels are done, and in which column the next one is.
        var (done, x) = (0, 0)
        func next() throws(ImageError) -> Int {
            guard position < file.count else { throw .truncated("BMP") }
            position += 1
            return Int(file[position - 1])
        }
        reading: while done < total {
            let (count, value) = (try next(), try next())
            switch (count, value) {
            case (0, 0):
                done = (done + width - 1) / width * width
                x = 0
            case (0, 1): break reading
            case (0, 2):
                let (right, up) = (try next(), try next())
                done = min(done + right + up * width, total)
                x = done % width
            case (0, _):
                let wanted = min(value, total - done)
                for index in 0..<(runs == 4 ? (wanted + 1) / 2 : wanted) {
                    let byte = try next()
                    if runs == 8 {
                        indices[done + index] = UInt8(byte)
                    } else {
                        indices[done + 2 * index] = UInt8(byte >> 4)
                        if 2 * index + 1 < wanted { indices[done + 2 * index + 1] = UInt8(byte & 15) }
                    }
                }
                done += wanted
                x += value
                position += position % 2
            default:
                // What goes beyond the row is dropped.
                let kept = min(count, max(width - x, 0), total - done)
                for index in 0..<kept {
                    indices[done + index] = UInt8(runs == 8 ? value : index % 2 == 0 ? value >> 4 : value & 15)
                }
                done += kept
                x += kept
            }
        }
        if done < total { throw .truncated("BMP") }
        place(indices, into: layout)
    }

    private func place(_ indices: [UInt8], into layout: cresset_layout) {
        for row in 0..<height {
            var pixel = layout.address(0, isTopDown ? row : height - 1 - row)
            for index in indices[(row * width)..<((row + 1) * width)] {
                for channel in 0..<3 { pixel[channel] = palette[3 * Int(index) + channel] }
                pixel += layout.column_step
            }
        }
    }
}
