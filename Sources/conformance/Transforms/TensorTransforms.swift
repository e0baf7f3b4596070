import Cresset
import CressetVision

extension TransformCall {
    /// What functions on tensors give, or that give numbers; nil for functions on 8-bit pictures.
    func onTensors() throws -> Tensor? {
        switch function {
        case "to_tensor": return image.dtype == .uint8 ? try ToTensor()(Image(image)).tensor : image
        case "pil_to_tensor": return planes
        case "to_pil_image": return image.dtype == .uint8 ? image : (image * 255).to(.uint8).permuted([1, 2, 0])
        case "normalize":
            let normalize = Normalize(
                mean: try arguments.numbers("mean"), deviation: try arguments.numbers("std", "deviation"))
            return normalize(planes.convertingPicture(to: .float32))
        case "convert_image_dtype":
            return planes.convertingPicture(to: try arguments.dtype("dtype", or: .float32))
        case "erase": return try erased()
        case "get_dimensions": return Tensor([planes.shape[0], planes.shape[1], planes.shape[2]])
        case "get_image_size": return Tensor([planes.shape[2], planes.shape[1]])
        case "get_image_num_channels", "get_num_channels": return Tensor([planes.shape[0]])
        default: return nil
        }
    }

    /// The picture as (channel, height, width).
    private var planes: Tensor {
        if image.dtype.isFloatingPoint { return image }
        let image = image.rank == 2 ? image.unsqueezed(at: 2) : image
        return image.permuted([2, 0, 1])
    }

    /// Bytes stay (height, width, channel).
    private func erased() throws -> Tensor {
        let value = try arguments.tensor("v", "value")
        let fitting = value.rank == 1 ? value.reshaped([-1, 1, 1]) : value
        let result = try planes.erased(
            top: arguments.integer("i", "top"), left: arguments.integer("j", "left"),
            height: arguments.integer("h", "height"), width: arguments.integer("w", "width"),
            value: fitting.to(image.dtype))
        return image.dtype.isFloatingPoint ? result : result.permuted([1, 2, 0])
    }
}
