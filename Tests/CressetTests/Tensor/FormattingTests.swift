import Cresset
import Testing

/// What PyTorch 2 prints for the same tensors.
@Suite struct FormattingTests {
    struct Printed: Sendable, CustomTestStringConvertible {
        let tensor: Tensor
        let text: String
        var testDescription: String { String(text.prefix(40)) }

        init(_ tensor: Tensor, _ text: String) {
            self.tensor = tensor
            self.text = text
        }
    }

    @Test(arguments: numbers + shapes + long)
    func tensorsArePrintedAsPyTorchPrintsThem(_ printed: Printed) {
        #expect(printed.tensor.description == printed.text)
    }

    @Test func theOperatorIsNamed() {
        let x = Tensor([1, 2] as [Float]).requiringGradient()
        #expect("\(x * 2)" == "tensor([2., 4.], grad_fn=<multiply>)")
    }

    static let numbers: [Printed] = [
        Printed(Tensor([1, -20, 300] as [Int64]), "tensor([  1, -20, 300])"),
        Printed(Tensor([true, false]), "tensor([ True, False])"),
        Printed(Tensor([1.5, 2.25, -3.125] as [Float]), "tensor([ 1.5000,  2.2500, -3.1250])"),
        Printed(Tensor([1e-5, 1] as [Float]), "tensor([1.0000e-05, 1.0000e+00])"),
        Printed(Tensor([1e9, 1] as [Float]), "tensor([1.0000e+09, 1.0000e+00])"),
        Printed(Tensor([.nan, 1, .infinity, -.infinity] as [Float]), "tensor([nan, 1., inf, -inf])"),
        Printed(Tensor([.nan, -.nan] as [Float]), "tensor([nan, nan])"),
        Printed(Tensor([0.1, 0.2] as [Double]), "tensor([0.1000, 0.2000], dtype=torch.float64)"),
        Printed(Tensor([0.1, 0.2] as [Float]).to(.bfloat16), "tensor([0.1001, 0.2002], dtype=torch.bfloat16)"),
        Printed(Tensor([0.5] as [Float]).to(.float16), "tensor([0.5000], dtype=torch.float16)"),
        Printed(Tensor([1, 2] as [Int32]), "tensor([1, 2], dtype=torch.int32)"),
        Printed(Tensor([1, 2] as [UInt8]), "tensor([1, 2], dtype=torch.uint8)"),
        Printed(Tensor([1234.5678, 0.001] as [Float]), "tensor([1.2346e+03, 1.0000e-03])"),
        Printed(Tensor([-0.0, 0] as [Float]), "tensor([-0., 0.])"),
        Printed(Tensor([1 << 62, -1] as [Int64]), "tensor([4611686018427387904,                  -1])"),
        Printed(Tensor([3e8, .infinity] as [Float]), "tensor([3.0000e+08,        inf])"),
        Printed(Tensor([1, 2] as [Float]).requiringGradient(), "tensor([1., 2.], requires_grad=True)"),
    ]

