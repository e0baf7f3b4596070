// Recognises handwritten digits with two convolutions and two linear layers.
//
//     swift run -c release mnist-convolutional [--download] DIR
//
// The training code is in ../Digits/Digits.swift.
import CressetNN
import Digits

let digits = Digits(name: "mnist-convolutional", title: "MNIST, convolutional", maxLR: 4e-3) {
    Sequential(
        // (N, 1, 28, 28) to (N, 16, 14, 14)
        Conv2d(1, 16, kernelSize: 5, padding: 2, bias: false), BatchNorm2d(16), ReLU(), MaxPool2d(2),
        // to (N, 32, 7, 7)
        Conv2d(16, 32, kernelSize: 5, padding: 2, bias: false), BatchNorm2d(32), ReLU(), MaxPool2d(2),
        Flatten(), Linear(32 * 7 * 7, 128), ReLU(), Dropout(0.3),
        Linear(128, 10))
}
digits.main()
