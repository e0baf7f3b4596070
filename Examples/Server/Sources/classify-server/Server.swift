// Classifies the pictures that it is sent, with a run folder of `cresset train`.
//
//     swift run -c release classify-server RUN [PORT]
//     curl --data-binary @photo.jpg 'http://127.0.0.1:8080/classify?top=3'
import CressetTrain
import CressetVision
import Foundation
import Hummingbird
import NIOCore
import NIOPosix

struct Answer: ResponseEncodable {
    let classes: [Classifier.Guess]
}

/// The largest upload, in bytes.
let limit = 20_000_000

/// The likeliest classes of an uploaded picture.
func classify(_ request: Request, with classifier: Classifier) async throws -> Answer {
    guard let count = Int(request.uri.queryParameters["top"] ?? "3"), count > 0 else {
        throw HTTPError(.badRequest, message: "top must be a number from 1")
    }
    do {
        let upload = try await request.body.collect(upTo: limit)
        // On threads that may be kept busy: those that serve requests go on meanwhile.
        let guesses = try await NIOThreadPool.singleton.runIfActive {
            try classifier.predict(decoding: upload.readableBytesView, count: count)
        }
        return Answer(classes: guesses)
    } catch is NIOTooManyBytesError {
        throw HTTPError(.contentTooLarge, message: "the picture has more than \(limit) bytes")
    } catch let error as ImageError {
        throw HTTPError(.unprocessableContent, message: error.explanation.problem)
    }
}

@main struct Server {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard (1...2).contains(arguments.count), let port = Int(arguments.dropFirst().first ?? "8080") else {
            fail("usage: classify-server RUN [PORT]", status: 64)
        }
        do {
            let classifier = try Classifier(arguments.first!)
            let router = Router()
            router.get("classes") { _, _ in classifier.classes }
            router.post("classify") { request, _ in try await classify(request, with: classifier) }
            try await Application(router: router, configuration: .init(address: .hostname(port: port))).runService()
        } catch {
            fail("\(error)", status: 1)
        }
    }

    static func fail(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(status)
    }
}
