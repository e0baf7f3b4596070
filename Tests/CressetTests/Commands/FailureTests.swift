import Cresset
import CressetCommands
import CressetTrain
import Foundation
import Testing

@Suite struct FailureTests {
    private struct Mismatch: ClassifiedError {
        var failureKind: Failure.Kind { .badData }
        var explanation: Explanation { Explanation("of another model", hint: "use --model resnet34").of("weights.pth") }
    }

    private struct Unforeseen: Error {}

    @Test func saysWhatIsWrongAndWhatToDo() {
        let failure = Failure(Mismatch())
        #expect(failure.kind == .badData)
        #expect(failure.description == "error: weights.pth: of another model\n  hint: use --model resnet34")
    }

    @Test func errorsOfTheSystemHaveTheirStatus() {
        let missing = #expect(throws: (any Error).self) { try SystemFiles.names(in: "/no/such/folder") }
        #expect(missing.map { Failure($0).kind } == .inputMissing)
        #expect(missing.map { Failure($0).message } == "/no/such/folder: No such file or directory")
        #expect(Failure.kind(ofSystemCode: ENOSPC) == .inputOutput)
        #expect(Failure.kind(ofSystemCode: EACCES) == .permission)
    }

    @Test func theUnforeseenIsABug() {
        let failure = Failure(Unforeseen())
        #expect(failure.kind == .bug)
        #expect(failure.hint?.contains("report") == true)
    }

    @Test func namesFromOutsideCannotDriveTheTerminal() {
        let failure = Failure("a\u{1B}[31m\u{202E}b\r: broken", kind: .badData)
        #expect(failure.description == "error: a\\u{1b}[31m\\u{202e}b\\u{d}: broken")
    }

    @Test func statusesAreThoseOfTheTable() {
        let numbers = CressetCommands.ExitStatus.allCases.map(\.rawValue)
        #expect(numbers == [0, 1, 64, 65, 66, 69, 70, 71, 73, 74, 75, 77, 78, 130, 141, 143])
        #expect(StopRequest.interrupt.exitStatus(isSaved: true) == .interrupted)
        #expect(StopRequest.terminate.exitStatus(isSaved: true) == .stoppedByScheduler)
        #expect(StopRequest.hangUp.exitStatus(isSaved: true) == .stoppedByScheduler)
        #expect(StopRequest.warning.exitStatus(isSaved: true) == .stoppedByScheduler)
        #expect(StopRequest.terminate.exitStatus(isSaved: false) == .terminated)
    }
}
