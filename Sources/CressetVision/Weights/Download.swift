import Foundation
import FoundationNetworking

/// How far a download is.
public struct DownloadProgress: Sendable, Hashable {
    /// The name of the file.
    public let fileName: String
    /// Bytes that are on the disk, those of an earlier attempt included.
    public let received: Int
    /// Bytes of the whole file; nil when the server does not say.
    public let expected: Int?
}

/// Fetches one file into a ``PartialFile``, going on where an earlier attempt stopped.
final class Download: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    // Safe to send: the session calls its delegate on one serial queue, and `run` reads only after the last call.
    private let url: URL
    private let partial: PartialFile
    private let server: String
    private let byteLimit: Int
    private let progress: (@Sendable (DownloadProgress) -> Void)?
    private let finished = DispatchSemaphore(value: 0)
    private var failure: WeightsError?
    private var mustRestart = false
    private var received = 0
    private var expected: Int?

    init(
        _ url: URL, to partial: PartialFile, server: String, byteLimit: Int,
        progress: (@Sendable (DownloadProgress) -> Void)?
    ) {
        self.url = url
        self.partial = partial
        self.server = server
        self.byteLimit = byteLimit
        self.progress = progress
    }

    /// Waits until the file is complete.
    ///
    /// - Parameter hint: How to come by the file otherwise, for errors.
    func run(hint: String) throws(WeightsError) {
        try attempt()
        if mustRestart {
            // What was kept does not fit what the server has now.
            mustRestart = false
            failure = nil
            try partial.clear()
            try attempt()
        }
        if failure == nil, let expected, received < expected {
            failure = WeightsError(.network, "\(url): the connection broke off after \(received) of \(expected) bytes")
        }
        if let failure {
            let way = failure.kind == .unwritable ? failure.hint : hint
            throw WeightsError(failure.kind, failure.problem, hint: way)
        }
    }

    private func attempt() throws(WeightsError) {
        received = partial.byteCount
        var request = URLRequest(url: url)
        // Compressed on the way, a length and a range would not be those of the file.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        if received > 0 { request.setValue("bytes=\(received)-", forHTTPHeaderField: "Range") }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 60
        configuration.urlCache = nil
        configuration.httpShouldSetCookies = false
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 1
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
        session.dataTask(with: request).resume()
        finished.wait()
        session.invalidateAndCancel()
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        guard let target = request.url, WeightsCache.isAllowed(target, server: server) else {
            failure = WeightsError(
                .refused,
                "\(url): the server redirects to \(request.url?.host ?? "another place"), which is not trusted")
            completionHandler(nil)
            task.cancel()
            return
        }
        completionHandler(request)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if failure == nil { failure = accept(response) }
        completionHandler(failure == nil && !mustRestart ? .allow : .cancel)
    }

    /// Looks at the status and the lengths, before any byte is kept.
    private func accept(_ response: URLResponse) -> WeightsError? {
        guard let response = response as? HTTPURLResponse else { return WeightsError(.network, "\(url): no HTTP") }
        let length = response.expectedContentLength >= 0 ? Int(response.expectedContentLength) : nil
        switch response.statusCode {
        case 200:
            // The whole file, whatever was asked for.
            do throws(WeightsError) { try partial.clear() } catch { return error }
            received = 0
        case 206:
            let range = response.value(forHTTPHeaderField: "Content-Range") ?? ""
            guard range.lowercased().hasPrefix("bytes \(received)-") else {
                mustRestart = received > 0
                return WeightsError(.network, "\(url): the server sent another part than was asked for")
            }
        case 416 where received > 0:
            mustRestart = true
            return nil
        default:
            return WeightsError(.network, "\(url): the server answers with status \(response.statusCode)")
        }
        if let length, length > byteLimit - received { return tooLarge(length) }
        expected = length.map { $0 + received }
        return nil
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard failure == nil, !mustRestart else { return }
        received += data.count
        do throws(WeightsError) {
            if received > byteLimit { throw tooLarge(received) }
            try partial.append(data)
        } catch {
            failure = error
            dataTask.cancel()
            return
        }
        progress?(DownloadProgress(fileName: url.lastPathComponent, received: received, expected: expected))
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error, failure == nil, !mustRestart {
            failure = WeightsError(.network, "\(url): cannot be downloaded: \(Self.words(for: error))")
        }
        finished.signal()
    }

    private func tooLarge(_ count: Int) -> WeightsError {
        WeightsError(.refused, "\(url): the server sends \(count) bytes or more, at most \(byteLimit) are expected")
    }

    private static func words(for error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .cannotFindHost, .dnsLookupFailed: "the server's name is not known (no network?)"
        case .cannotConnectToHost, .notConnectedToInternet: "the server cannot be reached (no network?)"
        case .timedOut: "the server does not answer"
        case .networkConnectionLost: "the connection broke off"
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate:
            "the encrypted connection failed"
        default: error.localizedDescription
        }
    }
}
