import Cresset
import CressetData
import CressetVision
import Testing

/// Pictures of several crops, erased rectangles, and transforms of tensors.
@Suite struct CropStackTests {
    private let image = PictureFixtures.pattern(width: 12, height: 10)

    @Test func fiveCropsBecomeOneTensor() throws {
        let picture = try Compose([FiveCrop(width: 6, height: 4), ToTensor(), Normalize.imageNet])(image)
        #expect(picture.shape == [5, 3, 4, 6] && picture.images.count == 5)
        let crops = try image.fiveCrops(width: 6, height: 4).map { crop in
            try Compose([ToTensor(), Normalize.imageNet])(crop).tensor
        }
        #expect(picture.tensor.scalars(as: Float.self) == Tensor.stacked(crops).scalars(as: Float.self))
        let bytes = try TenCrop(5)(image).tensor
        #expect(bytes.shape == [10, 3, 5, 5] && bytes.dtype == .uint8)
        #expect(
            bytes.selected(axis: 0, index: 5).scalars(as: UInt8.self)
                == (try ToBytes()(image.flippedHorizontally().cropped(left: 0, top: 0, width: 5, height: 5))))
    }

    /// Bytes in (channel, height, width) order.
    private struct ToBytes {
        func callAsFunction(_ image: Image) throws -> [UInt8] { Picture(image).tensor.scalars() }
    }

    @Test func theLoaderStacksCrops() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["a/1.png": try image.png(), "a/2.png": try image.inverted().png()], in: folder)
            let transform = Compose([FiveCrop(4), ToTensor()])
            let loader = DataLoader(try ImageFolder(folder, transform: transform), batchSize: 2)
            let inputs = try #require(try loader.batches().next()).inputs
            #expect(inputs.shape == [2, 5, 3, 4, 4])
            #expect(
                inputs.selected(axis: 0, index: 0).scalars(as: Float.self)
                    == (try transform(image).tensor.scalars(as: Float.self)))
        }
    }

    @Test func erasingReplacesARectangle() throws {
        let erasing = RandomErasing(probability: 1, scale: 0.2...0.2, ratio: 1...1, value: [0.5, 1, 2])
        let plain = try ToTensor()(image).tensor
        let erased = try Compose([ToTensor(), erasing])(image).tensor
        let isChanged = (erased .!= plain).to(.int64).sum(axes: [0]).scalars(as: Int.self)
        // A square of round(sqrt(0.2 * 120)) pixels.
        #expect(isChanged.count { $0 > 0 } == 25)
        for (channel, value) in [0.5, 1, 2].enumerated() {
            let values = erased.selected(axis: 0, index: channel).scalars(as: Float.self)
            #expect(values.count { $0 == Float(value) } >= 25)
        }
        let later = try Compose([ToTensor(), erasing, Normalize(mean: [0.5, 0, 0], deviation: [2, 2, 2])])(image).tensor
        #expect((later - (erased - Tensor([0.5, 0, 0] as [Float], shape: [3, 1, 1])) / 2).abs().amax().item() < 1e-6)
    }

    @Test func randomValuesAreNormal() throws {
        let wide = Image(width: 100, height: 100, repeating: 0)
        let erased = try Compose([ToTensor(), RandomErasing(probability: 1, scale: 0.3...0.3, value: .random)])(wide)
        let values = erased.tensor.scalars(as: Float.self).filter { $0 != 0 }.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.map { $0 * $0 }.reduce(0, +) / Double(values.count)
        // About 9,000 numbers: six standard errors.
        #expect((8500...9300).contains(values.count) && abs(mean) < 0.064 && abs(square - 1) < 0.09)
    }

    @Test func erasingHitsAllCropsAlike() throws {
        let erasing = RandomErasing(probability: 1, scale: 0.25...0.25, ratio: 1...1, value: 9)
        let erased = try Compose([FiveCrop(8), ToTensor(), erasing])(image).tensor
        let isErased = (erased .== Tensor(9)).to(.int64).sum(axes: [1]).scalars(as: Int.self)
        for crop in 0..<5 { #expect(isErased[(crop * 64)..<(crop * 64 + 64)] == isErased[0..<64].map { $0 }[...]) }
        #expect(isErased.count { $0 == 3 } == 5 * 16)
    }

    @Test func closuresAreSteps() throws {
        let dark = Lambda(image: { $0.adjustingBrightness(by: 0.5) })
        #expect(try dark(image).image == image.adjustingBrightness(by: 0.5))
        let first = Lambda { (picture: Picture) in Picture(picture.images[4]) }
        #expect(try Compose([FiveCrop(4), first])(image).image == image.centerCropped(width: 4, height: 4))
        let failing = Lambda(image: { _ in throw ImageError.unsuitable("no") })
        #expect(throws: ImageError.self) { try failing(image) }
    }

    @Test func recipesAugmentAndErase() {
        let steps = Preprocessing().training(augmentedBy: [TrivialAugmentWide()], erasing: 0.1).transforms
        #expect(
            steps.map { "\(type(of: $0))" } == [
                "RandomResizedCrop", "RandomHorizontalFlip", "TrivialAugmentWide", "ToTensor", "Normalize",
                "RandomErasing",
            ])
    }

    @Test func tensorsChangeTheirType() {
        // torchvision: convert_image_dtype.
        let bytes = Tensor([0, 51, 255] as [UInt8])
        #expect(bytes.convertingPicture(to: .float32).scalars(as: Float.self) == [0, 0.2, 1])
        #expect(bytes.convertingPicture(to: .int32).scalars(as: Int32.self) == [0, 51 << 23, 255 << 23])
        #expect(Tensor([0, 0.5, 1] as [Float]).convertingPicture(to: .uint8).scalars(as: UInt8.self) == [0, 127, 255])
        #expect(Tensor([0, 1 << 30] as [Int32]).convertingPicture(to: .uint8).scalars(as: UInt8.self) == [0, 128])
    }

    @Test func whiteningMultipliesByAMatrix() {
        let x = Tensor((0..<8).map { Float($0) }, shape: [2, 1, 2, 2])
        let swap = Tensor([0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0] as [Float], shape: [4, 4])
        let whitened = LinearTransformation(matrix: swap, mean: Tensor([1, 1, 1, 1] as [Float]))(x)
        #expect(whitened.shape == x.shape && whitened.scalars(as: Float.self) == [2, 1, 0, -1, 6, 5, 4, 3])
    }

    @Test func mistakesTrap() async {
        await #expect(processExitsWith: .failure) {
            _ = try Compose([FiveCrop(2), RandomInvert()])(Image(width: 4, height: 4, repeating: 1))
        }
        await #expect(processExitsWith: .failure) {
            _ = try RandomErasing()(Image(width: 4, height: 4, repeating: 1))
        }
        await #expect(processExitsWith: .failure) {
            _ = try Pad(1, fill: [1, 2, 3])(Image(width: 4, height: 4, channels: 1, repeating: 1))
        }
        await #expect(processExitsWith: .failure) { _ = ColorJitter(hue: 0.6) }
        await #expect(processExitsWith: .failure) { _ = RandAugment(magnitude: 31) }
        await #expect(processExitsWith: .failure) { _ = RandomRotation(10, interpolation: .lanczos) }
    }
}
