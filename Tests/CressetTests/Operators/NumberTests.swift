import Cresset
import Testing

/// A number beside a tensor is an operand that is made once: it is neither allocated nor filled in each expression.
@Suite struct NumberTests {
    @Test func zerosOfBothSignsAndNaNAreDifferentNumbers() {
        let x: Tensor = [1.0, -1.0]
        for _ in 0..<2 {
            #expect((x / 0.0).scalars(as: Float.self) == [.infinity, -.infinity])
            #expect((x / -0.0).scalars(as: Float.self) == [-.infinity, .infinity])
            #expect((x + Double.nan).isNaN().all().item() == 1)
            #expect((x + 1).scalars(as: Float.self) == [2, 0])
            #expect((x * true).scalars(as: Float.self) == [1, -1])
            #expect((Tensor([3, 4]) + 1).scalars(as: Int64.self) == [4, 5])
        }
    }

    @Test func sharedNumbersAreNeverChangedInPlace() {
        let x: Tensor = [1.0, 2.0]
        var number = x[0].clamp(min: 5)
        number += 2
        var sum = Tensor.zeros([]) + 7
        sum += 1
        #expect((x + 7).scalars(as: Float.self) == [8, 9] && (x + 5).scalars(as: Float.self) == [6, 7])
        #expect(sum.item() == 8 && number.item() == 7)
    }
}
