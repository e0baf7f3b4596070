import CressetData
import CressetVision
import Testing

/// Expected hashes are those of Pillow 13's results for the same picture.
@Suite struct ResamplingTests {
    private static let sizes = [(20, 31), (90, 20), (90, 80), (33, 9)]

    private static let expected: [Interpolation: [UInt64]] = [
        .nearest: [0x3fdf_f36b_496e_1b43, 0x5d3b_48ef_c7bb_d065, 0xf4cb_a376_18b8_9385, 0xd2f8_b601_2ba0_1b3f],
        .box: [0x9d2c_8d22_60f6_bcc6, 0xf96b_5c7b_f48e_762d, 0xf4cb_a376_18b8_9385, 0x4eb6_c5f6_b473_f923],
        .bilinear: [0x06c6_cf58_2696_7903, 0xdf34_7073_0a39_e324, 0xed3e_8ae8_8866_4078, 0x077_014d4_9e8d_2590],
        .hamming: [0xaa9d_738c_c1ff_b4e8, 0x48fb_3e88_78f6_28b4, 0xebfe_b77f_8918_82c4, 0x0a27_aa2b_490a_8d98],
        .bicubic: [0xd16c_7e48_30e5_b05b, 0x1c13_1987_1fdf_bb3e, 0x19e0_8dc8_7c0f_3759, 0xde2c_ec5f_5178_5cb4],
        .lanczos: [0xfb97_a1f9_4eac_4cc7, 0x95da_a11d_0f23_9c8d, 0x0a96_e922_a3ec_6113, 0x114f_eb2d_95b7_c1ac],
    ]

    @Test(arguments: Interpolation.allCases) func equalsPillowToTheBit(_ interpolation: Interpolation) {
        let image = PictureFixtures.pattern(width: 61, height: 47)
        for (size, hash) in zip(Self.sizes, Self.expected[interpolation]!) {
            let resized = image.resized(width: size.0, height: size.1, interpolation: interpolation)
            #expect(PictureFixtures.hash(resized.pixels) == hash, "to \(size)")
        }
    }

    @Test func aPartIsResizedAsIfItWereCutOutFirst() {
        let image = PictureFixtures.pattern(width: 61, height: 47)
        let part = image.cropped(left: 13, top: 5, width: 30, height: 36)
        let copy = Image(width: 30, height: 36, pixels: part.pixels)
        #expect(
            image.resizedCrop(left: 13, top: 5, width: 30, height: 36, toWidth: 16, toHeight: 16)
                == copy.resized(width: 16, height: 16))
    }

    @Test func oneChannelEqualsThree() {
        let gray = PictureFixtures.pattern(width: 50, height: 40).grayscale()
        let tripled = gray.grayscale(channels: 3)
        #expect(gray.resized(width: 23, height: 19).grayscale(channels: 3) == tripled.resized(width: 23, height: 19))
    }

    @Test func extremeSizesWork() {
        #expect(Image(width: 1, height: 1, repeating: 7).resized(width: 5, height: 3).pixels.allSatisfy { $0 == 7 })
        #expect(Image(width: 4000, height: 1, repeating: 9).resized(width: 1, height: 1).pixels == [9, 9, 9])
        #expect(Image(width: 300, height: 7, repeating: 3).resized(shortSide: 224).width == 9600)
    }
}
