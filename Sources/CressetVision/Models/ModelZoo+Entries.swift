// One row per network. A family adds its rows here and nothing elsewhere.

extension ModelZoo {
    static let entries: [Entry] = [
        Entry(name: "alexnet") { AlexNet(classes: $0) },
        Entry(name: "vgg11") { VGG(.eleven, classes: $0) },
        Entry(name: "vgg11_bn") { VGG(.eleven, batchNorm: true, classes: $0) },
        Entry(name: "vgg13") { VGG(.thirteen, classes: $0) },
        Entry(name: "vgg13_bn") { VGG(.thirteen, batchNorm: true, classes: $0) },
        Entry(name: "vgg16") { VGG(.sixteen, classes: $0) },
        Entry(name: "vgg16_bn") { VGG(.sixteen, batchNorm: true, classes: $0) },
        Entry(name: "vgg19") { VGG(.nineteen, classes: $0) },
        Entry(name: "vgg19_bn") { VGG(.nineteen, batchNorm: true, classes: $0) },
        Entry(name: "resnet18") { ResNet(.basic, layers: [2, 2, 2, 2], classes: $0) },
        Entry(name: "resnet34") { ResNet(.basic, layers: [3, 4, 6, 3], classes: $0) },
        Entry(name: "resnet50") { ResNet(.bottleneck, layers: [3, 4, 6, 3], classes: $0) },
        Entry(name: "resnet101") { ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: $0) },
        Entry(name: "resnet152") { ResNet(.bottleneck, layers: [3, 8, 36, 3], classes: $0) },
        Entry(name: "resnext50_32x4d") {
            ResNet(.bottleneck, layers: [3, 4, 6, 3], classes: $0, groups: 32, widthPerGroup: 4)
        },
        Entry(name: "resnext101_32x8d") {
            ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: $0, groups: 32, widthPerGroup: 8)
        },
        Entry(name: "resnext101_64x4d") {
            ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: $0, groups: 64, widthPerGroup: 4)
        },
        Entry(name: "wide_resnet50_2") {
            ResNet(.bottleneck, layers: [3, 4, 6, 3], classes: $0, widthPerGroup: 128)
        },
        Entry(name: "wide_resnet101_2") {
            ResNet(.bottleneck, layers: [3, 4, 23, 3], classes: $0, widthPerGroup: 128)
        },
        Entry(name: "squeezenet1_1") { SqueezeNet(.v1_1, classes: $0) },
        Entry(name: "squeezenet1_0") { SqueezeNet(.v1_0, classes: $0) },
    ]
}
