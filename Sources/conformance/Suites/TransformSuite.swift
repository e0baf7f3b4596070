import Cresset
import CressetData
import CressetVision

/// `transforms/`: image operations compared with Pillow's and torchvision's.
struct TransformSuite: FileSuite {
    static let folder = "transforms"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard name == "functional" else { return nil }
        return { try run(file.cases[$0], file.tensors()) }
    }

    private func run(_ json: JSON, _ tensors: CaseTensors) throws {
        guard let function = json["function"]?.string, let arguments = json["arguments"] else {
            throw Failure("no function or arguments")
        }
        let expected = try tensors[json["output"]?.string ?? ""]
        let input = try tensors[json["image"]?.string ?? ""]
        let options = ImageArguments(json: arguments)
        if function == "to_tensor" {
            return try check(ToTensor()(Image(input)).tensor, expected, by: 1e-6, function)
        }
        if function == "normalize" {
            let normalize = Normalize(mean: try options.numbers("mean"), deviation: try options.numbers("std"))
            return try check(normalized(input, normalize), expected, by: 1e-6, function)
        }
        let ours = try apply(function, Image(input), options)
        let tensor = Tensor(ours.pixels, shape: [ours.height, ours.width, ours.channels])
        let isExact = try TransformSuite.isExact(function, options)
        try check(
            tensor.reshaped(expected.rank == 2 ? [ours.height, ours.width] : tensor.shape), expected,
            by: isExact ? 0 : 1, function)
    }

    /// Whether the format requires bit-exact results.
    private static func isExact(_ function: String, _ options: ImageArguments) throws -> Bool {
        let exact: Set = [
            "resize", "center_crop", "hflip", "vflip", "pad", "resized_crop", "posterize", "solarize", "invert",
            "equalize", "autocontrast",
        ]
        if ["rotate", "affine"].contains(function) { return try options.interpolation() == .nearest }
        return exact.contains(function)
    }

    private func check(_ ours: Tensor, _ expected: Tensor, by bound: Double, _ function: String) throws {
        guard ours.shape == expected.shape, ours.dtype == expected.dtype else {
            throw Failure(
                "\(function) gives \(ours.dtype) of \(ours.shape), not \(expected.dtype) of \(expected.shape)")
        }
        let difference = (ours.to(.float64) - expected.to(.float64)).abs().amax().item()
        guard difference <= bound else { throw Failure("\(function) is off by \(difference)") }
    }

    private func normalized(_ input: Tensor, _ normalize: Normalize) throws -> Tensor {
        // The case contains what to_tensor returned: bytes divided by 255, or the bytes themselves.
        guard input.dtype != .uint8 else {
            var random = SampleRandom(seed: 0, epoch: 0, index: 0)
            return normalize.apply(to: try ToTensor()(Image(input)), random: &random).tensor
        }
        let bytes = (input.permuted([1, 2, 0]) * 255).round().to(.uint8)
        return try normalized(bytes, normalize)
    }

    private func apply(_ function: String, _ image: Image, _ options: ImageArguments) throws -> Image {
        switch function {
        case "resize":
            let size = try options.integers("size")
            let interpolation = try options.interpolation()
            return size.count == 1
                ? try image.resized(shortSide: size[0], interpolation: interpolation)
                : image.resized(width: size[1], height: size[0], interpolation: interpolation)
        case "center_crop":
            let size = try options.integers("size")
            return image.centerCropped(width: size[1], height: size[0])
        case "resized_crop":
            let size = try options.integers("size")
            return try image.cropped(
                left: options.integer("left"), top: options.integer("top"), width: options.integer("width"),
                height: options.integer("height")
            ).resized(width: size[1], height: size[0], interpolation: options.interpolation())
        case "hflip": return image.flippedHorizontally()
        case "vflip": return image.flippedVertically()
        case "pad":
            let sides = try options.integers("padding")
            return try image.padded(
                left: sides[0], top: sides[1], right: sides[2], bottom: sides[3],
                fill: UInt8(try options.integer("fill")), mode: PaddingMode(rawValue: try options.word("padding_mode"))!
            )
        case "rotate":
            return try image.rotated(
                by: options.number("angle"), interpolation: options.interpolation(), expands: options.flag("expand"))
        case "affine":
            let (shift, shear) = try (options.numbers("translate"), options.numbers("shear"))
            return try image.affine(
                angle: options.number("angle"), translation: (shift[0], shift[1]), scale: options.number("scale"),
                shear: (shear[0], shear[1]), interpolation: options.interpolation())
        case "gaussian_blur":
            let (size, sigma) = try (options.integers("kernel_size"), options.numbers("sigma"))
            return image.gaussianBlurred(kernelSize: (size[0], size[1]), sigma: (sigma[0], sigma[1]))
        default: return try adjust(function, image, options)
        }
    }

    private func adjust(_ function: String, _ image: Image, _ options: ImageArguments) throws -> Image {
        switch function {
        case "to_grayscale": try image.grayscale(channels: options.integer("num_output_channels"))
        case "adjust_brightness": try image.adjustingBrightness(by: options.number("factor"))
        case "adjust_contrast": try image.adjustingContrast(by: options.number("factor"))
        case "adjust_saturation": try image.adjustingSaturation(by: options.number("factor"))
        case "adjust_sharpness": try image.adjustingSharpness(by: options.number("factor"))
        case "adjust_hue": try image.adjustingHue(by: options.number("factor"))
        case "adjust_gamma": try image.adjustingGamma(options.number("gamma"))
        case "posterize": try image.posterized(bits: options.integer("bits"))
        case "solarize": try image.solarized(threshold: options.number("threshold"))
        case "autocontrast": image.autocontrasted()
        case "equalize": image.equalized()
        case "invert": image.inverted()
        default: throw Failure("unknown function \(function)")
        }
    }
}

/// The named arguments of an image operation.
private struct ImageArguments {
    let json: JSON

    private func required<T>(_ value: T?, _ name: String) throws -> T {
        guard let value else { throw Failure("no argument \(name)") }
        return value
    }

    func integer(_ name: String) throws -> Int { try required(json[name]?.integer, name) }
    func number(_ name: String) throws -> Double { try required(json[name]?.double, name) }
    func word(_ name: String) throws -> String { try required(json[name]?.string, name) }
    func flag(_ name: String) -> Bool { json[name]?.boolean ?? false }
    func integers(_ name: String) throws -> [Int] { try required(json[name]?.array?.compactMap(\.integer), name) }
    func numbers(_ name: String) throws -> [Double] { try required(json[name]?.array?.compactMap(\.double), name) }
    func interpolation() throws -> Interpolation {
        try required(Interpolation(rawValue: word("interpolation")), "interpolation")
    }
}

extension Image {
    /// An image from a tensor (height, width, channel) of bytes.
    fileprivate init(_ tensor: Tensor) {
        self.init(
            width: tensor.shape[1], height: tensor.shape[0], channels: tensor.rank == 2 ? 1 : tensor.shape[2],
            pixels: tensor.scalars())
    }
}
