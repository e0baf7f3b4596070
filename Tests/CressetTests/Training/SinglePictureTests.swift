import CressetTrain
import Testing

/// Batches of one picture, where a normalisation may see a single value per channel.
@Suite struct SinglePictureTests {
    @Test func onlyASingleValueIsRefused() throws {
        let refused = try #require(throws: Failure.self) {
            try TrainingPlan.requireVariance("shufflenet_v2_x0_5", side: 32, freezesBody: false)
        }
        #expect(refused.kind == .usage && refused.message.contains("a single value per channel"))
        try TrainingPlan.requireVariance("shufflenet_v2_x0_5", side: 64, freezesBody: false)
        try TrainingPlan.requireVariance("shufflenet_v2_x0_5", side: 32, freezesBody: true)
        // Its last normalisation sees four values of such pictures.
        try TrainingPlan.requireVariance("vgg11_bn", side: 32, freezesBody: false)
    }
}
