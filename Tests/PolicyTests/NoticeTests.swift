import Events
import Foundation
import Policy
import Testing

@Suite struct `A notice's template` {
  private func about(
    _ kind: NoticeFacts.Kind = .suspended, link: String? = "https://x.example/r/1.2.3",
    isInside: Bool = false, policy: String = "rejections", outside: Bool = true
  ) -> NoticeCase {
    NoticeCase(
      facts: NoticeFacts(
        kind: kind, caseNumber: 7, subject: "dora@suedlicht.example", isSite: false,
        policy: policy, reason: "11 refused", suspendedAt: Instant(seconds: 1_795_000_000),
        networks: ["198.51.100.0/24", "203.0.113.0/24"],
        mailboxes: ["dora@suedlicht.example", "info@suedlicht.example"], isRelapse: false,
        language: "de",
        contacts: [.init(address: "a@b.example", language: nil, isInside: !outside)]),
      link: link, isInside: isInside, help: "Telefon 0123", zone: TimeSpan(seconds: 3600))
  }

  private func withTemplate(_ text: String, _ body: (NoticeSet) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "notices-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try text.write(toFile: folder + "/en.lua", atomically: true, encoding: .utf8)
    try body(NoticeSet(directory: folder))
  }

  @Test(arguments: [
    (
      "de", "am 18.11.2026 um 12:06 Uhr (UTC+01:00) gesperrt",
      "Versand gesperrt: dora@suedlicht.example"
    ),
    ("en", "on 2026-11-18 12:06 UTC+01:00", "Sending is suspended: dora@suedlicht.example"),
  ])
  func `says what happened, when, from where, and what to do`(
    language: String, moment: String, subject: String
  ) throws {
    let set = NoticeSet(directory: root + "/policies/notices")
    #expect(set.errors.isEmpty && set.languages == ["de", "en"])
    let text = try set.write(about(), language)
    #expect(text.subject == subject)
    for part in [
      moment, "198.51.100.0/24, 203.0.113.0/24", "\n  info@suedlicht.example",
      "https://x.example/r/1.2.3", "Telefon 0123",
    ] {
      #expect(text.text.contains(part), "\(part) in \(text.text)")
    }
  }

  @Test(arguments: ["de", "en"]) func `gives no link to whoever broke in`(language: String) throws {
    let set = NoticeSet(directory: root + "/policies/notices")
    for outside in [true, false] {
      let text = try set.write(about(isInside: true, outside: outside), language)
      #expect(!text.text.contains("http"))
    }
    #expect(try set.write(about(.restored), language).text.contains("dora@suedlicht.example"))
    // No form: the contact is asked to say so otherwise.
    let plain = try set.write(about(link: nil), language)
    #expect(!plain.text.contains("http"))
    #expect(try plain.text != set.write(about(isInside: true), language).text)
  }

  @Test func `has words for every shipped policy that suspends, in both languages`() throws {
    let set = NoticeSet(directory: root + "/policies/notices")
    for language in ["de", "en"] {
      let other = try set.write(about(policy: "of-my-own"), language).text
      for name in try FileManager.default.contentsOfDirectory(atPath: root + "/policies")
      where name.hasSuffix(".lua") && !name.hasSuffix(".d.lua") {
        let source = try String(contentsOfFile: root + "/policies/" + name, encoding: .utf8)
        guard source.contains("sperrwerk.suspend") else { continue }
        let text = try set.write(about(policy: String(name.dropLast(4))), language).text
        #expect(text != other, "\(name) in \(language)")
      }
    }
  }

  @Test func `makes one mail of several cases`() throws {
    let set = NoticeSet(directory: root + "/policies/notices")
    let text = try set.write([about(), about(link: "https://x.example/r/4.5.6")], "en")
    #expect(text.subject == "Sending is suspended: 2 mailboxes or websites")
    for part in ["r/1.2.3", "r/4.5.6", "198.51.100.0/24", "Choose a new password", "Telefon 0123"] {
      #expect(text.text.contains(part), "\(part) in \(text.text)")
    }
  }

  @Test(arguments: [
    (
      "en", "Sending is open again: 2 mailboxes or websites", "renew", "please call us"
    ),
    ("de", "Versand wieder frei: 2 Postfächer oder Websites", "erneuern", "bitte rufen Sie uns an"),
  ])
  func `of several cases says of each kind what is so`(
    language: String, subject: String, request: String, call: String
  ) throws {
    let set = NoticeSet(directory: root + "/policies/notices")
    let open = try set.write([about(.restored, link: nil), about(.restored, link: nil)], language)
    #expect(open.subject == subject)
    for word in [request, "gesperrt:", "suspended", "Link", "link"] {
      #expect(!open.text.contains(word), "\(word) in \(open.text)")
    }
    let inside = try set.write([about(isInside: true), about(isInside: true)], language)
    #expect(inside.text.contains(call) && !inside.text.contains("https://"), "\(inside.text)")
    #expect(inside.text.contains("198.51.100.0/24"))
  }

  @Test(
    arguments: [
      ("de-AT", "en", "de"), ("DE", "en", "de"), ("fr", "de", "de"), (nil, "de", "de"),
      ("fr", "it", "en"), ("en_GB", "de", "en"),
    ] as [(String?, String, String)])
  func `is in the customer's language where there is one`(
    wanted: String?, fallback: String, found: String
  ) {
    let set = NoticeSet(directory: root + "/policies/notices")
    #expect(set.language(wanted, fallback: fallback) == found)
  }

  private static let rest = """
    restored = function(case) return { subject = "s", text = "t" } end,
    line = function(case) return "l" end,
    digest = function(digest) return { subject = "s", text = digest.lines } end }
    """

  @Test(arguments: [
    ("return 1", "en.lua:1: the file returns a number"),
    ("return { language = \"de\" }", "en.lua:1: language is not the file's name"),
    (
      "return { language = \"en\", supended = 1 }", "no field 'supended'; did you mean 'suspended'?"
    ),
    (
      "return { language = \"en\", suspended = 1 }",
      "suspended is no function; write suspended = function(case)"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) return { subject = case.subjekt, text = \"\" } end,\n"
        + rest,
      "en.lua:2: case has no field 'subjekt'; did you mean 'subject'?"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) return \"x\" end,\n" + rest,
      "en.lua:2: a notice needs a subject and a text"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) return { subject = \"a\\nBcc: x\", text = \"t\" } end,\n"
        + rest,
      "en.lua:2: the subject is empty, or longer than a line"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) return { subject = \"a\", text = \" \" } end,\n"
        + rest,
      "en.lua:2: the text is empty"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) return { subject = \"a\", text = \"no link\" } end,\n"
        + rest,
      "en.lua:2: the text leaves the link out"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) while true do end end,\n" + rest,
      "budget"
    ),
    (
      "return { language = \"en\",\nsuspended = function(case) return { subject = \"a\", text = os.time() } end,\n"
        + rest,
      "no global 'os' in a notice"
    ),
    ("return {", "en.lua:1: "),
  ])
  func `that is wrong is refused when it is loaded, with its place`(text: String, says: String)
    throws
  {
    try withTemplate(text) { set in
      #expect(set.languages.isEmpty)
      #expect(set.errors.map { "\($0)" }.joined().contains(says), "\(set.errors)")
    }
  }

  @Test func `must be there`() {
    let set = NoticeSet(directory: "/nonexistent")
    #expect(set.errors.first?.description.contains("no notices here") == true)
    #expect(throws: PolicyError.self) { try set.write(about(), "en") }
  }
}
