// Sums of products by index letters, and the operators defined through them.

extension Tensor {
    /// The sum of products that an equation names: `"bij,bjk->bik"` is a batched matrix product.
    ///
    /// Each letter is an axis; letters missing on the right are summed over; a letter that occurs twice in one operand
    /// is its diagonal; `...` stands for the axes without letters, broadcast. Without `->` the result has the letters
    /// that occur once, in alphabetical order. *Source*: `torch.einsum`. Traps if the equation does not fit the
    /// tensors.
    ///
    /// - Parameters:
    ///   - equation: A letter for each axis of each operand, and those of the result: `ij,jk->ik`.
    ///   - tensors: The operands.
    public static func einsum(_ equation: String, _ tensors: [Tensor]) -> Tensor {
        let text = equation.filter { $0 != " " }
        let sides = text.parts(separatedBy: "->")
        let inputs = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard inputs.count == tensors.count, sides.count <= 2, !tensors.isEmpty else {
            fail("einsum", "the equation \(equation) does not fit \(tensors.count) tensors")
        }
        let terms = zip(inputs, tensors).map { EinsumTerm($0, $1, equation) }
        let ellipsis = terms.map { term in term.letters.filter(\.isExtra) }.max { $0.count < $1.count } ?? []
        let result =
            sides.count == 2
            ? EinsumTerm.letters(sides[1], extra: ellipsis.count, equation)
            : ellipsis + EinsumTerm.lettersThatOccurOnce(terms)
        var left = terms[0].withoutRepeats()
        for (i, term) in terms.enumerated().dropFirst() {
            let later = Set(terms[(i + 1)...].flatMap(\.letters) + result)
            left = left.product(term.withoutRepeats(), keeping: later)
        }
        return left.arranged(result, equation)
    }

    /// The products of this tensor's last axes with the first ones of `y`, summed over `count` of them.
    public func tensordot(_ y: Tensor, _ count: Int) -> Tensor {
        guard count >= 0, count <= rank, count <= y.rank else {
            fail("tensordot", "\(count) axes of \(shape) and \(y.shape) do not match")
        }
        return tensordot(y, axes: Array(rank - count..<rank), Array(0..<count))
    }

    /// The products of the elements along `axes` of this tensor and `otherAxes` of `y`, paired in order, summed over
    /// them.
    public func tensordot(_ y: Tensor, axes: [Int], _ otherAxes: [Int]) -> Tensor {
        let (a, b) = (axes.map { axis($0, "tensordot") }, otherAxes.map { y.axis($0, "tensordot") })
        guard a.count == b.count,
            zip(a, b).allSatisfy({ shape[$0] == y.shape[$1] || shape[$0] == 1 || y.shape[$1] == 1 })
        else { fail("tensordot", "axes \(axes) of \(shape) do not match axes \(otherAxes) of \(y.shape)") }
        // An axis of length 1 broadcasts: the other one is summed separately.
        let (wideA, wideB) = (
            zip(a, b).filter { shape[$0] != y.shape[$1] && y.shape[$1] == 1 }.map(\.0),
            zip(a, b).filter { shape[$0] != y.shape[$1] && shape[$0] == 1 }.map(\.1)
        )
        if !wideA.isEmpty { return sum(axes: wideA, keepsAxes: true).tensordot(y, axes: axes, otherAxes) }
        if !wideB.isEmpty { return tensordot(y.sum(axes: wideB, keepsAxes: true), axes: axes, otherAxes) }
        let (keptA, keptB) = ((0..<rank).filter { !a.contains($0) }, (0..<y.rank).filter { !b.contains($0) })
        let (rows, columns) = (keptA.map { shape[$0] }, keptB.map { y.shape[$0] })
        let inner = a.reduce(1) { $0 * shape[$1] }
        let left = permuted(keptA + a).reshaped([rows.reduce(1, *), inner])
        let right = y.permuted(b + keptB).reshaped([inner, columns.reduce(1, *)])
        return left.matmul(right).reshaped(Shape(rows + columns))
    }
}

/// An axis letter of an equation; those that an ellipsis stands for are numbered from the last.
private struct EinsumLetter: Hashable {
    let character: Character
    let number: Int
    var isExtra: Bool { character == "." }
}

/// A tensor and the letters of its axes.
private struct EinsumTerm {
    let letters: [EinsumLetter]
    let tensor: Tensor

    init(letters: [EinsumLetter], tensor: Tensor) {
        self.letters = letters
        self.tensor = tensor
    }

