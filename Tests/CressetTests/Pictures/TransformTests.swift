import Cresset
import CressetData
import CressetVision
import Testing

@Suite struct TransformTests {
    private let image = PictureFixtures.pattern(width: 61, height: 47)

    @Test func centerCropRoundsHalvesToEven() {
        // 61 - 40 = 21 -> 10, 47 - 24 = 23 -> 12.
        #expect(image.centerCropped(width: 40, height: 24) == image.cropped(left: 10, top: 12, width: 40, height: 24))
        let padded = image.centerCropped(width: 64, height: 50)
        #expect(padded.cropped(left: 1, top: 1, width: 61, height: 47) == image)
        #expect(padded[0, 0] == [0, 0, 0])
    }

    @Test func mirrorsUndoThemselves() throws {
        #expect(image.flippedHorizontally()[0, 5] == image[60, 5])
        #expect(image.flippedHorizontally().flippedHorizontally() == image)
        #expect(image.flippedVertically().flippedVertically() == image)
        #expect(image.transposed().transposed() == image)
        #expect(try image.rotated(by: 90, expands: true).rotated(by: 270, expands: true) == image)
        #expect(try image.rotated(by: 180) == image.flippedHorizontally().flippedVertically())
    }

    @Test func neutralChangesChangeNothing() throws {
        #expect(image.adjustingBrightness(by: 1) == image)
        #expect(image.adjustingContrast(by: 1) == image)
        #expect(image.adjustingSaturation(by: 1) == image)
        #expect(image.adjustingSharpness(by: 1) == image)
        #expect(image.inverted().inverted() == image)
        #expect(image.posterized(bits: 8) == image)
        #expect(try image.padded(left: 0, top: 0, right: 0, bottom: 0) == image)
    }

    @Test func normalizesAsFloatArithmeticDoes() throws {
        let tensor = try Compose([ToTensor(), Normalize.imageNet])(image).tensor
        #expect(tensor.shape == [3, 47, 61])
        #expect(tensor.dtype == .float32)
        let values: [Float] = tensor.scalars()
        let byte = Float(image[9, 4][1])
        #expect(values[(1 * 47 + 4) * 61 + 9] == (byte / 255 - Float(0.456)) / Float(0.224))
    }

    @Test func bytesStayBytesWithoutToTensor() throws {
        let tensor = try Resize(.exactly(width: 8, height: 6))(image).tensor
        #expect(tensor.dtype == .uint8)
        #expect(tensor.shape == [3, 6, 8])
    }

    @Test func chanceDependsOnTheSampleAlone() throws {
        let transform = Preprocessing(cropSize: 24).training
        func draw(_ epoch: Int, _ index: Int) throws -> Image {
            try transform(image, random: SampleRandom(seed: 5, epoch: epoch, index: index)).image
        }
        #expect(try draw(1, 2) == draw(1, 2))
        #expect(try Set((0..<20).map { PictureFixtures.hash(try draw(0, $0).pixels) }).count > 15)
        #expect(try draw(0, 7) != draw(1, 7))
    }

    @Test func randomPartsStayInsideAndKeepTheirProportions() throws {
        for index in 0..<300 {
            let thin = Image(width: 1 + index % 40, height: 1 + index / 40 * 30, repeating: 1)
            let crop = RandomResizedCrop(width: 7, height: 5)
            let picture = try crop(thin, random: SampleRandom(seed: 1, epoch: 0, index: index))
            #expect(picture.image.width == 7 && picture.image.height == 5)
        }
    }

    @Test func flipsHappenAsOftenAsAsked() throws {
        let flipped = try (0..<2000).filter { index in
            try RandomHorizontalFlip()(image, random: SampleRandom(seed: 3, epoch: 0, index: index)).image != image
        }
        #expect((900...1100).contains(flipped.count))
    }
}
