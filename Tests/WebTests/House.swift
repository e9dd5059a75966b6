import Crypto
import Events
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOPosix
import Synchronization
import Web

/// A service behind the pages that knows a few cases, and what was asked of it.
final class House: Sendable {
  struct State {
    var incidents: [Int: IncidentReport] = [:]
    var reported: [Int] = []
    var looks = 0
    var asked = 0
    var orders: [(request: OperatorRequest, actor: String)] = []
    var details: [Int: CaseDetail] = [:]
    var queue: QueueListing?
    var status = StatusReport()
    var isStuck = false
    var time = Instant(seconds: 1_800_000_000)
    /// By how much the wall's clock was set forward.
    var step = TimeSpan.zero
  }

  let state = Mutex(State())
  let key = SymmetricKey(size: .bits256)
  static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init(_ members: [IncidentReport.Member] = []) {
    state.withLock { state in
      for member in members {
        state.incidents[member.caseNumber] = IncidentReport(members: members)
      }
    }
  }

  var now: Instant { state.withLock { $0.time + $0.step } }
  var clock: WebClock {
    WebClock(now: { self.now }, unstepped: { self.state.withLock { $0.time } })
  }

  func wait(_ seconds: Int64) { state.withLock { $0.time = $0.time + TimeSpan(seconds: seconds) } }

  func token(_ number: Int, life: Int64 = 3600) -> String {
    FormToken(caseNumber: number, notice: 1, expiry: now + TimeSpan(seconds: life)).text(key: key)
  }

  private static let stuck = WebError(place: "loop", problem: "no answer", remedy: "wait")

  func site(_ change: (inout WebSettings) -> Void = { _ in }) throws -> WebSite {
    var settings = WebSettings()
    settings.house = Pages.House(name: "Nordwind", help: "support@nordwind.example")
    settings.zone = TimeZone(identifier: "Europe/Berlin")!
    settings.form = try WebSettings.Place("127.0.0.1:0", setting: "web.listen")
    change(&settings)
    var site = try WebSite(
      settings, formKey: key,
      formDesk: FormDesk(
        look: { token throws(WebError) in
          try self.state.withLock { state throws(WebError) in
            state.looks += 1
            if state.isStuck { throw Self.stuck }
            return state.incidents[token.caseNumber]
          }
        },
        report: { token throws(WebError) in
          try self.state.withLock { state throws(WebError) in
            if state.isStuck { throw Self.stuck }
            state.reported.append(token.caseNumber)
          }
        }),
      staffDesk: StaffDesk { request, actor throws(WebError) in
        try self.state.withLock { state throws(WebError) in
          state.asked += 1
          if state.isStuck { throw Self.stuck }
          return Self.answer(request, actor, &state)
        }
      }, clock: clock)
    site.steady = SteadyAnswer(pace: .milliseconds(20))
    return site
  }

  private static func answer(
    _ request: OperatorRequest, _ actor: String, _ state: inout State
  ) -> OperatorReply {
    func reply(_ data: OperatorData) -> OperatorReply {
      OperatorReply(isDone: true, text: "", data: data)
    }
    switch request.command {
    case .status: return reply(.status(state.status))
    case .cases:
      return reply(.cases(state.details.values.map(\.summary).sorted { $0.number < $1.number }))
    case .day:
      let slots = (0..<144).map {
        DayReport.Slot(rejections: $0 % 7, suspensions: $0 == 100 ? 1 : 0)
      }
      return reply(
        .day(DayReport(begins: state.time - TimeSpan(seconds: 86_400), slots: slots)))
    case .case:
      guard let detail = state.details[request.number ?? 0] else {
        return OperatorReply(isDone: false, text: "there is no such case")
      }
      return reply(.case(detail))
    case .queueList:
      return state.queue.map { reply(.queue($0)) }
        ?? OperatorReply(isDone: false, text: "postqueue: exit status 69")
    default:
      state.orders.append((request, actor))
      return OperatorReply(isDone: true, text: "ordered: \(request.command.rawValue)")
    }
  }

  func form(_ site: WebSite) throws -> WebSite.App {
    try site.application(site.settings.form!, group: Self.group)
  }

  func staff(_ site: WebSite) throws -> WebSite.App {
    try site.application(site.settings.staff!, group: Self.group)
  }
}

extension TestResponse {
  var text: String { String(buffer: body) }

  /// The value of a hidden field.
  func field(_ name: String) -> String? {
    guard let start = text.range(of: "name=\"\(name)\" value=\"") else { return nil }
    return String(text[start.upperBound...].prefix { $0 != "\"" })
  }
}

/// A form as a browser posts it.
func body(_ fields: KeyValuePairs<String, String>) -> ByteBuffer {
  ByteBuffer(
    string: fields.map { name, value in
      let plain = value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      return "\(name)=\(plain)"
    }.joined(separator: "&"))
}

let formType: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

/// Texts that strangers write to break a page.
let hostile = [
  "<script>alert(1)</script>@x.example", "\"><img src=x onerror=alert(1)>",
  "a\u{202E}moc.elpmaxe@b",
  "\"\u{0301} onmouseover=alert(1) x=\"", "a\u{0}\u{1B}[31mb\r\nSet-Cookie: x=1",
  "'\u{0301};alert(1)//",
  String(repeating: "w", count: 20_000) + "@x.example", "{{check}} {{{frame.check}}} {{>action}}",
  "&lt;b&gt;", String(repeating: "e\u{0301}\u{0302}\u{0303}\u{0304}", count: 500),
]

func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_800_000_000 + seconds) }