    init(_ text: String, _ tensor: Tensor, _ equation: String) {
        letters = EinsumTerm.letters(text, extra: tensor.rank - text.filter(\.isLetter).count, equation)
        self.tensor = tensor
        guard letters.count == tensor.rank else {
            fail("einsum", "\(text) in \(equation) does not name the axes of shape \(tensor.shape)")
        }
    }

    static func letters(_ text: String, extra: Int, _ equation: String) -> [EinsumLetter] {
        var result: [EinsumLetter] = []
        var rest = text[...]
        while let first = rest.first {
            if rest.hasPrefix("...") {
                result += (0..<max(0, extra)).reversed().map { EinsumLetter(character: ".", number: $0) }
                rest = rest.dropFirst(3)
            } else {
                guard first.isLetter else { fail("einsum", "\(first) in \(equation) is not a letter") }
                result.append(EinsumLetter(character: first, number: 0))
                rest = rest.dropFirst()
            }
        }
        return result
    }

    static func lettersThatOccurOnce(_ terms: [EinsumTerm]) -> [EinsumLetter] {
        var counts: [EinsumLetter: Int] = [:]
        for letter in terms.flatMap(\.letters) where !letter.isExtra { counts[letter, default: 0] += 1 }
        return counts.filter { $0.value == 1 }.keys.sorted { $0.character < $1.character }
    }

    /// Takes the diagonal where a letter occurs twice.
    func withoutRepeats() -> EinsumTerm {
        for (i, letter) in letters.enumerated() {
            guard let j = letters[(i + 1)...].firstIndex(of: letter) else { continue }
            guard tensor.shape[i] == tensor.shape[j] else {
                fail("einsum", "\(letter.character) has two lengths in shape \(tensor.shape)")
            }
            var rest = letters
            rest.remove(at: j)
            rest.remove(at: i)
            return EinsumTerm(letters: rest + [letter], tensor: tensor.diagonal(axis1: i, axis2: j)).withoutRepeats()
        }
        return self
    }

    /// Summed over the letters that are not needed.
    private func summed(keeping wanted: Set<EinsumLetter>) -> EinsumTerm {
        let dropped = letters.indices.filter { !wanted.contains(letters[$0]) }
        if dropped.isEmpty { return self }
        return EinsumTerm(letters: letters.filter(wanted.contains), tensor: tensor.sum(axes: dropped))
    }

    /// The product with another term, summed over the letters not kept: a batched matrix product.
    func product(_ other: EinsumTerm, keeping kept: Set<EinsumLetter>) -> EinsumTerm {
        let a = summed(keeping: kept.union(other.letters))
        let b = other.summed(keeping: kept.union(letters))
        let shared = a.letters.filter(b.letters.contains)
        let batch = shared.filter(kept.contains)
        let inner = shared.filter { !kept.contains($0) }
        let rows = a.letters.filter { !shared.contains($0) }
        let columns = b.letters.filter { !shared.contains($0) }
        // Axes of length 1 broadcast.
        func length(_ letter: EinsumLetter) -> Int {
            let lengths = [a, b].compactMap { term in term.letters.firstIndex(of: letter).map { term.tensor.shape[$0] }
            }
            let longest = lengths.first { $0 != 1 } ?? 1
            guard lengths.allSatisfy({ $0 == 1 || $0 == longest }) else {
                fail("einsum", "\(letter.character) has the lengths \(lengths)")
            }
            return longest
        }
        func matrix(_ term: EinsumTerm, _ groups: [[EinsumLetter]]) -> Tensor {
            let order = groups.flatMap { $0 }
            let lengths = order.map(length)
            let whole = term.tensor.permuted(order.map { term.letters.firstIndex(of: $0)! }).broadcast(
                to: Shape(lengths))
            return whole.reshaped(Shape(groups.map { $0.reduce(1) { $0 * length($1) } }))
        }
        let product = matrix(a, [batch, rows, inner]).matmul(matrix(b, [batch, inner, columns]))
        let letters = batch + rows + columns
        return EinsumTerm(letters: letters, tensor: product.reshaped(Shape(letters.map(length))))
    }

    /// The tensor with its axes in the order of the result, summed over the others.
    func arranged(_ result: [EinsumLetter], _ equation: String) -> Tensor {
        let term = summed(keeping: Set(result))
        let order = result.compactMap { term.letters.firstIndex(of: $0) }
        guard order.count == result.count, Set(result).count == result.count else {
            fail("einsum", "the right side of \(equation) names an axis twice, or one that the left side does not have")
        }
        return term.tensor.permuted(order)
    }
}

extension String {
    fileprivate func parts(separatedBy separator: String) -> [String] {
        guard let range = firstRange(of: separator) else { return [self] }
        return [String(self[..<range.lowerBound])] + String(self[range.upperBound...]).parts(separatedBy: separator)
    }
}
