import Events
import Testing

@Suite struct `A line about a website's script` {
  @Test func `names the script by the message's queue id`() {
    let event = read(
      stamp
        + "postfix/cleanup[1]: ABC123: info: header X-PHP-Originating-Script: 5101:mailer.php from local; from=<web@example.net>"
    )
    #expect(event?["kind"] == "script")
    #expect(event?["script"] == "mailer.php")
    #expect(event?["queue_id"] == "ABC123")
    #expect(event?["uid"] == "5101")
  }

  @Test func `is believed only of mail that the host itself hands over`() {
    let header = "postfix/cleanup[1]: ABC123: warning: header X-PHP-Originating-Script: "
    for rest in [
      "5101:fake.php from unknown[192.0.2.1]; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
      "33:x.php from local; from=<a> from mx[192.0.2.1]; from=<\"y from local; from=<\"@example.net> proto=ESMTP helo=<x>",
    ] {
      #expect(read(stamp + header + rest) == nil)
    }
    #expect(
      read(
        stamp
          + "postfix/cleanup[1]: ABC123: warning: header Subject: X-PHP-Originating-Script: 1:x from local; from=<a>"
      ) == nil)
  }

  @Test(arguments: [
    (stamp + "php[7]: ", "2026-11-24T02:46:40.076631Z"),
    ("[24-Nov-2026 03:15:00 UTC] ", "2026-11-24T03:15:00Z"),
    ("[24-Nov-2026 03:15:00 Europe/Berlin] ", "2026-11-24T02:15:00Z"),
  ])
  func `is read from PHP's own log, in a file or through syslog`(start: String, time: String) {
    let event = read(
      start + "mail() on [/srv/shop/mailer.php:12]: To: kunde@example.net -- Headers: ]: To:",
      zone: TimeSpan(seconds: 3600))
    #expect(event?["script"] == "/srv/shop/mailer.php")
    #expect(event?["time"] == time)
  }
}
