import Foundation
import Synchronization

/// A small HTTP server on this machine, for tests of downloads.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        var path: String
        /// The first byte of a `Range`, if one was asked for.
        var rangeStart: Int?
        /// The other fields of the header, by their names in lower case.
        var fields: [String: String] = [:]
    }

    struct Response: Sendable {
        var status = 200
        var headers: [String] = []
        var body: [UInt8] = []
        /// Nil for the body's own length.
        var statedLength: Int?
        /// Bytes of the body after which the connection is cut.
        var cut = Int.max
        /// Microseconds between the body and the end of the connection.
        var pause: UInt32 = 0
    }

    private let listener: Int32
    let port: UInt16
    let requests = Mutex<[Request]>([])

    init(_ answer: @escaping @Sendable (Request) -> Response) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(listener, $0, length) == 0 && listen(listener, 16) == 0)
                getsockname(listener, $0, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                // A child process of another test has ended, perhaps.
                if connection < 0, errno == EINTR { continue }
                guard connection >= 0 else { return }
                if let request = Self.read(connection) {
                    requests.withLock { $0.append(request) }
                    Self.send(answer(request), connection)
                }
                close(connection)
            }
        }
    }

    var url: String { "http://127.0.0.1:\(port)/models" }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func read(_ connection: Int32) -> Request? {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !text.contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        let lines = text.components(separatedBy: "\r\n")
        let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
        let fields = lines.dropFirst().map { $0.components(separatedBy: ": ") }.filter { $0.count == 2 }
        return Request(
            path: lines[0].components(separatedBy: " ")[1],
            rangeStart: range.flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0.isNumber }) },
            fields: Dictionary(fields.map { ($0[0].lowercased(), $0[1]) }, uniquingKeysWith: { $1 }))
    }

    private static func send(_ response: Response, _ connection: Int32) {
        let head = [
            "HTTP/1.1 \(response.status) X", "Connection: close",
            "Content-Length: \(response.statedLength ?? response.body.count)",
        ]
        var bytes = Array(((head + response.headers).joined(separator: "\r\n") + "\r\n\r\n").utf8)
        bytes += response.body.prefix(response.cut)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            done += count
        }
        if response.pause > 0 { usleep(response.pause) }
        shutdown(connection, Int32(SHUT_WR))
    }
}
