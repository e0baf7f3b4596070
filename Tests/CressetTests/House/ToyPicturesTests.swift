import CressetVision
import Testing

@Suite struct ToyPicturesTests {
    @Test func sameSeedDrawsTheSamePictures() {
        let first = ToyPictures(seed: 3).image(.scenes, index: 5)
        #expect(ToyPictures(seed: 3).image(.scenes, index: 5) == first)
        #expect(ToyPictures(seed: 4).image(.scenes, index: 5) != first)
        #expect(ToyPictures(seed: 3).image(.scenes, index: 6) != first)
    }

    @Test func picturesAreLitAndVaried() {
        for content in ToyPictures.Content.allCases {
            let pixels = ToyPictures().image(content, index: 0).pixels
            let mean = pixels.reduce(0) { $0 + Int($1) } / pixels.count
            #expect((20...235).contains(mean))
            #expect(Set(pixels).count > 60)
        }
    }

    @Test func countsAreThoseOfTheChapter() {
        let classes = ToyPictures.Content.allCases.count
        #expect(ToyPictures.trainCount * classes == 117)
        #expect(ToyPictures.validationCount * classes == 24)
    }
}
