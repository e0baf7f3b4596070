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

    /// Width, height, shorter side, crop.
    private static let crops = [
        (2731, 1, 256, 24), (1, 2731, 256, 24), (61, 47, 40, 32), (61, 47, 50, 24), (47, 610, 24, 32),
        (300, 299, 64, 63),
    ]

    /// Of `Image.resize` and `center_crop`.
    private static let expectedCrops: [Interpolation: [UInt64]] = [
        .nearest: [
            0x05af_1ac3_2aea_c1a5, 0x19d4_0dff_dbf6_49a5, 0x4bc7_a99d_00b0_dd27, 0x7c7a_00a8_f739_5c85,
            0x3713_477a_4ca0_b9a5, 0x83fe_a956_c26c_366f,
        ],
        .box: [
            0x05af_1ac3_2aea_c1a5, 0x19d4_0dff_dbf6_49a5, 0x5b5f_1c2e_a000_bcbb, 0x7c7a_00a8_f739_5c85,
            0x53ad_4193_3130_ecb2, 0x9f34_399d_297b_9e65,
        ],
        .bilinear: [
            0x6d76_6dac_c7b1_7e25, 0x6879_5d4a_19d0_4525, 0xf03e_d847_0efd_d1ea, 0xa442_a6d1_2e1a_d546,
            0x1fe3_2438_e3e7_7e71, 0xb944_a489_ad1b_c87c,
        ],
        .hamming: [
            0x27f1_618b_5ce7_bec5, 0x4a4c_0b0a_379d_76f5, 0x2536_8f82_0988_4155, 0x3b37_2013_ff3d_cadb,
            0x0e88_3440_dd37_16f2, 0xdaeb_ec05_12bc_11df,
        ],
        .bicubic: [
            0xd07e_2cfa_ac4c_4ba5, 0x38b5_abe3_4017_f035, 0x5583_4802_fccd_e238, 0x96cd_d49b_f891_6e61,
            0x9252_205a_60b0_711a, 0x4d5a_3fb8_e12c_1415,
        ],
        .lanczos: [
            0xaa3b_5b47_bae6_9be5, 0x4755_80c3_e6f3_3fad, 0x6a1e_2930_96d8_24f3, 0x40c5_70c3_ea77_a024,
            0x0064_137c_c651_ed95, 0xcf13_2feb_ea4c_eca1,
        ],
    ]

    @Test(arguments: Interpolation.allCases)
    func aCropOfAResizedPictureEqualsPillowToTheBit(_ interpolation: Interpolation) throws {
        for ((width, height, side, crop), hash) in zip(Self.crops, Self.expectedCrops[interpolation]!) {
            let image = PictureFixtures.pattern(width: width, height: height)
            let both = Compose([Resize(side, interpolation: interpolation), CenterCrop(crop)])
            #expect(PictureFixtures.hash(try both(image).image.pixels) == hash, "\(width) x \(height) to \(crop)")
        }
    }

    @Test func onlyWhatIsCutOutIsComputed() throws {
        // 65,500 x 1 made 256 high would be 16,768,000 pixels wide: 13 GB.
        let line = Image(width: 65_500, height: 1, repeating: 9)
        #expect(try Preprocessing().evaluation(line).shape == [3, 224, 224])
        #expect(try Preprocessing().training(line).shape == [3, 224, 224])
        let alone = #expect(throws: ImageError.self) { try Resize(256)(line) }
        #expect(alone == .resultTooLarge(operation: "resize", width: 16_768_000, height: 256))
        // The rest of a window's run of pixels must not be overwritten: two runs and more.
        let wide = PictureFixtures.pattern(width: 90_000, height: 2)
        let narrow = wide.resized(width: 300, height: 2)
        let part = wide.cropped(left: 0, top: 1, width: 90_000, height: 1).resized(width: 300, height: 1)
        #expect(narrow.cropped(left: 0, top: 1, width: 300, height: 1) == part)
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

    @Test func extremeSizesWork() throws {
        #expect(Image(width: 1, height: 1, repeating: 7).resized(width: 5, height: 3).pixels.allSatisfy { $0 == 7 })
        #expect(Image(width: 4000, height: 1, repeating: 9).resized(width: 1, height: 1).pixels == [9, 9, 9])
        #expect(try Image(width: 300, height: 7, repeating: 3).resized(shortSide: 224).width == 9600)
    }
}
