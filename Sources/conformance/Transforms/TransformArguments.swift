import Cresset
import CressetVision

/// The named arguments of an image operation, under any of the names that torchvision has for them.
struct TransformArguments {
    let json: JSON
    let tensors: CaseTensors

    /// The first of the names that has a value other than `None`.
    private func value(_ names: [String]) -> JSON? {
        names.lazy.compactMap { json[$0] }.first { !$0.isNull }
    }

    private func required<T>(_ value: T?, _ names: [String]) throws -> T {
        guard let value else { throw Failure("no argument \(names.joined(separator: " or "))") }
        return value
    }

    func integer(_ names: String..., or standard: Int? = nil) throws -> Int {
        try required(value(names)?.integer ?? value(names)?.double.map { Int($0) } ?? standard, names)
    }

    func number(_ names: String..., or standard: Double? = nil) throws -> Double {
        try required(value(names)?.double ?? standard, names)
    }

    func word(_ names: String..., or standard: String? = nil) throws -> String {
        try required(value(names)?.string ?? standard, names)
    }

    func flag(_ name: String) -> Bool { json[name]?.boolean ?? (json[name]?.integer ?? 0 != 0) }

    /// Numbers; a single one becomes a list of one.
    func numbersIfAny(_ names: String...) -> [Double]? { value(names).flatMap(TransformArguments.numbers) }

    func numbers(_ names: String...) throws -> [Double] {
        try required(value(names).flatMap(TransformArguments.numbers), names)
    }

    private static func numbers(_ json: JSON) -> [Double]? {
        if let number = json.double { return [number] }
        guard let items = json.array else { return nil }
        let numbers = items.compactMap(\.double)
        return numbers.count == items.count ? numbers : nil
    }

    /// Two numbers, or one for both.
    func pair(_ names: String..., or standard: (Double, Double)? = nil) throws -> (Double, Double) {
        guard let found = value(names).flatMap(TransformArguments.numbers), let first = found.first else {
            return try required(standard, names)
        }
        return (first, found.last!)
    }

    /// Height and width, or one number for both.
    func size(_ names: String...) throws -> (width: Int, height: Int) {
        let found = try required(value(names).flatMap(TransformArguments.numbers), names)
        guard let height = found.first, let width = found.last else { throw Failure("the size is empty") }
        return (Int(width), Int(height))
    }

    func points(_ name: String) throws -> [Image.Point] {
        try required(json[name]?.array, [name]).map { point in
            guard let numbers = TransformArguments.numbers(point), numbers.count == 2 else {
                throw Failure("\(name) has something other than points")
            }
            return (numbers[0], numbers[1])
        }
    }

    /// By its name, as `InterpolationMode.BILINEAR`, or by Pillow's number.
    func interpolation(or standard: Interpolation) throws -> Interpolation {
        guard let given = value(["interpolation", "resample"]) else { return standard }
        let byNumber: [Interpolation] = [.nearest, .lanczos, .bilinear, .bicubic, .box, .hamming]
        if let number = given.integer, byNumber.indices.contains(number) { return byNumber[number] }
        let name = given.string.map { $0.split(separator: ".").last.map(String.init) ?? "" }?.lowercased()
        let known = name == "nearest-exact" || name == "nearest_exact" ? "nearest" : name
        return try required(known.flatMap(Interpolation.init), ["interpolation"])
    }

    func fill() throws -> Fill? {
        guard let given = value(["fill", "fillcolor"]) else { return nil }
        let numbers = try required(TransformArguments.numbers(given), ["fill"])
        return Fill(numbers.map { UInt8($0) })
    }

    func center() -> (x: Double, y: Double)? {
        numbersIfAny("center").flatMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
    }

    func dtype(_ name: String, or standard: DType) throws -> DType {
        guard let given = value([name]) else { return standard }
        let word = given["dtype"]?.string ?? given.string ?? ""
        return try DType(torchName: word.split(separator: ".").last.map(String.init) ?? word)
    }

    /// A tensor of the case, by its name, or numbers in nested lists.
    func tensor(_ names: String...) throws -> Tensor {
        let given = try required(value(names), names)
        if let name = given.string ?? given["tensor"]?.string { return try tensors[name] }
        var shape: [Int] = []
        var flat: [Double] = []
        TransformArguments.flatten(given, 0, &shape, &flat)
        return Tensor(flat, shape: Shape(shape)).to(.float32)
    }

    private static func flatten(_ json: JSON, _ depth: Int, _ shape: inout [Int], _ flat: inout [Double]) {
        guard let items = json.array else {
            flat.append(json.double ?? .nan)
            return
        }
        if shape.count == depth { shape.append(items.count) }
        for item in items { flatten(item, depth + 1, &shape, &flat) }
    }
}
