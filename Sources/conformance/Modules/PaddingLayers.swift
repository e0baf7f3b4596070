import Cresset
import CressetNN

extension ModuleTable {
    mutating func addPaddingModules() {
        add("ZeroPad1d", "ZeroPad1d(padding)") { ZeroPad1d(try $0.sides) }
        add("ZeroPad2d", "ZeroPad2d(padding)") { ZeroPad2d(try $0.sides) }
        add("ZeroPad3d", "ZeroPad3d(padding)") { ZeroPad3d(try $0.sides) }
        add("ReflectionPad1d", "ReflectionPad1d(padding)") { ReflectionPad1d(try $0.sides) }
        add("ReflectionPad2d", "ReflectionPad2d(padding)") { ReflectionPad2d(try $0.sides) }
        add("ReflectionPad3d", "ReflectionPad3d(padding)") { ReflectionPad3d(try $0.sides) }
        add("ReplicationPad1d", "ReplicationPad1d(padding)") { ReplicationPad1d(try $0.sides) }
        add("ReplicationPad2d", "ReplicationPad2d(padding)") { ReplicationPad2d(try $0.sides) }
        add("ReplicationPad3d", "ReplicationPad3d(padding)") { ReplicationPad3d(try $0.sides) }
        add("CircularPad1d", "CircularPad1d(padding)") { CircularPad1d(try $0.sides) }
        add("CircularPad2d", "CircularPad2d(padding)") { CircularPad2d(try $0.sides) }
        add("CircularPad3d", "CircularPad3d(padding)") { CircularPad3d(try $0.sides) }
        addConstant(ConstantPad1d.self)
        addConstant(ConstantPad2d.self)
        addConstant(ConstantPad3d.self)
    }

    private mutating func addConstant<let axes: Int>(_: ConstantPadding<axes>.Type) {
        add("ConstantPad\(axes)d", "ConstantPad\(axes)d(padding, value: value)") {
            try ConstantPadding<axes>($0.sides, value: $0.double(1, "value"))
        }
    }
}

extension Arguments {
    fileprivate var sides: PerAxis { get throws { try requiredPerAxis(0, "padding") } }
}
