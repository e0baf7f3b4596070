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
        // A network of its own: this changes statistics and draws random numbers. Two pictures, so that nothing traps.
        let found = try Generator.$current.withValue(Generator()) {
            let model = try withoutInitialValues { try ModelZoo.make(name, classes: 2, imageSize: side) }.train()
            if freezesBody { model.freezeBody() }
            var found = false
            withoutGradients {
                withForwardHook { module, output in
                    guard let norm = module as? BatchNorm2d, norm.usesBatch else { return }
                    if output.elementCount == 2 * norm.features { found = true }
                } body: {
                    let pictures = Tensor.zeros([2, 3, side, side])
                    if let model = model as? any AuxiliaryClassificationModel {
                        _ = model.scores(pictures)
                    } else {
                        _ = model(pictures)
                    }
                }
            }
            return found
        }
        guard found else { return }
        throw Failure(
            "\(name) cannot be trained with one picture of \(side) × \(side) pixels in a batch: a normalisation would see "
                + "a single value per channel, which has no variance",
            hint: "use \(OptionName.batchSize.set(to: "2")) or more"
                + (freezesBody ? "" : ", or \(OptionName.freezesBody)"), kind: .usage)
    }
}
