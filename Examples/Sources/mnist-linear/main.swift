// Recognises handwritten digits with four linear layers: the classic first network.
//
//     swift run -c release mnist-linear [--download] DIR
//
// The training code is in ../Digits/Digits.swift.
import CressetNN
import Digits

let digits = Digits(name: "mnist-linear", title: "MNIST, four linear layers", maxLR: 2e-3) {
    Sequential(
        Flatten(),  // (N, 1, 28, 28) to (N, 784)
        Linear(784, 512), ReLU(),
        Linear(512, 256), ReLU(),
        Linear(256, 128), ReLU(),
        Linear(128, 10))
}
digits.main()
