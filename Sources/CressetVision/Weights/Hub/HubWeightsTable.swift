/// timm's repositories with torchvision's weights, as of timm 1.0.31.
///
/// A row: model, weights (after `IMAGENET1K_`), repository (after `timm/`), naming of the entries. Inception v3 is
/// missing: its file lacks the auxiliary head.
private let table = """
    densenet121 V1 densenet121.tv_in1k same
    densenet161 V1 densenet161.tv_in1k same
    densenet169 V1 densenet169.tv_in1k same
    densenet201 V1 densenet201.tv_in1k same
    regnet_x_400mf V2 regnetx_004_tv.tv2_in1k regnet
    regnet_x_800mf V2 regnetx_008.tv2_in1k regnet
    regnet_x_1_6gf V2 regnetx_016.tv2_in1k regnet
    regnet_x_3_2gf V2 regnetx_032.tv2_in1k regnet
    regnet_x_8gf V2 regnetx_080.tv2_in1k regnet
    regnet_x_16gf V2 regnetx_160.tv2_in1k regnet
    regnet_x_32gf V2 regnetx_320.tv2_in1k regnet
    regnet_y_400mf V2 regnety_004.tv2_in1k regnet
    regnet_y_800mf V2 regnety_008_tv.tv2_in1k regnet
    regnet_y_1_6gf V2 regnety_016.tv2_in1k regnet
    regnet_y_3_2gf V2 regnety_032.tv2_in1k regnet
    regnet_y_8gf V2 regnety_080_tv.tv2_in1k regnet
    regnet_y_16gf V2 regnety_160.tv2_in1k regnet
    regnet_y_32gf V2 regnety_320.tv2_in1k regnet
    resnet18 V1 resnet18.tv_in1k same
    resnet34 V1 resnet34.tv_in1k same
    resnet50 V1 resnet50.tv_in1k same
    resnet50 V2 resnet50.tv2_in1k same
    resnet101 V1 resnet101.tv_in1k same
    resnet101 V2 resnet101.tv2_in1k same
    resnet152 V1 resnet152.tv_in1k same
    resnet152 V2 resnet152.tv2_in1k same
    resnext50_32x4d V1 resnext50_32x4d.tv_in1k same
    resnext50_32x4d V2 resnext50_32x4d.tv2_in1k same
    resnext101_32x8d V1 resnext101_32x8d.tv_in1k same
    resnext101_32x8d V2 resnext101_32x8d.tv2_in1k same
    resnext101_64x4d V1 resnext101_64x4d.tv_in1k same
    wide_resnet50_2 V1 wide_resnet50_2.tv_in1k same
    wide_resnet50_2 V2 wide_resnet50_2.tv2_in1k same
    wide_resnet101_2 V1 wide_resnet101_2.tv_in1k same
    wide_resnet101_2 V2 wide_resnet101_2.tv2_in1k same
    vgg11 V1 vgg11.tv_in1k vgg
    vgg11_bn V1 vgg11_bn.tv_in1k vgg
    vgg13 V1 vgg13.tv_in1k vgg
    vgg13_bn V1 vgg13_bn.tv_in1k vgg
    vgg16 V1 vgg16.tv_in1k vgg
    vgg16_bn V1 vgg16_bn.tv_in1k vgg
    vgg19 V1 vgg19.tv_in1k vgg
    vgg19_bn V1 vgg19_bn.tv_in1k vgg
    """

/// A repository of Hugging Face's hub that contains published weights.
package struct HubRepository: Sendable {
    /// `timm/resnet18.tv_in1k`.
    package let name: String
    /// How the entries of its files are called.
    package let naming: HubNaming

    /// The file with the weights.
    static let fileName = "model.safetensors"

    /// The repository with `weights`; nil if there is none.
    package static func with(_ weights: PretrainedWeights) -> HubRepository? { all["\(weights.model) \(weights.name)"] }

    /// By model and name.
    package static let all: [String: HubRepository] = Dictionary(
        uniqueKeysWithValues: table.split(separator: "\n").map { line in
            let row = line.split(separator: " ")
            return (
                "\(row[0]) IMAGENET1K_\(row[1])",
                HubRepository(name: "timm/\(row[2])", naming: HubNaming(rawValue: String(row[3]))!)
            )
        })
}
