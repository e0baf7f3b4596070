import Cresset
import CressetVision

/// One call of a function of `torchvision.transforms.functional`.
struct TransformCall {
    let function: String
    /// Bytes (height, width, channel), or floating-point numbers (channel, height, width).
    let image: Tensor
    let arguments: TransformArguments

    /// One name for what torchvision has several for.
    static func name(_ function: String) -> String {
        let short = function.split(separator: ".").last.map(String.init) ?? function
        let others = [
            "horizontal_flip": "hflip", "vertical_flip": "vflip", "rgb_to_grayscale": "grayscale",
            "to_grayscale": "grayscale", "elastic": "elastic_transform", "to_image": "pil_to_tensor",
            "to_dtype": "convert_image_dtype", "get_size": "get_image_size",
        ]
        return others[short] ?? short
    }

    /// How far numbers may be off.
    func tolerance(_ dtype: DType) throws -> Double {
        if dtype.isFloatingPoint { return 1e-6 }
        let exact: Set = [
            "resize", "center_crop", "crop", "hflip", "vflip", "pad", "resized_crop", "five_crop", "ten_crop",
            "posterize", "solarize", "invert", "equalize", "autocontrast", "erase", "pil_to_tensor",
        ]
        if ["rotate", "affine"].contains(function) {
            return try arguments.interpolation(or: .nearest) == .nearest ? 0 : 1
        }
        return exact.contains(function) ? 0 : 1
    }

    /// The pictures that it gives, in the layout of the format.
    func results() throws -> [Tensor] {
        if let result = try onTensors() { return [result] }
        let bytes = image.dtype == .uint8 ? image : (image.permuted([1, 2, 0]) * 255).round().to(.uint8)
        let picture = Image(bytes)
        return try (many(picture) ?? [one(picture)]).map { image in
            Tensor(image.pixels, shape: [image.height, image.width, image.channels])
        }
    }

    /// Functions that give several pictures.
    private func many(_ picture: Image) throws -> [Image]? {
        guard function == "five_crop" || function == "ten_crop" else { return nil }
        let size = try arguments.size("size")
        return function == "five_crop"
            ? try picture.fiveCrops(width: size.width, height: size.height)
            : try picture.tenCrops(
                width: size.width, height: size.height, flipsVertically: arguments.flag("vertical_flip"))
    }

    /// Functions that give one picture.
    private func one(_ picture: Image) throws -> Image {
        for family in [cropped, warped, adjusted, toned] {
            if let result = try family(picture) { return result }
        }
        throw Failure("unknown function \(function)")
    }

    private func cropped(_ picture: Image) throws -> Image? {
        func part() throws -> Image {
            try picture.cropped(
                left: arguments.integer("left", "j"), top: arguments.integer("top", "i"),
                width: arguments.integer("width", "w"), height: arguments.integer("height", "h"), fill: 0)
        }
        switch function {
        case "resize": return try resized(picture)
        case "crop": return try part()
        case "resized_crop": return try resized(part())
        case "center_crop":
            let size = try arguments.size("size", "output_size")
            return picture.centerCropped(width: size.width, height: size.height)
        case "hflip": return picture.flippedHorizontally()
        case "vflip": return picture.flippedVertically()
        case "pad": return try padded(picture)
        default: return nil
        }
    }

    private func resized(_ picture: Image) throws -> Image {
        let size = arguments.numbersIfAny("size")?.map { Int($0) } ?? []
        let most = arguments.numbersIfAny("max_size")?.first.map { Int($0) }
        let target: Resize.Size
        switch (size.count, most) {
        case (2..., _): target = .exactly(width: size[1], height: size[0])
        case (1, nil) where function == "resized_crop": target = .exactly(width: size[0], height: size[0])
        case (1, nil): target = .shortSide(size[0])
        case (1, let most?): target = .shortSideWithin(size[0], longSide: most)
        case (_, let most?): target = .longSide(most)
        default: throw Failure("no argument size")
        }
        return try picture.resized(to: target, interpolation: arguments.interpolation(or: .bilinear))
    }

