import CKernels
import CressetBackend
import Testing

/// The kernels' tables name their rows by C's enumerations: these must be Swift's.
@Suite struct EnumerationTests {
    private func check<Case: RawRepresentable<Int32> & CaseIterable>(_: Case.Type, _ enumeration: Int) {
        for op in Case.allCases {
            let name = cresset_case_name(Int32(enumeration), op.rawValue).map { String(cString: $0) }
            #expect(name == "\(op)")
        }
        #expect(cresset_case_name(Int32(enumeration), Int32(Case.allCases.count)) == nil)
    }

    @Test func casesHaveTheNumbersOfTheKernels() {
        check(UnaryOp.self, CR_UNARY)
        check(BinaryOp.self, CR_BINARY)
        check(ReduceOp.self, CR_REDUCE)
        check(ScatterOp.self, CR_SCATTER)
        check(DType.self, CR_DTYPES)
        #expect(RecurrentKind.tanh.rawValue == Int32(cresset_recurrent_tanh.rawValue))
        #expect(RecurrentKind.relu.rawValue == Int32(cresset_recurrent_relu.rawValue))
        #expect(RecurrentKind.gated.rawValue == Int32(cresset_recurrent_gated.rawValue))
        #expect(RecurrentKind.longShortTerm.rawValue == Int32(cresset_recurrent_long_short_term.rawValue))
    }
}
