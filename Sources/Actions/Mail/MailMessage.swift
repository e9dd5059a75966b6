package import Events
import Foundation

/// A mail of ours: from nobody who could be answered, as text and the same as HTML.
package struct MailMessage: Sendable {
  package var from, to: MailAddress
  /// Whose mail it says it is.
  package var fromName: String
  package var subject: String
  package var text: String
  /// The addresses in `text` that become links in the HTML.
  package var links: [String]
  /// `de`, `en`.
  package var language: String
  /// Without the angle brackets.
  package var messageID: String
  package var date: Instant

  package init(
    from: MailAddress, fromName: String, to: MailAddress, subject: String, text: String,
    links: [String] = [],
    language: String, messageID: String, date: Instant
  ) {
    (self.from, self.fromName, self.to) = (from, fromName, to)
    (self.subject, self.text) = (subject, text)
    (self.links, self.language, self.messageID, self.date) = (links, language, messageID, date)
  }

  /// The whole message, lines ended by `\n`, as `sendmail` takes it.
  package var encoded: String {
    // `=_` never stands in quoted-printable, so no text can hold the boundary.
    let boundary = "=_sperrwerk"
    return """
      From: \(name)<\(from)>
      To: <\(to)>
      Subject: \(MailEncoding.header(subject, column: 9))
      Date: \(Self.date(date))
      Message-ID: <\(messageID)>
      Auto-Submitted: auto-generated
      X-Auto-Response-Suppress: All
      Content-Language: \(language)
      MIME-Version: 1.0
      Content-Type: multipart/alternative; boundary="\(boundary)"

      --\(boundary)
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      \(MailEncoding.quotedPrintable(text))
      --\(boundary)
      Content-Type: text/html; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      \(MailEncoding.quotedPrintable(MailHTML.page(text, links: links, language: language)))
      --\(boundary)--

      """
  }

  /// Quoted, or encoded where it is not plain; always apart from the address.
  private var name: String {
    let quotable = fromName.filter { $0 != "\"" && $0 != "\\" }
    if quotable.isEmpty { return "" }
    let isPlain = quotable.utf8.allSatisfy { $0 >= 32 && $0 < 127 } && quotable.utf8.count <= 60
    return isPlain
      ? "\"\(quotable)\" " : MailEncoding.header(quotable, column: 6) + "\n "
  }

  /// RFC 5322's date in UTC: `Tue, 24 Nov 2026 20:40:51 +0000`.
  package static func date(_ time: Instant) -> String {
    let civil = CivilTime(time)
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = CivilTime.days(year: civil.year, month: civil.month, day: civil.day)
    return "\(days[Int((day % 7 + 7) % 7)]), \(civil.day) \(months[civil.month - 1]) \(civil.year) "
      + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
  }
}

/// The HTML part, made from the text: paragraphs, lines, and links that are known to be ours.
package enum MailHTML {
  package static func page(_ text: String, links: [String], language: String) -> String {
    let paragraphs = text.split(separator: "\n\n").map { paragraph in
      let lines = paragraph.split(separator: "\n").map { line($0, links) }
      return "<p>\(lines.joined(separator: "<br>\n"))</p>"
    }
    return """
      <!DOCTYPE html>
      <html lang="\(HTMLText.escaped(language))">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
      <body style="font-family: sans-serif; line-height: 1.5; max-width: 40em; margin: 1em">
      \(paragraphs.joined(separator: "\n"))
      </body>
      </html>
      """
  }

  private static func line(_ line: Substring, _ links: [String]) -> String {
    for link in links {
      guard let place = line.range(of: link) else { continue }
      let address = HTMLText.escaped(link)
      return HTMLText.escaped(String(line[..<place.lowerBound]))
        + "<a href=\"\(address)\">\(address)</a>"
        + HTMLText.escaped(String(line[place.upperBound...]))
    }
    return HTMLText.escaped(String(line))
  }
}
