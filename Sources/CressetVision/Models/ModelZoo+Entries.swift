// One row per network: all that the program has to know of it.

extension ModelZoo {
    static let entries: [Entry] = [
        Entry(name: "alexnet", sides: .atLeast(63)) { AlexNet(classes: $0) },
        Entry(name: "vgg11", sides: .atLeast(32)) { VGG(.eleven, classes: $0) },
        Entry(name: "vgg11_bn", sides: .atLeast(32)) { VGG(.eleven, batchNorm: true, classes: $0) },
        Entry(name: "vgg13", sides: .atLeast(32)) { VGG(.thirteen, classes: $0) },
        Entry(name: "vgg13_bn", sides: .atLeast(32)) { VGG(.thirteen, batchNorm: true, classes: $0) },
        Entry(name: "vgg16", sides: .atLeast(32)) { VGG(.sixteen, classes: $0) },
        Entry(name: "vgg16_bn", sides: .atLeast(32)) { VGG(.sixteen, batchNorm: true, classes: $0) },
        Entry(name: "vgg19", sides: .atLeast(32)) { VGG(.nineteen, classes: $0) },
        Entry(name: "vgg19_bn", sides: .atLeast(32)) { VGG(.nineteen, batchNorm: true, classes: $0) },
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
        Entry(name: "squeezenet1_1", sides: .atLeast(17)) { SqueezeNet(.v1_1, classes: $0) },
        Entry(name: "squeezenet1_0", sides: .atLeast(21)) { SqueezeNet(.v1_0, classes: $0) },
        Entry(name: "densenet121", sides: .atLeast(29)) { DenseNet(blocks: [6, 12, 24, 16], classes: $0) },
        Entry(name: "densenet161", sides: .atLeast(29)) {
            DenseNet(growth: 48, blocks: [6, 12, 36, 24], initialFeatures: 96, classes: $0)
        },
        Entry(name: "densenet169", sides: .atLeast(29)) { DenseNet(blocks: [6, 12, 32, 32], classes: $0) },
        Entry(name: "densenet201", sides: .atLeast(29)) { DenseNet(blocks: [6, 12, 48, 32], classes: $0) },
        Entry(name: "inception_v3", sides: .atLeast(75)) { InceptionV3(classes: $0) },
        Entry(name: "googlenet", sides: .atLeast(15)) { GoogLeNet(classes: $0) },
        Entry(name: "mobilenet_v2") { MobileNetV2(classes: $0) },
        Entry(name: "mobilenet_v3_small") { MobileNetV3(.small, classes: $0) },
        Entry(name: "mobilenet_v3_large") { MobileNetV3(.large, classes: $0) },
        Entry(name: "efficientnet_lite0") { EfficientNetLite(.lite0, classes: $0) },
        Entry(name: "efficientnet_lite1") { EfficientNetLite(.lite1, classes: $0) },
        Entry(name: "efficientnet_lite2") { EfficientNetLite(.lite2, classes: $0) },
        Entry(name: "efficientnet_lite3") { EfficientNetLite(.lite3, classes: $0) },
        Entry(name: "efficientnet_lite4") { EfficientNetLite(.lite4, classes: $0) },
        Entry(name: "efficientnet_b0") { EfficientNet(.b0, classes: $0) },
        Entry(name: "efficientnet_b1") { EfficientNet(.b1, classes: $0) },
        Entry(name: "efficientnet_b2") { EfficientNet(.b2, classes: $0) },
        Entry(name: "efficientnet_b3") { EfficientNet(.b3, classes: $0) },
        Entry(name: "efficientnet_b4") { EfficientNet(.b4, classes: $0) },
        Entry(name: "efficientnet_b5") { EfficientNet(.b5, classes: $0) },
        Entry(name: "efficientnet_b6") { EfficientNet(.b6, classes: $0) },
        Entry(name: "efficientnet_b7") { EfficientNet(.b7, classes: $0) },
        Entry(name: "efficientnet_v2_s") { EfficientNet(.v2Small, classes: $0) },
        Entry(name: "efficientnet_v2_m") { EfficientNet(.v2Medium, classes: $0) },
        Entry(name: "efficientnet_v2_l") { EfficientNet(.v2Large, classes: $0) },
        Entry(name: "mnasnet0_5") { MNASNet(width: 0.5, classes: $0) },
        Entry(name: "mnasnet0_75") { MNASNet(width: 0.75, classes: $0) },
        Entry(name: "mnasnet1_0") { MNASNet(classes: $0) },
        Entry(name: "mnasnet1_3") { MNASNet(width: 1.3, classes: $0) },
        Entry(name: "shufflenet_v2_x0_5") { ShuffleNetV2(channels: [24, 48, 96, 192, 1024], classes: $0) },
        Entry(name: "shufflenet_v2_x1_0") { ShuffleNetV2(channels: [24, 116, 232, 464, 1024], classes: $0) },
        Entry(name: "shufflenet_v2_x1_5") { ShuffleNetV2(channels: [24, 176, 352, 704, 1024], classes: $0) },
        Entry(name: "shufflenet_v2_x2_0") { ShuffleNetV2(channels: [24, 244, 488, 976, 2048], classes: $0) },
        Entry(name: "regnet_x_400mf") {
            RegNet(depth: 22, initialWidth: 24, slope: 24.48, multiplier: 2.54, groupWidth: 16, classes: $0)
        },
        Entry(name: "regnet_x_800mf") {
            RegNet(depth: 16, initialWidth: 56, slope: 35.73, multiplier: 2.28, groupWidth: 16, classes: $0)
        },
        Entry(name: "regnet_x_1_6gf") {
            RegNet(depth: 18, initialWidth: 80, slope: 34.01, multiplier: 2.25, groupWidth: 24, classes: $0)
        },
        Entry(name: "regnet_x_3_2gf") {
            RegNet(depth: 25, initialWidth: 88, slope: 26.31, multiplier: 2.25, groupWidth: 48, classes: $0)
        },
        Entry(name: "regnet_x_8gf") {
            RegNet(depth: 23, initialWidth: 80, slope: 49.56, multiplier: 2.88, groupWidth: 120, classes: $0)
        },
        Entry(name: "regnet_x_16gf") {
            RegNet(depth: 22, initialWidth: 216, slope: 55.59, multiplier: 2.1, groupWidth: 128, classes: $0)
        },
        Entry(name: "regnet_x_32gf") {
            RegNet(depth: 23, initialWidth: 320, slope: 69.86, multiplier: 2, groupWidth: 168, classes: $0)
        },
        Entry(name: "regnet_y_400mf") {
            RegNet(
                depth: 16, initialWidth: 48, slope: 27.89, multiplier: 2.09, groupWidth: 8, squeeze: 0.25, classes: $0)
        },
        Entry(name: "regnet_y_800mf") {
            RegNet(
                depth: 14, initialWidth: 56, slope: 38.84, multiplier: 2.4, groupWidth: 16, squeeze: 0.25, classes: $0)
        },
        Entry(name: "regnet_y_1_6gf") {
            RegNet(
                depth: 27, initialWidth: 48, slope: 20.71, multiplier: 2.65, groupWidth: 24, squeeze: 0.25, classes: $0)
        },
        Entry(name: "regnet_y_3_2gf") {
            RegNet(
                depth: 21, initialWidth: 80, slope: 42.63, multiplier: 2.66, groupWidth: 24, squeeze: 0.25, classes: $0)
        },
        Entry(name: "regnet_y_8gf") {
            RegNet(
                depth: 17, initialWidth: 192, slope: 76.82, multiplier: 2.19, groupWidth: 56, squeeze: 0.25, classes: $0
            )
        },
        Entry(name: "regnet_y_16gf") {
            RegNet(
                depth: 18, initialWidth: 200, slope: 106.23, multiplier: 2.48, groupWidth: 112, squeeze: 0.25,
                classes: $0)
        },
        Entry(name: "regnet_y_32gf") {
            RegNet(
                depth: 20, initialWidth: 232, slope: 115.89, multiplier: 2.53, groupWidth: 232, squeeze: 0.25,
                classes: $0)
        },
        Entry(name: "regnet_y_128gf") {
            RegNet(
                depth: 27, initialWidth: 456, slope: 160.83, multiplier: 2.52, groupWidth: 264, squeeze: 0.25,
                classes: $0)
        },
        Entry(name: "convnext_tiny", sides: .atLeast(32)) {
            ConvNeXt(channels: [96, 192, 384, 768], depths: [3, 3, 9, 3], classes: $0, stochasticDepth: 0.1)
        },
        Entry(name: "convnext_small", sides: .atLeast(32)) {
            ConvNeXt(channels: [96, 192, 384, 768], depths: [3, 3, 27, 3], classes: $0, stochasticDepth: 0.4)
        },
        Entry(name: "convnext_base", sides: .atLeast(32)) {
            ConvNeXt(channels: [128, 256, 512, 1024], depths: [3, 3, 27, 3], classes: $0, stochasticDepth: 0.5)
        },
        Entry(name: "convnext_large", sides: .atLeast(32)) {
            ConvNeXt(channels: [192, 384, 768, 1536], depths: [3, 3, 27, 3], classes: $0, stochasticDepth: 0.5)
        },
        Entry(name: "vit_b_32", patch: 32) {
            VisionTransformer(
                patchSize: 32, layers: 12, attentionHeads: 12, features: 768, hidden: 3072, classes: $0, imageSize: $1)
        },
        Entry(name: "vit_b_16", patch: 16) {
            VisionTransformer(
                patchSize: 16, layers: 12, attentionHeads: 12, features: 768, hidden: 3072, classes: $0, imageSize: $1)
        },
        Entry(name: "vit_l_32", patch: 32) {
            VisionTransformer(
                patchSize: 32, layers: 24, attentionHeads: 16, features: 1024, hidden: 4096, classes: $0, imageSize: $1)
        },
        Entry(name: "vit_l_16", patch: 16) {
            VisionTransformer(
                patchSize: 16, layers: 24, attentionHeads: 16, features: 1024, hidden: 4096, classes: $0, imageSize: $1)
        },
        Entry(name: "vit_h_14", patch: 14) {
            VisionTransformer(
                patchSize: 14, layers: 32, attentionHeads: 16, features: 1280, hidden: 5120, classes: $0, imageSize: $1)
        },
        Entry(name: "swin_t", sides: .atLeast(4)) {
            SwinTransformer(.v1, depths: [2, 2, 6, 2], classes: $0, stochasticDepth: 0.2)
        },
        Entry(name: "swin_s", sides: .atLeast(4)) {
            SwinTransformer(.v1, depths: [2, 2, 18, 2], classes: $0, stochasticDepth: 0.3)
        },
        Entry(name: "swin_b", sides: .atLeast(4)) {
            SwinTransformer(
                .v1, features: 128, depths: [2, 2, 18, 2], attentionHeads: [4, 8, 16, 32], classes: $0,
                stochasticDepth: 0.5)
        },
        Entry(name: "swin_v2_t", sides: .atLeast(4)) {
            SwinTransformer(.v2, depths: [2, 2, 6, 2], classes: $0, stochasticDepth: 0.2)
        },
        Entry(name: "swin_v2_s", sides: .atLeast(4)) {
            SwinTransformer(.v2, depths: [2, 2, 18, 2], classes: $0, stochasticDepth: 0.3)
        },
        Entry(name: "swin_v2_b", sides: .atLeast(4)) {
            SwinTransformer(
                .v2, features: 128, depths: [2, 2, 18, 2], attentionHeads: [4, 8, 16, 32], classes: $0,
                stochasticDepth: 0.5)
        },
        Entry(name: "maxvit_t", sides: .multiples(of: 224)) { MaxViT(classes: $0) },
    ]
}