    static let shapes: [Printed] = [
        Printed(
            Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]),
            """
            tensor([[1., 2.],
                    [3., 4.]])
            """),
        Printed(Tensor([Float](), shape: [0]), "tensor([])"),
        Printed(Tensor(3 as Float), "tensor(3.)"),
        Printed(Tensor(3.5 as Float), "tensor(3.5000)"),
        Printed(Tensor(7), "tensor(7)"),
        Printed(Tensor(true), "tensor(True)"),
        Printed(Tensor.zeros([2, 0, 3]), "tensor([], size=(2, 0, 3))"),
        Printed(Tensor.zeros([2, 0, 3], dtype: .float64), "tensor([], size=(2, 0, 3), dtype=torch.float64)"),
        Printed(Tensor.zeros([0], dtype: .int64), "tensor([], dtype=torch.int64)"),
        Printed(
            Tensor.zeros([2, 2, 2]),
            """
            tensor([[[0., 0.],
                     [0., 0.]],

                    [[0., 0.],
                     [0., 0.]]])
            """),
        Printed(
            Tensor.zeros([1, 2, 1, 2]),
            """
            tensor([[[[0., 0.]],

                     [[0., 0.]]]])
            """),
        Printed(
            Tensor.arange(40).to(.float32),
            """
            tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
                    14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,
                    28., 29., 30., 31., 32., 33., 34., 35., 36., 37., 38., 39.])
            """),
        Printed(Tensor([1e-8, 123456] as [Float], shape: [1, 2]), "tensor([[1.0000e-08, 1.2346e+05]])"),
        Printed(
            (Tensor.arange(30).to(.float64) / 3).reshaped([2, 15]),
            """
            tensor([[0.0000, 0.3333, 0.6667, 1.0000, 1.3333, 1.6667, 2.0000, 2.3333, 2.6667,
                     3.0000, 3.3333, 3.6667, 4.0000, 4.3333, 4.6667],
                    [5.0000, 5.3333, 5.6667, 6.0000, 6.3333, 6.6667, 7.0000, 7.3333, 7.6667,
                     8.0000, 8.3333, 8.6667, 9.0000, 9.3333, 9.6667]], dtype=torch.float64)
            """),
    ]

    static let long: [Printed] = [
        Printed(
            Tensor.arange(2000).to(.float32),
            """
            tensor([0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 1.9970e+03, 1.9980e+03,
                    1.9990e+03])
            """),
        Printed(Tensor.arange(1001).to(.float32), "tensor([   0.,    1.,    2.,  ...,  998.,  999., 1000.])"),
        Printed(
            Tensor.arange(1200).reshaped([30, 40]),
            """
            tensor([[   0,    1,    2,  ...,   37,   38,   39],
                    [  40,   41,   42,  ...,   77,   78,   79],
                    [  80,   81,   82,  ...,  117,  118,  119],
                    ...,
                    [1080, 1081, 1082,  ..., 1117, 1118, 1119],
                    [1120, 1121, 1122,  ..., 1157, 1158, 1159],
                    [1160, 1161, 1162,  ..., 1197, 1198, 1199]])
            """),
        Printed(
            Tensor.arange(1200).reshaped([30, 40]).t,
            """
            tensor([[   0,   40,   80,  ..., 1080, 1120, 1160],
                    [   1,   41,   81,  ..., 1081, 1121, 1161],
                    [   2,   42,   82,  ..., 1082, 1122, 1162],
                    ...,
                    [  37,   77,  117,  ..., 1117, 1157, 1197],
                    [  38,   78,  118,  ..., 1118, 1158, 1198],
                    [  39,   79,  119,  ..., 1119, 1159, 1199]])
            """),
        Printed(
            Tensor.arange(4096).reshaped([8, 2, 256]),
            """
            tensor([[[   0,    1,    2,  ...,  253,  254,  255],
                     [ 256,  257,  258,  ...,  509,  510,  511]],

                    [[ 512,  513,  514,  ...,  765,  766,  767],
                     [ 768,  769,  770,  ..., 1021, 1022, 1023]],

                    [[1024, 1025, 1026,  ..., 1277, 1278, 1279],
                     [1280, 1281, 1282,  ..., 1533, 1534, 1535]],

                    ...,

                    [[2560, 2561, 2562,  ..., 2813, 2814, 2815],
                     [2816, 2817, 2818,  ..., 3069, 3070, 3071]],

                    [[3072, 3073, 3074,  ..., 3325, 3326, 3327],
                     [3328, 3329, 3330,  ..., 3581, 3582, 3583]],

                    [[3584, 3585, 3586,  ..., 3837, 3838, 3839],
                     [3840, 3841, 3842,  ..., 4093, 4094, 4095]]])
            """),
        Printed(
            Tensor.arange(2400).reshaped([600, 4]).to(.float64),
            """
            tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00, 3.0000e+00],
                    [4.0000e+00, 5.0000e+00, 6.0000e+00, 7.0000e+00],
                    [8.0000e+00, 9.0000e+00, 1.0000e+01, 1.1000e+01],
                    ...,
                    [2.3880e+03, 2.3890e+03, 2.3900e+03, 2.3910e+03],
                    [2.3920e+03, 2.3930e+03, 2.3940e+03, 2.3950e+03],
                    [2.3960e+03, 2.3970e+03, 2.3980e+03, 2.3990e+03]], dtype=torch.float64)
            """),
    ]
}
