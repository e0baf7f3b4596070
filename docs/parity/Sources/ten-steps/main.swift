// Ten steps of training ResNet-18: the same as ten_steps.py does with PyTorch, from the same seeds.
import CressetOptim
import CressetVision

let model = try Generator.$current.withValue(Generator(seed: 0)) { try ModelZoo.make("resnet18", classes: 10) }
let optimizer = try SGD(model.parameters, lr: 0.001, momentum: 0.9)
let data = Generator(seed: 1)
for step in 0..<10 {
    let x = Tensor.normal([8, 3, 224, 224], generator: data)
    let y = Tensor.integers([8], in: 0..<10, generator: data)
    let loss = model(x).crossEntropy(y)
    optimizer.step(loss.gradients())
    print(step, loss.item())
}
