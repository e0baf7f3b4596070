/// The family of a network, for lists.
enum ModelFamily {
    /// Families by the beginning of their networks' names; the longest that fits counts.
    private static let titles = [
        "alexnet": "AlexNet", "vgg": "VGG", "resnet": "ResNet", "resnext": "ResNeXt", "wide_resnet": "Wide ResNet",
        "squeezenet": "SqueezeNet", "densenet": "DenseNet", "inception": "Inception", "googlenet": "GoogLeNet",
        "mobilenet_v2": "MobileNet v2", "mobilenet_v3": "MobileNet v3", "efficientnet_lite": "EfficientNet-Lite",
        "efficientnet_b": "EfficientNet", "efficientnet_v2": "EfficientNet v2", "mnasnet": "MNASNet",
        "shufflenet_v2": "ShuffleNet v2", "regnet_x": "RegNet X", "regnet_y": "RegNet Y", "convnext": "ConvNeXt",
        "vit": "Vision Transformer", "swin": "Swin Transformer", "swin_v2": "Swin Transformer v2", "maxvit": "MaxViT",
    ]

    /// The family of the network called `name`; the name itself if it is of none.
    static func title(of name: String) -> String {
        let prefix = titles.keys.filter(name.hasPrefix).max { $0.utf8.count < $1.utf8.count }
        return prefix.flatMap { titles[$0] } ?? name
    }
}
