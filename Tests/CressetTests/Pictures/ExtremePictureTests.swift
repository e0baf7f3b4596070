import CressetData
import CressetVision
import Testing

/// Extreme sizes and factors: a picture never ends the program.
@Suite struct ExtremePictureTests {
    private static let sizes = [(1, 1), (1, 4000), (4000, 1), (2, 3), (300, 7)]

    @Test(arguments: sizes) func everyTransformTakesThinPictures(_ width: Int, _ height: Int) throws {
        let image = PictureFixtures.pattern(width: width, height: height)
        let transforms: [any Transform] = [
            Preprocessing().training, Preprocessing().evaluation, CenterCrop(1), CenterCrop(width: 500, height: 2),
            RandomResizedCrop(5, scale: 1e-9...1e-9, ratio: 1e-9...1e9), RandomResizedCrop(5, scale: 1e300...1e300),
            RandomResizedCrop(1, ratio: 1e-300...1e300), RandomHorizontalFlip(probability: 1), Pad(3, mode: .edge),
            Resize(.exactly(width: 3, height: 2)), RandomCrop(9, padding: 2, padsIfNeeded: true, mode: .symmetric),
            RandomRotation(180, interpolation: .bicubic), RandomPerspective(distortion: 1, probability: 1),
            RandomAffine(90, translation: (1, 1), scale: 0.01...3, shear: (-80...80, -80...80)),
            ColorJitter(brightness: 1, contrast: 1, saturation: 1, hue: 0.5), GaussianBlur(kernelSize: 9),
            RandAugment(magnitude: 30), TrivialAugmentWide(), AutoAugment(.svhn), AugMix(severity: 10),
            ElasticTransform(sigma: 1), RandomEqualize(probability: 1),
            Compose([ToTensor(), RandomErasing(probability: 1, scale: 0...1, value: .random)]),
        ]
        for transform in transforms {
            for index in 0..<(width * height > 3000 ? 3 : 20) {
                let random = SampleRandom(seed: 4, epoch: 0, index: index)
                let tensor = try transform(image, random: random).tensor
                #expect(tensor.elementCount > 0)
            }
        }
        #expect(image.autocontrasted().equalized().width == width)
        #expect(image.adjustingSharpness(by: 1e30).adjustingContrast(by: -1e30).width == width)
        #expect(image.adjustingGamma(1e300, gain: 1e300).adjustingGamma(-1).width == width)
        #expect(image.gaussianBlurred(kernelSize: (33, 1), sigma: (1e-30, 1e30)).height == height)
        let affine = image.affine(angle: 1e30, translation: (1e30, -1e30), scale: 1e-300, shear: (90, 89.9999))
        #expect(affine.width == width)
    }

    @Test func whatAPictureCannotBecomeIsThrown() throws {
        let line = Image(width: 1_000_000, height: 1, repeating: 1)
        #expect(throws: ImageError.self) { try line.rotated(by: 45, expands: true) }
        #expect(throws: ImageError.self) { try line.padded(left: 0, top: 100, right: 0, bottom: 100) }
        #expect(throws: ImageError.self) { try line.resized(shortSide: 300) }
        let small = #expect(throws: ImageError.self) { try RandomCrop(2)(line) }
        #expect(small?.description == "1000000 x 1 pixels are too few for a crop of 2 x 2")
        #expect(throws: ImageError.self) { try FiveCrop(2)(line) }
        #expect(try Pad(1, mode: .reflect)(line).image.height == 3)
        #expect(try Pad(1, mode: .symmetric)(line).image.height == 3)
        #expect(try line.rotated(by: 45).width == 1_000_000)
    }

    @Test func theLoaderLeavesOutWhatDoesNotFit() throws {
        try PictureFixtures.withFolder { folder in
            let thin = Image(width: 800_000, height: 1, repeating: 5)
            let files = [
                "a/1.png": try thin.png(), "a/2.png": try PictureFixtures.pattern(width: 20, height: 30).png(),
            ]
            try PictureFixtures.write(files, in: folder)
            let pictures = try ImageFolder(folder, transform: Resize(.shortSide(256)))
            let loader = DataLoader(pictures, batchSize: 1, workers: 1)
            #expect(try loader.batches().next()?.inputs.shape == [1, 3, 384, 256])
            let problem = try #require(loader.problems.skipped.first)
            #expect(problem.description.contains("1.png: cannot resize to 204800000 x 256 pixels, more than the limit"))
        }
    }

    @Test func whatNoPictureCanBeTrapsWhenATransformIsMade() async {
        await #expect(processExitsWith: .failure) { _ = Resize(0) }
        await #expect(processExitsWith: .failure) { _ = CenterCrop(width: 1 << 40, height: 1 << 40) }
        await #expect(processExitsWith: .failure) { _ = RandomResizedCrop(7, scale: 0.5...Double.infinity) }
    }
}
