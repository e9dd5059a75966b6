import Foundation
import Testing

/// An operator's webhook: a program of its own, which writes down what it is told.
final class HookServer {
  static let secret = "a secret for tests only"
  private let process = Process()
  private let folder = "/tmp/sw-hook-" + UUID().uuidString.prefix(8)

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      """
      import http.server, os
      class Hook(http.server.BaseHTTPRequestHandler):
          def do_POST(self):
              with open("\(folder)/told", "ab") as told:
                  told.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\\n")
              self.send_response(204)
              self.end_headers()
          def log_message(self, *_): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
      with open("\(folder)/port.part", "w") as port: port.write(str(server.server_address[1]))
      os.rename("\(folder)/port.part", "\(folder)/port")
      server.serve_forever()
      """,
    ]
    try process.run()
  }

  deinit {
    // A program that is started from a thread of the tests takes no other signal.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The settings that name it.
  func settings() throws -> String {
    for _ in 0..<1500 where !FileManager.default.fileExists(atPath: folder + "/port") {
      usleep(20_000)
    }
    let port = try String(contentsOfFile: folder + "/port", encoding: .utf8)
    return """
      alerts:
        webhook: http://127.0.0.1:\(port)/alerts
        secret: \(Self.secret)
      """
  }

  func heard(_ text: String) -> Bool {
    (try? String(contentsOfFile: folder + "/told", encoding: .utf8))?.contains(text) == true
  }
}
