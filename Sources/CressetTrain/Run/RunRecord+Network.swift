import Cresset
import CressetNN
import CressetVision

extension RunRecord {
    /// The run's network, with random weights.
    ///
    /// *Throws* ``Failure`` if there is none of that name, or it cannot take pictures of that size.
    ///
    /// - Parameter path: The file that the record is from.
    func network(namedIn path: FilePath) throws(Failure) -> any ClassificationModel {
        let side = preprocessing.cropSize
        do {
            try ModelZoo.requireSide(side, of: model.name)
            return try ModelZoo.make(model.name, classes: model.classCount, imageSize: side)
        } catch let error as any ExplainedError {
            throw Failure(error.explanation.of(path), kind: .badData)
        } catch {
            throw Failure(error)
        }
    }
}
