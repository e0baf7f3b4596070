import CPixels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Image {
    /// The picture with only the top `bits` of each value kept.
    public func posterized(bits: Int) -> Image {
        if bits < 0 || bits > 8 { fatalError("posterized: 0 to 8 bits, got \(bits)") }
        let mask = UInt8(truncatingIfNeeded: ~((1 << (8 - bits)) - 1))
        return mappingValues { $0 & mask }
    }

    /// The picture with values of at least `threshold` inverted.
    public func solarized(threshold: Double) -> Image { mappingValues { Double($0) < threshold ? $0 : 255 - $0 } }

    /// The negative.
    public func inverted() -> Image { mappingValues { 255 - $0 } }

    /// The picture with each channel stretched to the full range.
    public func autocontrasted() -> Image {
        mappingChannels { counts in
            guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 }),
                low < high
            else { return (0..<256).map { UInt8($0) } }
            let scale = 255.0 / Double(high - low)
            let offset = Double(-low) * scale
            return (0..<256).map { UInt8(min(max(Int(Double($0) * scale + offset), 0), 255)) }
        }
    }

    /// The picture with each channel's values redistributed so that all occur equally often.
    public func equalized() -> Image {
        mappingChannels { counts in
            let present = counts.filter { $0 > 0 }
            let step = (present.reduce(0, +) - (present.last ?? 0)) / 255
            if present.count <= 1 || step == 0 { return (0..<256).map { UInt8($0) } }
            var sum = step / 2
            return counts.map { count in
                defer { sum += count }
                return UInt8(min(sum / step, 255))
            }
        }
    }

    /// How often each value occurs: 256 counts per channel.
    func counts() -> [Int] {
        var counts = [Int64](repeating: 0, count: 256 * channels)
        withDescription { cresset_pixels_count($0, &counts) }
        return counts.map(Int.init)
    }

    /// The picture with each value replaced, the same way in all channels.
    func mappingValues(_ body: (UInt8) -> UInt8) -> Image {
        let table = (0..<256).map { body(UInt8($0)) }
        return mapping((0..<channels).flatMap { _ in table })
    }

    /// The picture with the values of each channel mapped through a table computed from their counts.
    private func mappingChannels(_ body: ([Int]) -> [UInt8]) -> Image {
        let counts = counts()
        return mapping((0..<channels).flatMap { body(Array(counts[($0 * 256)..<(($0 + 1) * 256)])) })
    }

    private func mapping(_ tables: [UInt8]) -> Image { mapped { cresset_pixels_map($0, $1, tables) } }
}

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
