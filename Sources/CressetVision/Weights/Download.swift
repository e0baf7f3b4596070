import CCurl
import Glibc

/// How far a download has come.
public struct DownloadProgress: Sendable, Hashable {
    /// The name of the file.
    public let fileName: String
    /// Bytes on the disk, including those of an earlier attempt.
    public let received: Int
    /// Bytes of the whole file; nil if the server does not say.
    public let expected: Int?
}

/// Downloads one file into a ``DownloadTarget``, resuming where an earlier attempt stopped.
///
/// Everything happens on the calling thread, including libcurl's callbacks.
final class Download {
    private let request: DownloadRequest
    private let target: any DownloadTarget
    private let isStopped: @Sendable () -> Bool
    private let progress: (@Sendable (DownloadProgress) -> Void)?
    /// Where the server's redirects have led.
    private(set) var address: WebAddress
    private var failure: WeightsError?
    private var received = 0
    private var expected: Int?
    // The header of the current response.
    private(set) var status = 0
    private var length: Int?
    private var range = ""
    private var mediaType = ""
    private var isBegun = false

    private static let redirectLimit = 5

    init(
        _ request: DownloadRequest, to target: any DownloadTarget, isStopped: @escaping @Sendable () -> Bool,
        progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) {
        self.request = request
        address = request.address
        self.target = target
        self.isStopped = isStopped
        self.progress = progress
    }

    /// Waits until the file is complete.
    ///
    /// - Parameter hint: How else to get the file, for errors.
    func run(hint: String) throws(WeightsError) {
        guard let curl = CurlLibrary.shared else {
            throw WeightsError(
                .network, "\(request.fileName): downloads need libcurl.so.4, which this machine lacks",
                hint: "install it (Debian, Ubuntu: apt-get install libcurl4), or " + hint)
        }
        do throws(WeightsError) {
            try fetch(curl)
            // What was kept may not match what the server has now.
            if status == 416 {
                try target.clear()
                try fetch(curl)
                if status == 416 { throw answered(416) }
            }
            if let expected, received < expected {
                throw WeightsError(
                    .network, "\(address): the connection was lost after \(received) of \(expected) bytes")
            }
        } catch {
            let hints = error.kind == .unwritable ? error.hint : error.hint.map { "\($0); or \(hint)" } ?? hint
            throw WeightsError(error.kind, error.problem, hint: hints, systemCode: error.systemCode)
        }
    }

    /// Requests the missing part, at the address and wherever it redirects to.
    private func fetch(_ curl: CurlLibrary) throws(WeightsError) {
        address = request.address
        for _ in 0...Self.redirectLimit {
            received = target.byteCount
            (expected, failure) = (nil, nil)
            guard let redirect = try attempt(curl) else { return }
            guard let next = WebAddress(redirect), request.isTrusted(next) else {
                let place = WebAddress(redirect)?.description ?? "another place"
                throw WeightsError(.refused, "\(address): the server redirects to \(place), which is not trusted")
            }
            address = next
        }
        throw WeightsError(.refused, "\(request.address): more than \(Self.redirectLimit) redirects")
    }

    /// One request and its response.
    /// - Returns: Where the server redirects to, if it does.
    private func attempt(_ curl: CurlLibrary) throws(WeightsError) -> String? {
        var functions = curl.functions
        startOfAnswer()
        let login = address.origin == request.address.origin ? request.login : nil
        let connection = request.connection
        let texts = [
            connection.authorities ?? CurlLibrary.authorities, request.accept, login?.user, login?.password,
            connection.proxy,
        ]
        let answer = withCStrings([address.text, "cresset"] + texts) { texts in
            var request = cresset_curl_request(
                url: texts[0]!, user_agent: texts[1]!, authorities: texts[2], accept: texts[3], user: texts[4],
                password: texts[5], proxy: texts[6], first_byte: Int64(received), connect_seconds: 30, idle_seconds: 60,
                context: Unmanaged.passUnretained(self).toOpaque(),
                header: { Download.of($0).take(headerLine: $1, $2) },
                body: { Download.of($0).take(UnsafeRawBufferPointer(start: $1, count: $2)) },
                goes_on: { Download.of($0).goesOn() })
            return cresset_curl_get(&functions, &request)
        }
        if let failure { throw failure }
        if answer.code != 0 { throw WeightsError(.network, "\(address): download failed: \(words(answer))") }
        let redirect = text(answer.redirect)
        if (300..<400).contains(status) {
            if redirect.isEmpty { throw answered(status) }
            return redirect
        }
        // A response without a body has not been checked yet.
        if !isBegun, let failure = begin() { throw failure }
        return nil
    }

