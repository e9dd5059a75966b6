import Events
import Testing

@Suite struct `A Postfix line` {
  @Test func `about a delivery says what became of the recipient`() throws {
    let event = try #require(
      read(
        stamp
          + "postfix/smtp[1]: 4jYSM33r03z2Q0pb: to=<kunde@freemail.example>, orig_to=<k>, relay=mx.freemail.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: 550 no)"
      ))
    #expect(event["kind"] == "delivery")
    #expect(event["queue_id"] == "4jYSM33r03z2Q0pb")
    #expect(event["recipient"] == "kunde@freemail.example")
    #expect(event["original_recipient"] == "k")
    #expect(event["relay"] == "mx.freemail.example[192.0.2.9]:25")
    #expect(event["dsn"] == "5.7.1")
    #expect(event["status"] == "bounced")
    #expect(event["reply"] == "host mx said: 550 no")
    #expect(event["time"] == "2026-11-24T02:46:40.076631Z")
  }

  @Test(arguments: [
    "sent", "deferred", "bounced", "expired", "force-expired", "softbounce",
  ])
  func `has the status that the log says`(word: String) {
    let line =
      stamp + "postfix/lmtp[1]: ABC123: to=<a@b.example>, relay=x, dsn=4.0.0, status=\(word) (text)"
    #expect(read(line)?["status"] == word)
  }

  @Test func `of a submission names login and address`() throws {
    let event = try #require(
      read(
        stamp
          + "postfix/submission/smtpd[1]: 87E32FA6138: client=unknown[::ffff:203.0.113.5]:4711, sasl_method=PLAIN, sasl_username=anna@nordwind.example"
      ))
    #expect(event["sasl_login"] == "anna@nordwind.example")
    #expect(event["client_address"] == "203.0.113.5")
    #expect(event["service"] == "submission")
  }

  @Test func `of a message that was put back names its old id, and no website`() throws {
    let event = try #require(
      read(
        stamp + "postfix/pickup[6368]: 98E49F78A91: uid=102 from=<a@b.example> orig_id=EF5D2F785F6")
    )
    #expect(event["queue_id"] == "98E49F78A91")
    #expect(event["orig_queue_id"] == "EF5D2F785F6")
    #expect(event["envelope_sender"] == "a@b.example")
    #expect(event["uid"] == nil)
  }

  @Test func `keeps a website's hostile sender from being another's old id`() throws {
    let forged = "postfix/pickup[1]: 98E49F78A91: uid=5101 from=<x> orig_id=EF5D2F785F6>"
    let event = try #require(read(stamp + forged))
    #expect(event["uid"] == "5101")
    #expect(event["orig_queue_id"] == nil)
    // As Postfix cuts a sender that is too long.
    let long = String(repeating: "x", count: 1900)
    let cut = try #require(
      read(
        stamp + "postfix/pickup[1]: 98E49F78A91: uid=5101 from=<\(long)> orig_id=EF5D2F785F6"))
    #expect(cut["uid"] == "5101")
  }

  @Test func `names the id that a content filter gave`() {
    let line =
      stamp
      + "postfix/smtp[1]: ABC123: to=<a@b.example>, relay=127.0.0.1[127.0.0.1]:10024, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as DEF456)"
    #expect(read(line)?["next_queue_id"] == "DEF456")
  }

  @Test(arguments: [
    "postfix/smtpd[1]: connect from unknown[192.0.2.1]",
    "postfix/smtpd[1]: disconnect from unknown[192.0.2.1] ehlo=1 auth=0/1 quit=1 commands=2/3",
    "postfix/cleanup[1]: ABC123: message-id=<x@y.example>",
    "postfix/smtpd[1]: warning: SASL authentication failure: Password verification failed",
    "postfix/smtpd[1]: warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: Connection lost to authentication server",
    "postfix/qmgr[1]: ABC123: skipped, still being delivered",
    "postfix/smtp[1]: ABC123: host mx.example.net[192.0.2.2] said: 450 try later (in reply to RCPT TO command)",
    "opendkim[1]: ABC123: DKIM-Signature field added (s=mail, d=example.net)",
  ])
  func `that tells nothing is none`(text: String) {
    #expect(read(stamp + text) == nil)
  }

  // What strangers write: MAILSTACK §7, each seen on a real server.
  @Test func `keeps a hostile login from being another's`() throws {
    let event = try #require(
      read(
        stamp
          + "postfix/submission/smtpd[1]: warning: unknown[198.51.100.9]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=ABC123DEF45: client=unknown[203.0.113.10], sasl_method=PLAIN, sasl_username=anna@nordwind.example"
      ))
    #expect(event["kind"] == "login")
    #expect(event["client_address"] == "198.51.100.9")
    #expect(event["sasl_login"] != "anna@nordwind.example")
  }

  @Test func `keeps a hostile sender from being another's message`() throws {
    let event = try #require(
      read(
        stamp
          + #"postfix/qmgr[1]: CA4123: from=<"x>, size=1, nrcpt=99 (queue active) "@evil.example>, size=332, nrcpt=1 (queue active)"#
      ))
    #expect(event["recipient_count"] == "1")
    #expect(event["envelope_sender"] == #""x>, size=1, nrcpt=99 (queue active) "@evil.example"#)
  }

  @Test func `keeps a hostile reply from changing the status`() throws {
    let event = try #require(
      read(
        stamp
          + "postfix/smtp[1]: ABC123: to=<x@y.example>, relay=mx[192.0.2.1]:25, dsn=5.7.1, status=bounced (host mx said: 550 no) ABC124: to=<z@y.example>, relay=none, dsn=2.0.0, status=sent (in reply))"
      ))
    #expect(event["status"] == "bounced")
    #expect(event["recipient"] == "x@y.example")
  }

  @Test func `keeps a hostile recipient within its brackets`() throws {
    let event = try #require(
      read(
        stamp
          + #"postfix/smtp[1]: ABC123: to=<"a>, relay=b, dsn=2.0.0, status=sent (x"@y.example>, relay=mx[192.0.2.1]:25, dsn=5.1.1, status=bounced (no)"#
      ))
    #expect(event["status"] == "bounced")
    #expect(event["relay"] == "mx[192.0.2.1]:25")
  }

  @Test func `keeps a hostile HELO name from being a login`() throws {
    let event = try #require(
      read(
        stamp
          + "postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.4]: 554 5.7.1 <x>: Relay access denied; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=anna@nordwind.example>"
      ))
    #expect(event["sasl_login"] == nil)
    #expect(event["envelope_sender"] == "a@b.example")
    #expect(event["recipient"] == "c@d.example")
  }
}

