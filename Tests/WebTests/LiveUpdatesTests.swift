import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import Testing

@testable import Web

@Suite struct `The news for the staff's open pages` {
  private func updates() -> LiveUpdates {
    LiveUpdates(
      desk: StaffDesk { _, _ throws(WebError) in OperatorReply(isDone: true, text: "") },
      interval: .milliseconds(5))
  }

  @Test func `are for fifty, also of those who come all at once`() async throws {
    let updates = updates()
    var answers: [Response] = []
    for number in 0..<60 {
      do {
        answers.append(try await updates.response { true })
      } catch let error as HTTPError {
        #expect(number >= 50 && error.status == .serviceUnavailable)
      }
    }
    #expect(answers.count == 50)
    answers.removeLast()
    // What is never written, as of HEAD, gives its place back.
    answers.append(try await updates.response { true })
    await #expect(throws: HTTPError.self) { try await updates.response { true } }
  }

  @Test(.timeLimit(.minutes(1)))
  func `and every other answer end where nobody takes them`() async throws {
    let house = House()
    var site = try house.site()
    site.formBuckets = TokenBuckets(burst: 1e9, perSecond: 1e9)
    site.limits.taking = .milliseconds(300)
    try await house.form(site).test(.live) { client in
      let port = try #require(client.port)
      let start = ContinuousClock.now
      // It asks for far more than a socket holds, and reads nothing.
      let channel = try await ClientBootstrap(group: House.group)
        .channelOption(.autoRead, value: false)
        .connect(host: "127.0.0.1", port: port).get()
      let ask = ByteBuffer(
        repeating: Array("GET /assets/style.css HTTP/1.1\r\nHost: x\r\n\r\n".utf8), times: 5000)
      try? await channel.writeAndFlush(ask).get()
      try await channel.closeFuture.get()
      #expect(.now - start < .seconds(5))
    }
  }
}

extension ByteBuffer {
  fileprivate init(repeating bytes: [UInt8], times: Int) {
    self.init()
    for _ in 0..<times { writeBytes(bytes) }
  }
}
