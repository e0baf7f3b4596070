import Cresset
import Glibc

extension RunFolder {
    /// *Throws* ``Failure`` if the run has no weights (yet).
    func requireWeights(_ record: RunRecord) throws(Failure) {
        guard record.state != .finished, !SystemFiles.exists(weightsPath), errno == ENOENT else {
            return
        }
        if isInUse {
            throw Failure(
                "\(path): the run is still under way and has no weights yet",
                hint: "wait for the end of its first epoch",
                kind: .inputMissing)
        }
        throw Failure(
            "\(path): the run has no weights: it "
                + (record.state == .failed ? "failed before any could be saved" : "ended before its first epoch did"),
            hint: record.state == .failed ? "train again, without what its message named" : "train again",
            kind: .inputMissing)
    }
}
