import Cresset
import CressetNN
import CressetVision

extension TrainingPlan {
    /// Throws if the network cannot be trained with a single picture in a batch, because a normalisation would then see
    /// one value per channel, which has no variance.
    ///
    /// - Parameters:
    ///   - name: The name of the network.
    ///   - side: The side of the pictures, in pixels.
    ///   - freezesBody: Whether only the last layer is trained.
    package static func requireVariance(_ name: String, side: Int, freezesBody: Bool) throws {
        let model = try Generator.$current.withValue(Generator()) {
            try withoutInitialValues { try ModelZoo.make(name, classes: 2, imageSize: side) }
        }
        if freezesBody { model.freezeBody() }
        try requireVariance(of: model, called: name, side: side, freezesBody: freezesBody)
    }

    /// The same of a network that is there; afterwards it is in training mode, and otherwise as before.
    static func requireVariance(of model: any Layer, called name: String, side: Int, freezesBody: Bool) throws {
        let state = model.stateDict(), device = model.parameters.first?.device ?? .current
        var found = false
        // Two pictures, so that nothing traps. They change statistics and draw random numbers.
        Generator.$current.withValue(Generator()) {
            withoutGradients {
                withForwardHook { module, output in
                    guard let norm = module as? BatchNorm2d, norm.usesBatch else { return }
                    if output.elementCount == 2 * norm.features { found = true }
                } body: {
                    let pictures = Tensor.zeros([2, 3, side, side], device: device)
                    model.train()
                    if let model = model as? any AuxiliaryClassificationModel {
                        _ = model.scores(pictures)
                    } else {
                        _ = model(pictures)
                    }
                }
            }
        }
        try model.load(state)
        guard found else { return }
        throw Failure(
            "\(name) cannot be trained with one picture of \(side) × \(side) pixels in a batch: a normalisation would see "
                + "a single value per channel, which has no variance",
            hint: "use \(OptionName.batchSize.set(to: "2")) or more"
                + (freezesBody ? "" : ", or \(OptionName.freezesBody)"), kind: .usage)
    }
}
