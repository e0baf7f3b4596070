import Cresset

extension Benchmark {
    /// The number of pictures in a step of the families' measures.
    static let familyBatch = 8

    /// One network of each family.
    private static let families = [
        "alexnet", "vgg11_bn", "resnet34", "resnext50_32x4d", "wide_resnet50_2", "squeezenet1_1", "densenet121",
        "inception_v3", "googlenet", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_lite0", "efficientnet_b0",
        "efficientnet_v2_s", "mnasnet1_0", "shufflenet_v2_x1_0", "regnet_y_800mf", "convnext_tiny", "vit_b_32",
        "swin_t",
        "swin_v2_t", "maxvit_t",
    ]

    /// Training of each family, each in a process of its own: speed, memory, and the loss from the first step to the last.
    ///
    /// They take minutes, so they run only if asked for by name: `--only family`.
    func runFamilies() throws {
        for name in Self.families where only.contains("family") {
            var figures: [Double] = []
            func figure(_ index: Int) throws -> Double {
                if figures.isEmpty {
                    figures = try probe(.network, "--only", name, "--repeat", "\(repeats)").split(separator: " ")
                        .compactMap { Double($0) }
                }
                return index < figures.count ? figures[index] : .nan
            }
            try measure("family_train_\(name)_b\(Self.familyBatch)_f32", "img/s") { try figure(0) }
            try measure("family_memory_\(name)_b\(Self.familyBatch)", "MiB") { try figure(1) }
            try measure("family_loss_\(name)", "of the first") { try figure(3) / figure(2) }
        }
    }
}
