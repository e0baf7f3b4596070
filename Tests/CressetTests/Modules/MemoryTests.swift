import Cresset
import CressetNN
import CressetOptim
import CressetVision
import Testing

/// What training leaves in memory. Each test has its own process, because the counts are process-wide.
@Suite struct MemoryTests {
    /// The bytes of parameters, buffers and optimizer state.
    private static func stateSize(_ model: any Module, _ optimizer: any Optimizer) -> Int {
        func size(_ tensor: Tensor) -> Int { tensor.elementCount * tensor.dtype.itemSize }
        let entries = model.parameters.map(\.value) + model.namedBuffers.map(\.buffer.value)
        let states = optimizer.state.groups.flatMap(\.parameters).compactMap(\.self).flatMap(\.tensors.values)
        return (entries + states).reduce(0) { $0 + size($1) }
    }

    private static func train(_ model: any Layer, _ optimizer: GradientOptimizer, _ shape: Shape) {
        optimizer.step((model(.normal(shape)) * 0.1).sum().gradients())
    }

    @Test func nothingButStateIsAliveAfterAStep() async {
        await #expect(processExitsWith: .success) {
            let models: [(any Layer, Shape)] = [
                (Sequential(Linear(7, 33), ReLU(), Dropout(0.5), Linear(33, 5)), [4, 7]),
                (
                    Sequential(
                        Conv2d(3, 8, kernelSize: 3), BatchNorm2d(8), ReLU(), MaxPool2d(2), Flatten(), Linear(72, 3)),
                    [2, 3, 8, 8]
                ),
                (Sequential(Linear(6, 6), LayerNorm([6]), GELU()), [3, 6]),
            ]
            let start =
                Device.cpu.memoryStatistics.inUse
                - models.reduce(0) { sum, model in
                    sum + MemoryTests.stateSizeWithoutOptimizer(model.0)
                }
            var expected = start
            for (model, shape) in models {
                let sgd = try SGD(model.parameters, lr: 0.01, momentum: 0.9)
                let adam = try Adam(model.parameters, lr: 0.01)
                for _ in 0..<3 {
                    MemoryTests.train(model, sgd, shape)
                    MemoryTests.train(model, adam, shape)
                }
                let others = models.filter { $0.0 !== model }.reduce(0) {
                    $0 + MemoryTests.stateSizeWithoutOptimizer($1.0)
                }
                expected =
                    start + others + MemoryTests.stateSize(model, sgd) + MemoryTests.stateSize(model, adam)
                    - MemoryTests.stateSizeWithoutOptimizer(model)
                #expect(Device.cpu.memoryStatistics.inUse == expected)
            }
        }
    }

    private static func stateSizeWithoutOptimizer(_ model: any Module) -> Int {
        (model.parameters.map(\.value) + model.namedBuffers.map(\.buffer.value))
            .reduce(0) { $0 + $1.elementCount * $1.dtype.itemSize }
    }

    @Test func anOptimizerStepOverAResNetAllocatesNothing() async {
        await #expect(processExitsWith: .success) {
            let model = ResNet(.basic, layers: [2, 2, 2, 2], classes: 10)
            let optimizers: [GradientOptimizer] = [
                try SGD(model.parameters, lr: 0.01, momentum: 0.9, weightDecay: 1e-4),
                try AdamW(model.parameters, lr: 1e-3),
            ]
            for optimizer in optimizers {
                for step in 0..<2 {
                    let loss = model(.normal([2, 3, 32, 32])).sum()
                    let gradients = loss.gradients()
                    let before = Device.cpu.memoryStatistics.allocationCount
                    optimizer.step(gradients)
                    let count = Device.cpu.memoryStatistics.allocationCount - before
                    if step > 0 { #expect(count == 0, "\(optimizer.name)") }
                    #expect(gradients.count == model.parameters.count && loss.elementCount == 1)
                }
            }
        }
    }
}
