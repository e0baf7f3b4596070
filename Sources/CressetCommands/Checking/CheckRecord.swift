import Cresset
import CressetTrain
import CressetVision

/// A check as JSON, with every file. What is not known, or is not there, has no field.
package struct CheckRecord: Encodable {
    struct Class: Encodable {
        let name: String
        let train: Int
        /// Nil if there is no folder for validation.
        let val: Int?
    }

    struct Finding: Encodable {
        let severity: String
        let kind: String
        let message: String
        let hint: String?
        let files: [Remark]
    }

    struct Remark: Encodable {
        let image: String
        let imageBytes: String?
        let remark: String?
    }

    struct File: Encodable {
        let image: String
        let imageBytes: String?
        let part: String
        let label: String?
        let status: String
        let reason: String?
        let format: String?
        let width: Int?
        let height: Int?
        let modes: [String]
        let turned: Bool
    }

    let data: String
    /// Whether `cresset train` takes the folder.
    let accepted: Bool
    /// How the pictures would be divided, in words; nil if there is a folder for validation.
    let division: String?
    let classes: [Class]
    let findings: [Finding]
    let files: [File]

    /// The record of a check.
    ///
    /// - Parameters:
    ///   - check: What was found.
    ///   - path: The folder, as the user named it.
    package init(_ check: DataCheck, of path: FilePath) {
        data = path.terminalText
        accepted = check.isAccepted
        division = check.division?.description
        let (training, validating) = (check.train.classCounts, check.validation?.classCounts)
        classes = check.train.classes.indices.map {
            Class(name: check.train.classes[$0], train: training[$0], val: validating?[$0])
        }
        findings = check.findings.map { finding in
            Finding(
                severity: finding.severity.rawValue, kind: finding.kind.rawValue, message: finding.message,
                hint: finding.hint,
                files: finding.files.map {
                    Remark(
                        image: $0.path.terminalText, imageBytes: $0.path.exactBytes,
                        remark: $0.remark.isEmpty ? nil : $0.remark)
                })
        }
        files = check.files.map {
            File(
                image: $0.path.terminalText, imageBytes: $0.path.exactBytes, part: $0.part.rawValue,
                label: $0.className,
                status: $0.status.rawValue, reason: $0.reason, format: $0.format, width: $0.width, height: $0.height,
                modes: $0.modes.map(\.rawValue), turned: $0.isTurned)
        }
    }
}
