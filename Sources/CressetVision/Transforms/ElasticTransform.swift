import CPixels
import Cresset
import CressetData

/// Moves the pixels of a picture by smooth random distances, as if it were seen through water.
///
/// A picture that is smaller than the kernel with which the distances are smoothed is allowed, unlike in torchvision.
public struct ElasticTransform: Transform {
    /// How far pixels move along x and y, in pixels before smoothing.
    public let alpha: (x: Double, y: Double)
    /// How smooth the distances are: the standard deviations in pixels, along x and y; 0 for no smoothing.
    public let sigma: (x: Double, y: Double)
    public let interpolation: Interpolation
    public let fill: Fill

    /// The same along both axes.
    ///
    /// - Parameters:
    ///   - alpha: How far pixels move, in pixels before smoothing.
    ///   - sigma: How smooth the distances are: the standard deviation in pixels.
    ///   - interpolation: `nearest` or `bilinear`.
    ///   - fill: The colour of uncovered pixels.
    public init(alpha: Double = 50, sigma: Double = 5, interpolation: Interpolation = .bilinear, fill: Fill = 0) {
        self.init(alpha: (alpha, alpha), sigma: (sigma, sigma), interpolation: interpolation, fill: fill)
    }

    /// Traps if a number is not finite, if a deviation is negative or over 8,000, or only one of them is 0, and for any
    /// other interpolation.
    ///
    /// - Parameters:
    ///   - alpha: How far pixels move along x and y, in pixels before smoothing.
    ///   - sigma: How smooth the distances are: the standard deviations in pixels.
    ///   - interpolation: `nearest` or `bilinear`.
    ///   - fill: The colour of uncovered pixels.
    public init(
        alpha: (x: Double, y: Double), sigma: (x: Double, y: Double), interpolation: Interpolation = .bilinear,
        fill: Fill = 0
    ) {
        checkElastic("ElasticTransform", interpolation)
        if !alpha.x.isFinite || !alpha.y.isFinite { fatalError("ElasticTransform: alpha must be finite, got \(alpha)") }
        if !(0...8000).contains(sigma.x) || !(0...8000).contains(sigma.y) || (sigma.x == 0) != (sigma.y == 0) {
            fatalError("ElasticTransform: sigma must be 0, or over 0 and up to 8000 along both axes, got \(sigma)")
        }
        self.alpha = alpha
        self.sigma = sigma
        self.interpolation = interpolation
        self.fill = fill
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("ElasticTransform") { image in
            let x = distances(alpha.x, sigma.x, image, image.width, random: &random)
            let y = distances(alpha.y, sigma.y, image, image.height, random: &random)
            let pairs = [Float](unsafeUninitializedCapacity: 2 * x.count) { pairs, count in
                for i in x.indices { (pairs[2 * i], pairs[2 * i + 1]) = (x[i], y[i]) }
                count = 2 * x.count
            }
            return image.displaced(pairs, interpolation, fill)
        }
    }

    /// A distance for each pixel, where 2 is `count` pixels.
    private func distances(
        _ alpha: Double, _ deviation: Double, _ image: Image, _ count: Int, random: inout SampleRandom
    ) -> [Float] {
        let noise = (0..<(image.width * image.height)).map { _ in Float(random.uniform(in: -1...1)) }
        let smooth = deviation > 0 ? blurred(noise, deviation, image) : noise
        return smooth.map { $0 * Float(alpha) / Float(count) }
    }

    private func blurred(_ noise: [Float], _ deviation: Double, _ image: Image) -> [Float] {
        let side = Int(8 * deviation + 1) / 2 * 2 + 1
        let row = gaussianKernel(count: side, sigma: sigma.x)
        let column = gaussianKernel(count: side, sigma: sigma.y)
        return [Float](unsafeUninitializedCapacity: noise.count) { target, count in
            let status = cresset_plane_blur(
                noise, target.baseAddress, Int32(image.width), Int32(image.height), row, Int32(side), column,
                Int32(side))
            if status != 0 { OutOfMemory.end("ElasticTransform: no memory", hint: "fewer workers need less") }
            count = noise.count
        }
    }
}
