import Actions
import Events
import Foundation
import Testing

/// What Python's parser, which is not ours, finds in a message.
private struct Parsed: Decodable {
  var headers: [String: String]
  var parts: [String: String]
  var longest: Int
  var defects: [String]
}

private func parsed(_ message: String) throws -> Parsed {
  let script = """
    import email, email.policy, json, sys
    raw = sys.stdin.buffer.read()
    found = email.message_from_bytes(raw, policy=email.policy.default)
    defects = [repr(d) for part in found.walk() for d in part.defects]
    defects += [repr(d) for _, v in found.items() for d in v.defects]
    print(json.dumps({
      "headers": {k: str(v) for k, v in found.items()}, "defects": defects,
      "parts": {p.get_content_type(): p.get_content() for p in found.walk() if not p.is_multipart()},
      "longest": max(len(line) for line in raw.split(b"\\n"))}))
    """
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", script]
  let (input, output) = (Pipe(), Pipe())
  (process.standardInput, process.standardOutput) = (input, output)
  try process.run()
  try input.fileHandleForWriting.write(contentsOf: Data(message.utf8))
  try input.fileHandleForWriting.close()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return try JSONDecoder().decode(Parsed.self, from: data)
}

@Suite struct `A mail of ours` {
  private func message(
    _ subject: String, _ text: String, links: [String] = [], name: String = "Mail"
  )
    throws -> MailMessage
  {
    MailMessage(
      from: try #require(MailAddress("postmaster@hoster.example")), fromName: name,
      to: try #require(MailAddress("dora@suedlicht.example")), subject: subject, text: text,
      links: links, language: "de", messageID: "sperrwerk.1@hoster.example",
      date: Instant(seconds: 1_795_000_000))
  }

  @Test(arguments: [
    "Versand gesperrt",
    "Der Versand für müller@übung.example ist gesperrt – bitte Passwort ändern 🔒",
    "kurz\r\nBcc: opfer@ziel.example", "=?utf-8?q?nicht_von_uns?=", " am Rand ",
    String(repeating: "sehr lang ", count: 60), String(repeating: "ß", count: 400),
    String(repeating: "x", count: 300), "👩‍👩‍👧‍👦" + String(repeating: "é", count: 44), "",
  ])
  func `is read as it was meant by another program's parser`(subject: String) throws {
    let text = "Guten Tag,\n\n\(subject)\n\nFrom hier\n.\nEnde =20 \t\n"
    let encoded = try message(subject, text).encoded
    let found = try parsed(encoded)
    #expect(found.defects.isEmpty, "\(found.defects)")
    let flat = String(subject.unicodeScalars.map { $0.value < 32 ? " " : Character($0) })
    #expect(
      found.headers["Subject"]?.split(separator: " ") == flat.split(separator: " "), "\(encoded)")
    #expect(found.headers["Bcc"] == nil && found.longest <= 76)
    #expect(
      found.parts["text/plain"] == text.replacing("\r\n", with: "\n") + "\n"
        || found.parts["text/plain"] == text.replacing("\r\n", with: "\n"))
    #expect(encoded.utf8.allSatisfy { $0 < 127 && ($0 >= 32 || $0 == 10 || $0 == 9) })
  }

  @Test func `says who, when, in which language, and that a machine wrote it`() throws {
    let found = try parsed(message("a", "b", name: "Köln \"Mail\"").encoded)
    #expect(
      found.headers["From"] == "\"Köln Mail\" <postmaster@hoster.example>"
        || found.headers["From"] == "Köln Mail <postmaster@hoster.example>")
    #expect(
      found.headers["To"] == "dora@suedlicht.example"
        || found.headers["To"] == "<dora@suedlicht.example>")
    #expect(found.headers["Date"] == "Wed, 18 Nov 2026 11:06:40 +0000")
    #expect(found.headers["Message-ID"] == "<sperrwerk.1@hoster.example>")
    #expect(found.headers["Auto-Submitted"] == "auto-generated")
    #expect(found.headers["Content-Language"] == "de")
    #expect(Set(found.parts.keys) == ["text/plain", "text/html"])
  }

  @Test
  func `shows markup as text in its HTML part, and makes a link of the one address that is ours`()
    throws
  {
    let link = "https://mail.hoster.example/r/1.abc.x-_y"
    let found = try parsed(
      message(
        "a", "Zeile <script>alert('x')</script>\n& \"y\"\n\u{600}<b>\n\nHier: \(link).",
        links: [link]
      )
      .encoded)
    let html = try #require(found.parts["text/html"])
    #expect(
      html.contains(
        "Zeile &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;<br>\n&amp; &quot;y&quot;"))
    // A sign that joins what follows makes no tag of it.
    #expect(html.contains("\u{600}&lt;b&gt;"))
    #expect(html.contains("Hier: <a href=\"\(link)\">\(link)</a>."))
    #expect(html.contains("<html lang=\"de\">"))
  }

  @Test(arguments: [
    "", "@", "a@", "@b.example", "-f@b.example", "-oQ/tmp@b.example", "a b@c.example",
    "a@b.example\nBcc: c@d.example", "a@b.example,c@d.example", "a@-b.example", "a@b..example",
    ".a@b.example", "a.@b.example", "\"a\"@b.example", "a@b.example ", "ü@b.example",
    "a@[192.0.2.1]",
    "a@b.example>", "<a@b.example>", "a;b@c.example",
    "a@" + String(repeating: "b", count: 64) + ".example",
  ])
  func `goes to no address that would be more than one`(text: String) {
    #expect(MailAddress(text) == nil)
  }

  @Test(arguments: [
    "a@b.example", "a.b+c@x-y.b.example", "o'hara@localhost", "a@xn--bung-zra.example",
  ])
  func `goes to ordinary addresses`(text: String) {
    #expect(MailAddress(text)?.description == text)
  }
}
