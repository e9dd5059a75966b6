import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Web

/// Of "storm-surge".
let annasHash = "$2b$04$abcdefghijklmnopqrstuuP3sGUEd5wozOoUAaLrcKeNBqVPci0dq"

/// A staff page with a users' file of its own.
final class Desk: Sendable {
  let house = House()
  let file = "/tmp/sw-users-" + UUID().uuidString.prefix(8)

  init() throws { try write("anna:\(annasHash)\n") }
  deinit { try? FileManager.default.removeItem(atPath: file) }

  func write(_ text: String) throws {
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  func site(_ change: (inout WebSettings) -> Void = { _ in }) throws -> WebSite {
    try house.site { settings in
      settings.staff = try? WebSettings.Place("127.0.0.1:0", setting: "web.staff_listen")
      settings.form = nil
      settings.staffUsers = file
      change(&settings)
    }
  }

  func test(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
    try await house.staff(site()).test(.router, body)
  }

  func openCase(_ number: Int, _ subject: String, reason: String = "11 recipients refused") {
    house.state.withLock { state in
      var summary = CaseSummary(
        number: number, state: .suspended, subject: subject, policy: "rejections",
        openedAt: state.time, stoppedAt: state.time, reason: reason)
      summary.counts.messagesSince = 1234
      var step = Transition(
        time: state.time, action: .suspend, subject: subject, policy: "rejections", reason: reason,
        caseNumber: number)
      step.readings = [.init(name: "rejected", value: "11")]
      step.evidence = [.init(text: "status=bounced \(reason)", file: "mail.log", line: 42)]
      var detail = CaseDetail(summary: summary, steps: [.init(step)])
      detail.members = [.init(caseNumber: number, subject: subject, state: .suspended)]
      detail.stillTried = [.init(address: "203.0.113.9", count: 17, last: state.time)]
      state.details[number] = detail
      state.queue = QueueListing(
        subject: subject,
        messages: [
          .init(
            id: "4jYSM33r03z2Q0pb", queue: "hold", arrivedAt: state.time, sizeBytes: 2048,
            envelopeSender: subject,
            recipients: [.init(address: "\(subject)", reply: "554 5.7.1 \(reason)")])
        ])
    }
  }
}

func cookies(_ response: TestResponse) -> String {
  response.headers[values: .setCookie].compactMap {
    $0.split(separator: ";").first.map(String.init)
  }
  .joined(separator: "; ")
}

func enter(
  _ client: any TestClientProtocol, _ name: String = "anna", _ password: String = "storm-surge",
  from address: String? = nil, cookie: String = ""
) async throws -> TestResponse {
  var headers = formType
  headers[HTTPField.Name("X-Forwarded-For")!] = address
  let form = try await client.execute(uri: "/staff/login", method: .get, headers: headers)
  headers[.cookie] = [cookies(form), cookie].filter { !$0.isEmpty }.joined(separator: "; ")
  return try await client.execute(
    uri: "/staff/login", method: .post, headers: headers,
    body: body(["check": form.field("check") ?? "", "name": name, "password": password]))
}

let html: HTTPFields = [.accept: "text/html"]