@Suite struct `A Dovecot line` {
  @Test(arguments: [
    "imap-login: Login: user=<anna@nordwind.example>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, mpid=1, TLS, session=<abc>",
    "imap-login: Logged in: user=<anna@nordwind.example>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, TLS, session=<abc>",
  ])
  func `of a login names who and from where`(text: String) throws {
    let event = try #require(read(stamp + "dovecot: " + text))
    #expect(event["result"] == "success")
    #expect(event["service"] == "imap")
    #expect(event["sasl_login"] == "anna@nordwind.example")
    #expect(event["client_address"] == "203.0.113.7")
    #expect(event["session"] == "abc")
  }

  @Test(arguments: [
    "imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<u>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, session=<s>",
    "imap-login: Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): user=<u>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, session=<s>",
    "auth: passwd-file(u,203.0.113.7,<s>): Password mismatch",
    "auth(u,203.0.113.7,sasl:plain)<s>: passwd-file: Password mismatch",
    "message repeated 4 times: [ auth: passwd-file(u,203.0.113.7,<s>): Password mismatch]",
  ])
  func `of a failure is one in every version`(text: String) throws {
    let event = try #require(read(stamp + "dovecot: " + text))
    #expect(event["result"] == "failure")
    #expect(event["sasl_login"] == "u")
    #expect(event["client_address"] == "203.0.113.7")
    #expect(event["session"] == "s")
  }

  @Test func `believes the last address only`() throws {
    let event = try #require(
      read(
        stamp
          + "dovecot: imap-login: Disconnected: x (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=203.0.113.10, lip=1.2.3.4>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.1, session=<s>"
      ))
    #expect(event["client_address"] == "198.51.100.9")
  }

  @Test(arguments: [
    "auth: passwd-file(kunde@nordwind.example): unknown user",
    "imap-login: Disconnected: Connection closed (no auth attempts in 0 secs): user=<>, rip=203.0.113.7, lip=192.0.2.1",
    "lmtp(1300): Connect from local",
  ])
  func `about no login is none`(text: String) {
    #expect(read(stamp + "dovecot: " + text) == nil)
  }
}

@Suite struct `An Exim line` {
  @Test func `of an arrival names the login`() throws {
    let event = try #require(
      read(
        "2026-11-24 02:56:35 1xVghv-0007I9-2R <= dora@suedlicht.example H=([192.168.178.20]) [198.51.100.14] P=esmtpsa X=TLS1.3 CV=no A=plain_server:dora@suedlicht.example S=468 id=x@y"
      ))
    #expect(event["kind"] == "submission")
    #expect(event["sasl_login"] == "dora@suedlicht.example")
    #expect(event["client_address"] == "198.51.100.14")
    #expect(event["queue_id"] == "1xVghv-0007I9-2R")
  }

  @Test func `does not believe what the subject says`() throws {
    let event = try #require(
      read(
        #"2026-11-24 02:56:35 1xVghv-0007I9-2R <= a@b.example H=x [198.51.100.14] P=esmtp S=468 T="A=plain:anna@nordwind.example" for c@d.example"#
      ))
    #expect(event["sasl_login"] == nil)
  }
}

@Suite struct `A time stamp` {
  @Test func `without a year takes the one before the reference`() {
    #expect(
      read("Dec 31 23:59:59 vm postfix/pickup[1]: ABC123: uid=1 from=<a>")?["time"]
        == "2025-12-31T23:59:59Z")
    #expect(
      read("Nov  4 03:00:00 vm postfix/pickup[1]: ABC123: uid=1 from=<a>")?["time"]
        == "2026-11-04T03:00:00Z")
  }

  @Test func `in another zone is the same instant`() {
    let line = "2026-11-24T03:46:40+01:00 vm postfix/pickup[1]: ABC123: uid=1 from=<a>"
    #expect(read(line)?["time"] == "2026-11-24T02:46:40Z")
  }
}