    private func padded(_ picture: Image) throws -> Image {
        let given = try arguments.numbers("padding").map { Int($0) }
        let sides = given.count == 1 ? [given[0], given[0]] : given
        guard sides.count == 2 || sides.count == 4 else { throw Failure("padding has \(given.count) numbers") }
        let mode = try arguments.word("padding_mode", "mode", or: "constant")
        guard let mode = PaddingMode(rawValue: mode) else { throw Failure("padding mode \(mode)") }
        let (right, bottom) = sides.count == 4 ? (sides[2], sides[3]) : (sides[0], sides[1])
        return try picture.padded(
            left: sides[0], top: sides[1], right: right, bottom: bottom, fill: arguments.fill() ?? 0, mode: mode)
    }

    private func warped(_ picture: Image) throws -> Image? {
        let fill = try arguments.fill()
        switch function {
        case "rotate":
            return try picture.rotated(
                by: arguments.number("angle"), interpolation: arguments.interpolation(or: .nearest),
                expands: arguments.flag("expand"), center: arguments.center(), fill: fill ?? 0)
        case "affine":
            let shift = try arguments.pair("translate", or: (0, 0))
            let shear = arguments.numbersIfAny("shear") ?? [0]
            // A number is along x alone; a list of one is along both.
            let isNumber = arguments.json["shear"]?.array == nil
            return try picture.affine(
                angle: arguments.number("angle", or: 0), translation: shift, scale: arguments.number("scale", or: 1),
                shear: (shear[0], isNumber ? 0 : shear[shear.count - 1]),
                interpolation: arguments.interpolation(or: .nearest), center: arguments.center(), fill: fill ?? 0)
        case "perspective":
            return try picture.perspective(
                from: arguments.points("startpoints"), to: arguments.points("endpoints"),
                interpolation: arguments.interpolation(or: .bilinear), fill: fill ?? 0)
        case "elastic_transform":
            return try picture.elasticallyTransformed(
                by: arguments.tensor("displacement"), interpolation: arguments.interpolation(or: .bilinear),
                fill: fill)
        case "gaussian_blur":
            let size = try arguments.pair("kernel_size")
            let sigma = arguments.numbersIfAny("sigma").map { (x: $0[0], y: $0[$0.count - 1]) }
            return picture.gaussianBlurred(kernelSize: (Int(size.0), Int(size.1)), sigma: sigma)
        default: return nil
        }
    }

    private func adjusted(_ picture: Image) throws -> Image? {
        func factor(_ name: String) throws -> Double { try arguments.number("factor", name + "_factor", name) }
        return switch function {
        case "grayscale": try picture.grayscale(channels: arguments.integer("num_output_channels", or: 1))
        case "adjust_brightness": try picture.adjustingBrightness(by: factor("brightness"))
        case "adjust_contrast": try picture.adjustingContrast(by: factor("contrast"))
        case "adjust_saturation": try picture.adjustingSaturation(by: factor("saturation"))
        case "adjust_sharpness": try picture.adjustingSharpness(by: factor("sharpness"))
        case "adjust_hue": try picture.adjustingHue(by: factor("hue"))
        case "adjust_gamma":
            try picture.adjustingGamma(
                arguments.number("gamma", "factor"), gain: arguments.number("gain", or: 1))
        default: nil
        }
    }

    private func toned(_ picture: Image) throws -> Image? {
        switch function {
        case "posterize": try picture.posterized(bits: arguments.integer("bits"))
        case "solarize": try picture.solarized(threshold: arguments.number("threshold"))
        case "autocontrast": picture.autocontrasted()
        case "equalize": picture.equalized()
        case "invert": picture.inverted()
        default: nil
        }
    }
}

extension Image {
    /// An image from a tensor (height, width, channel) of bytes.
    init(_ tensor: Tensor) {
        self.init(
            width: tensor.shape[1], height: tensor.shape[0], channels: tensor.rank == 2 ? 1 : tensor.shape[2],
            pixels: tensor.scalars())
    }
}
