import Collectors
import Engine
import Events
import Foundation
import Policy

/// What a known account costs: memory while the service runs, and bytes in its snapshot.
struct MemoryBench {
  let subjects: Int
  let policies: String

  func run(_ output: inout Output) {
    let classifier = ReplyClassifier()
    var engine = Engine(
      settings: Engine.Settings(), policies: PolicySet(directory: policies),
      directory: Directory(), geo: Geo(), fileNames: ["mail.log"], classify: classifier.classify)
    let before = Self.resident
    let start = Instant(seconds: 1_791_150_000)
    var parser = LineParser(clock: LogClock(zone: .zero, reference: start))
    var event = LogEvent()
    // Over a day: an hour later a message is no longer in the table of the queue.
    let apart = 86_400_000_000 / Int64(subjects)
    for number in 0..<subjects {
      for line in Self.day(number, start + TimeSpan(microseconds: Int64(number) * apart)) {
        let bytes = Array(line.utf8)
        if parser.parse(bytes.span, into: &event) { engine.take(event, bytes.span) }
      }
    }
    let memory = Self.resident - before
    let begun = MachineClock.nanoseconds
    let snapshot = engine.snapshot().count
    let milliseconds = (MachineClock.nanoseconds - begun) / 1_000_000
    output.line(
      "  \(NumberText.grouped(engine.subjectCount)) accounts: \(memory / subjects) bytes of memory and "
        + "\(snapshot / subjects) of snapshot each; the loop stands still for \(milliseconds) ms")
  }

  /// A login, a mail and a refusal: what most accounts have.
  private static func day(_ number: Int, _ time: Instant) -> [String] {
    let stamp = "\(time.rfc3339()) mx1"
    let login = "customer\(number)@domain\(number % 50_000).example"
    let address = "203.0.\(number % 251).\(number / 251 % 251)"
    let id = String(0x1000_0000 + number, radix: 16, uppercase: true) + "FB0"
    return [
      "\(stamp) dovecot: imap-login: Login: user=<\(login)>, method=PLAIN, rip=\(address), lip=192.0.2.1, mpid=1, TLS, session=<\(id)>",
      "\(stamp) postfix/submission/smtpd[1]: \(id): client=unknown[\(address)], sasl_method=PLAIN, sasl_username=\(login)",
      "\(stamp) postfix/qmgr[1]: \(id): from=<\(login)>, size=1000, nrcpt=1 (queue active)",
      "\(stamp) postfix/smtp[1]: \(id): to=<o@d\(number % 997).example>, relay=mx.d\(number % 997).example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 User unknown)",
      "\(stamp) postfix/qmgr[1]: \(id): removed",
    ]
  }

  /// Bytes of memory in use. Source: proc(5), statm.
  private static var resident: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
