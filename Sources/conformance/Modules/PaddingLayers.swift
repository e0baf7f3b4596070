import Cresset
import CressetNN

extension ModuleTable {
    mutating func addPaddingModules() {
        addPadding("ZeroPad1d") { ZeroPad1d(try $0.sides) }
        addPadding("ZeroPad2d") { ZeroPad2d(try $0.sides) }
        addPadding("ZeroPad3d") { ZeroPad3d(try $0.sides) }
        addPadding("ReflectionPad1d") { ReflectionPad1d(try $0.sides) }
        addPadding("ReflectionPad2d") { ReflectionPad2d(try $0.sides) }
        addPadding("ReflectionPad3d") { ReflectionPad3d(try $0.sides) }
        addPadding("ReplicationPad1d") { ReplicationPad1d(try $0.sides) }
        addPadding("ReplicationPad2d") { ReplicationPad2d(try $0.sides) }
        addPadding("ReplicationPad3d") { ReplicationPad3d(try $0.sides) }
        addPadding("CircularPad1d") { CircularPad1d(try $0.sides) }
        addPadding("CircularPad2d") { CircularPad2d(try $0.sides) }
        addPadding("CircularPad3d") { CircularPad3d(try $0.sides) }
        addPadding("ConstantPad1d", ", value: value") { try ConstantPad1d($0.sides, value: $0.double(1, "value")) }
        addPadding("ConstantPad2d", ", value: value") { try ConstantPad2d($0.sides, value: $0.double(1, "value")) }
        addPadding("ConstantPad3d", ", value: value") { try ConstantPad3d($0.sides, value: $0.double(1, "value")) }
    }

    private mutating func addPadding(
        _ name: String, _ more: String = "", _ make: @escaping @Sendable (Arguments) throws -> any Layer
    ) {
        add(name, "\(name)(padding\(more))", make)
    }
}

extension Arguments {
    fileprivate var sides: PerAxis { get throws { try requiredPerAxis(0, "padding") } }
}