    // MARK: What arrives

    private static func of(_ context: UnsafeMutableRawPointer) -> Download {
        Unmanaged<Download>.fromOpaque(context).takeUnretainedValue()
    }

    private func startOfAnswer() {
        (status, length, range, mediaType, isBegun) = (0, nil, "", "", false)
    }

    private func take(headerLine start: UnsafePointer<CChar>, _ count: Int) -> Bool {
        let line = String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // "HTTP/1.1 206 Partial Content"; an interim response is followed by another.
            startOfAnswer()
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0.trimmed()) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmed()
            switch line[..<colon].lowercased() {
            case "content-length": length = Int(value)
            case "content-range": range = value.lowercased()
            case "content-type": mediaType = value.lowercased()
            default: break
            }
        }
        return true
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if !isBegun { failure = begin() }
        guard failure == nil else { return false }
        // The body of a redirect, or of a rejection that is answered by another request.
        guard status == 200 || status == 206 else { return true }
        received += bytes.count
        do throws(WeightsError) {
            if received > request.byteLimit { throw tooLarge(received) }
            try target.append(bytes)
        } catch {
            failure = error
            return false
        }
        progress?(DownloadProgress(fileName: request.fileName, received: received, expected: expected))
        return true
    }

    private func goesOn() -> Bool {
        guard Task.isCancelled || isStopped() else { return true }
        failure = failure ?? WeightsError(.cancelled, "\(address): the download was stopped; the part received is kept")
        return false
    }

    /// Checks the status and the lengths, before any byte is kept.
    private func begin() -> WeightsError? {
        isBegun = true
        // A login page, say, which must not take the place of a part that was received before.
        if [200, 206].contains(status), request.accept == nil, mediaType.hasPrefix("text/html") {
            return WeightsError(
                .network, "\(address): the server sends a web page in place of the file",
                hint: "a proxy or a login may be in between: open the address in a browser")
        }
        switch status {
        case 200:
            // The whole file, whatever was requested.
            do throws(WeightsError) { try target.clear() } catch { return error }
            received = 0
        case 206:
            guard range.hasPrefix("bytes \(received)-") else {
                return WeightsError(.network, "\(address): the server sent a different part from the one requested")
            }
        case 300..<400: return nil
        case 416 where received > 0: return nil
        default: return answered(status)
        }
        if let length, length > request.byteLimit - received { return tooLarge(length) }
        expected = length.map { $0 + received }
        return nil
    }

    // MARK: Words

    private func answered(_ status: Int) -> WeightsError {
        WeightsError(.network, "\(address): the server responded with status \(status)")
    }

    private func tooLarge(_ count: Int) -> WeightsError {
        WeightsError(
            .refused, "\(address): the server sends \(count) bytes or more; at most \(request.byteLimit) expected")
    }

    private func words(_ answer: cresset_curl_answer) -> String {
        switch Int(answer.code) {
        case cresset_curl_no_host: "the server's name cannot be resolved (no network?)"
        case cresset_curl_no_proxy: "the proxy's name cannot be resolved (https_proxy)"
        case cresset_curl_no_connection: "the server cannot be reached (no network?)"
        case cresset_curl_timeout: "the server does not respond"
        case cresset_curl_partial, cresset_curl_empty, cresset_curl_sending, cresset_curl_receiving:
            "the connection was lost"
        case cresset_curl_untrusted, cresset_curl_no_authorities:
            "the server's certificate is not trusted (\(text(answer.message))); is ca-certificates installed?"
        case cresset_curl_no_tls: "the encrypted connection failed (\(text(answer.message)))"
        default: text(answer.message)
        }
    }

    /// The characters of a C array up to the terminating zero.
    private func text<T>(_ characters: T) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Calls `body` with `texts` as C strings, nil as nil.
private func withCStrings<R>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> R) -> R {
    let copies = texts.map { $0.map { strdup($0)! } }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { $0.map { UnsafePointer($0) } })
}
