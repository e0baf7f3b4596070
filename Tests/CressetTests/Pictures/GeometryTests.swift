import Cresset
import CressetData
import CressetVision
import Testing

/// Geometry equal to the bit to torchvision 0.29 on Pillow 13, whose results are known by their hashes.
@Suite struct GeometryTests {
    private let image = PictureFixtures.pattern(width: 23, height: 17)
    private var gray: Image { image.grayscale() }

    private func hash(_ image: Image) -> UInt64 { PictureFixtures.hash(image.pixels) }

    @Test(
        arguments: [
            (Interpolation.nearest, 0x3505_3470_44e3_b723 as UInt64, 0xaded_a5b2_9606_793f as UInt64),
            (.bilinear, 0xe08b_9cc7_5cf0_f692, 0x2272_edd6_7afd_906a),
            (.bicubic, 0x234b_3a76_82d7_fc68, 0x5704_c76e_ee68_92fd),
        ]) func perspectives(_ interpolation: Interpolation, _ color: UInt64, _ shade: UInt64)
    {
        let from: [Image.Point] = [(0, 0), (22, 0), (22, 16), (0, 16)]
        let to: [Image.Point] = [(3, 1), (20, 4), (22, 15), (1, 12)]
        #expect(
            hash(image.perspective(from: from, to: to, interpolation: interpolation, fill: [10, 200, 30])) == color)
        #expect(hash(gray.perspective(from: from, to: to, interpolation: interpolation, fill: 7)) == shade)
    }

    @Test(
        arguments: [
            (Interpolation.nearest, 0x38d1_e9fd_c002_1789 as UInt64, 0x2a5c_ca11_f45c_5fc9 as UInt64),
            (.bilinear, 0xc30f_0a05_df92_4251, 0x3629_73f3_172d_41c2),
            (.bicubic, 0x983a_08e8_cd13_8f55, 0x4b93_ba40_dcda_256a),
        ]) func rotations(_ interpolation: Interpolation, _ color: UInt64, _ shade: UInt64) throws
    {
        let about = try image.rotated(by: 33.5, interpolation: interpolation, center: (4, 5), fill: [9, 8, 7])
        let grown = try gray.rotated(by: -200.25, interpolation: interpolation, expands: true, fill: 77)
        #expect(hash(about) == color && hash(grown) == shade)
    }

    @Test(
        arguments: [
            (Interpolation.nearest, 0x5243_7f29_15c0_ed80 as UInt64, 0xb091_2ee5_4652_5df7 as UInt64),
            (.bilinear, 0x6511_cdde_549a_9fae, 0x44e0_d51e_8560_a1dd),
            (.bicubic, 0xaacc_4b2f_2816_1966, 0x7e77_9d21_449e_9250),
        ]) func affineMaps(_ interpolation: Interpolation, _ color: UInt64, _ shade: UInt64)
    {
        let moved = image.affine(
            angle: 20, translation: (3, -2), scale: 1.3, shear: (10, -5), interpolation: interpolation, center: (6, 2),
            fill: [1, 2, 3])
        let shrunk = gray.affine(
            angle: 0, translation: (0, 0), scale: 0.7, shear: (0, 0), interpolation: interpolation, fill: 50)
        #expect(hash(moved) == color && hash(shrunk) == shade)
    }

    @Test func cropsMayReachOutside() {
        #expect(hash(image.cropped(left: -4, top: -3, width: 40, height: 12, fill: 0)) == 0x5fcb_aa52_0a3a_ffb3)
        #expect(
            image.cropped(left: 30, top: 20, width: 2, height: 3, fill: 9) == Image(width: 2, height: 3, repeating: 9))
        #expect(image.cropped(left: 2, top: 1, width: 5, height: 4, fill: 9)[0, 0] == image[2, 1])
    }

    @Test func bordersWiderThanThePictureMirrorItRepeatedly() throws {
        let reflected = try image.padded(left: 30, top: 40, right: 25, bottom: 35, mode: .reflect)
        #expect(hash(reflected) == 0x5bc4_ab0a_6f45_c1bd)
        let mirrored = try image.padded(left: 30, top: 40, right: 25, bottom: 35, mode: .symmetric)
        #expect(hash(mirrored) == 0xe8c2_2df1_e6b8_a1dc)
        #expect(hash(try image.padded(left: 1, top: 2, right: 3, bottom: 4, fill: [5, 6, 7])) == 0x201e_5832_ebb9_c9d5)
    }

    @Test func tenCropsInTorchvisionsOrder() throws {
        let expected: [UInt64] = [
            0xa97a_ce33_dd49_b8eb, 0xebb5_b754_815a_5545, 0x7ca5_d16d_2f38_7a27, 0xef10_ffce_d63c_5b71,
            0xfbca_b19f_5558_9c0d, 0xada6_1d8c_69a9_f6f7, 0xead1_9024_7907_d3a1, 0x1686_5ff8_f356_d2f3,
            0x5923_282e_b521_947d, 0x7c04_5255_f09f_cdfd,
        ]
        #expect(try image.tenCrops(width: 6, height: 5, flipsVertically: true).map(hash) == expected)
        #expect(throws: ImageError.self) { try image.fiveCrops(width: 24, height: 3) }
    }

    @Test func elasticMapsEqualTorchvisions() {
        var distances: [Float] = []
        for y in 0..<17 {
            for x in 0..<23 {
                distances.append(Float((x * 7 + y * 3) % 11 - 5) / 40)
                distances.append(Float((x * 5 + y * 9) % 13 - 6) / 50)
            }
        }
        let displacement = Tensor(distances, shape: [1, 17, 23, 2])
        #expect(hash(image.elasticallyTransformed(by: displacement, interpolation: .nearest)) == 0x5a3f_bd89_5375_11cd)
        #expect(hash(image.elasticallyTransformed(by: displacement, fill: 90)) == 0xe0d9_bbd4_0861_3bb6)
        #expect(hash(gray.elasticallyTransformed(by: displacement)) == 0x82f1_d32f_d528_2375)
    }

    @Test func theLongerSideMayBeLimited() throws {
        func size(_ size: Resize.Size, of image: Image) throws -> [Int] {
            let result = try image.resized(to: size)
            return [result.width, result.height]
        }
        #expect(try size(.shortSideWithin(40, longSide: 50), of: image) == [50, 37])
        #expect(try size(.shortSideWithin(12, longSide: 100), of: image) == [16, 12])
        #expect(try size(.shortSideWithin(40, longSide: 50), of: image.transposed()) == [37, 50])
        #expect(try size(.longSide(46), of: image) == [46, 34])
        #expect(try size(.longSide(3), of: Image(width: 400, height: 1, repeating: 0)) == [3, 1])
    }

    @Test func blurringIsAnAverage() throws {
        let flat = Image(width: 9, height: 6, repeating: 83)
        #expect(flat.gaussianBlurred(kernelSize: (7, 5)) == flat)
        // torchvision: gaussian_blur(pattern(6, 4), [3, 5], [0.8, 1.7]), the red channel's first row.
        let blurred = PictureFixtures.pattern(width: 6, height: 4).gaussianBlurred(
            kernelSize: (3, 5), sigma: (0.8, 1.7))
        let red = (0..<6).map { Int(blurred[$0, 0][0]) }
        #expect(zip(red, [29, 48, 85, 122, 159, 178]).allSatisfy { abs($0 - $1) <= 1 }, "\(red)")
    }
}
