/// The part of the page "From PyTorch" on torchvision's transforms.
enum FromPyTorchTransforms {
    static let rows = [
        ("`RandomCrop(32, padding=4)`", "`RandomCrop(32, padding: 4)`, with `padsIfNeeded`, `fill`, `mode`"),
        ("`FiveCrop(224)`, `TenCrop(224)` and a `Lambda` that stacks", "`FiveCrop(224)`: batches are (N, 5, C, H, W)"),
        ("`RandomRotation(30, fill=(124, 116, 104))`", "`RandomRotation(30, fill: [124, 116, 104])`"),
        (
            "`RandomAffine(10, translate=(.1, .1), scale=(.9, 1.1), shear=5)`",
            "`RandomAffine(10, translation: (x: 0.1, y: 0.1), scale: 0.9...1.1, shear: (-5...5, 0...0))`"
        ),
        ("`RandomPerspective(0.5, p=0.5)`", "`RandomPerspective(distortion: 0.5, probability: 0.5)`"),
        (
            "`ColorJitter(0.4, 0.4, 0.4, 0.1)`",
            "`ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)`, or ranges: `0.6...1.4`"
        ),
        ("`Grayscale(3)`, `RandomGrayscale(0.1)`", "`Grayscale(channels: 3)`, `RandomGrayscale(probability: 0.1)`"),
        ("`GaussianBlur(5, (0.1, 2))`", "`GaussianBlur(kernelSize: 5, sigma: 0.1...2)`"),
        ("`RandomInvert`, `RandomEqualize`, `RandomAutocontrast`", "the same, `probability:` in place of `p=`"),
        (
            "`RandomPosterize(4)`, `RandomSolarize(128)`, `RandomAdjustSharpness(2)`",
            "`RandomPosterize(bits: 4)`, `RandomSolarize(threshold: 128)`, `RandomAdjustSharpness(factor: 2)`"
        ),
        ("`ElasticTransform(50., 5.)`", "`ElasticTransform(alpha: 50, sigma: 5)`"),
        (
            "`RandomErasing(p=0.1, value=\"random\")`",
            "`RandomErasing(probability: 0.1, value: .random)`, after `ToTensor()`"
        ),
        (
            "`RandomApply([t], p=0.5)`, `RandomChoice([t, u])`, `RandomOrder([t, u])`",
            "`RandomApply([t], probability: 0.5)`, `RandomChoice([t, u])`, `RandomOrder([t, u])`"
        ),
        ("`Lambda(lambda x: f(x))`", "`Lambda(image: { $0.adjustingGamma(0.8) })`"),
        ("`Resize(256, max_size=512)`", "`Resize(.shortSideWithin(256, longSide: 512))`"),
        (
            "`RandAugment()`, `TrivialAugmentWide()`, `AugMix()`",
            "the same; `RandAugment(operations: 2, magnitude: 9, bins: 31)`"
        ),
        ("`AutoAugment(AutoAugmentPolicy.CIFAR10)`", "`AutoAugment(.cifar10)`"),
        (
            "`v2.MixUp(num_classes=n)(x, y)`, `v2.CutMix(…)`",
            "`MixUp(alpha: 1, classes: n)(batch, seed: 0, epoch: epoch)`, `CutMix(alpha: 1, classes: n)`"
        ),
        ("`PILToTensor()`", "nothing: a picture that has not passed `ToTensor()` is bytes"),
        (
            "`ConvertImageDtype(torch.float)`, `v2.ToDtype(torch.float32, scale=True)`",
            "`ToTensor()`; of a tensor, `x.convertingPicture(to: .float32)`"
        ),
        ("`LinearTransformation(m, v)`", "`LinearTransformation(matrix: m, mean: v)`, on batches"),
        (
            "`F.perspective(img, startpoints, endpoints)`", "`image.perspective(from: corners, to: moved)`"
        ),
        (
            "`F.affine`, `F.rotate`, `F.elastic_transform`",
            "`image.affine(…)`, `try image.rotated(by: 30, center: (10, 20), fill: 255)`, `image.elasticallyTransformed(by: x)`"
        ),
        (
            "`F.crop`, `F.five_crop`, `F.pad`",
            "`image.cropped(left: -2, top: 0, width: w, height: h, fill: 0)`, `try image.fiveCrops(width: w, height: h)`, `image.padded(…)`"
        ),
        ("`F.normalize(x, m, s)`, `F.erase(x, i, j, h, w, v)`", "`Normalize.imageNet(x)`, `x.erased(…)`"),
        (
            "the recipes' `ClassificationPresetTrain`",
            "`weights.preprocessing.training(augmentedBy: [TrivialAugmentWide()], erasing: 0.1)`"
        ),
    ]
}
