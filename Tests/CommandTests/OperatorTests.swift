import Foundation
import Testing

@testable import sperrwerk

@Suite(.serialized) struct `An operator's command` {
  /// The answer's data.
  func json(_ service: Guarded, _ arguments: [String]) throws -> [String: Any] {
    let answer = try service.command(arguments + ["--format", "json"])
    let data = Data(answer.output.utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func `prints its data as JSON, with the keys that scripts may rely on`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    try service.wait("no case") { try service.command(["cases"]).output.contains("dora@") }
    let status = try json(service, ["status"])
    #expect(status["mode"] as? String == "dry_run" && status["pause"] == nil)
    #expect(status["suspended"] as? Int == 1 && status["held"] as? Int == 0)
    #expect(status["lines_read"] as? Int == 60 && status["messages"] as? Int == 20)
    #expect(status["unattributed_share"] as? Double == 0)
    let sources = try #require(status["sources"] as? [[String: Any]])
    #expect(sources[0]["name"] as? String == service.folder + "/mail.log")

    let cases = try service.command(["cases", "--format", "json"]).output
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(cases.utf8)) as? [[String: Any]])
    #expect(list.count == 1 && list[0]["subject"] as? String == "dora@suedlicht.example")
    #expect(list[0]["state"] as? String == "suspended" && list[0]["number"] as? Int == 1)

    let detail = try json(service, ["case", "1"])
    let steps = try #require(detail["steps"] as? [[String: Any]])
    #expect(steps[0]["action"] as? String == "suspend")
    #expect(steps[0]["policy"] as? String == "rejections")
    let evidence = try #require(steps[0]["evidence"] as? [[String: Any]])
    #expect((evidence[0]["file"] as? String)?.hasSuffix("mail.log") == true)
    let members = try #require(detail["members"] as? [[String: Any]])
    #expect(members[0]["is_waived"] as? Bool == false && members[0]["renewed_at"] == nil)

    let order = try json(service, ["suspend", "anna@nordwind.example", "--reason", "asked"])
    #expect(order["command"] as? String == "suspend" && order["case_number"] as? Int == 2)
    let again = try service.command(
      ["suspend", "anna@nordwind.example", "--reason", "x", "--format", "json"])
    #expect(again.status == 1)
    #expect(again.output.contains("\"error\":\"anna@nordwind.example is suspended already"))
    let undo = try json(
      service,
      [
        "restore", "--all", "--policy", "rejections", "--since", "2026-01-01T00:00:00Z",
        "--reason", "x",
      ])
    #expect(undo["is_ordered"] as? Bool == false)
    #expect((undo["subjects"] as? [Any])?.count == 1)
    #expect(service.end() == 0)
  }

  @Test func `tells what whoever gives it may not know, and obeys`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    func stop(_ name: String) throws -> String {
      try service.command(["suspend", name, "--reason", "asked"]).output
    }
    let unknown = try stop("dorra@nordwind.example")
    #expect(unknown.contains("ordered: suspend dorra@nordwind.example (case 1)\n  a dry run: "))
    #expect(unknown.contains("no log line and no table has this name: is it written well?"))
    service.spam("postmaster@nordwind.example")
    service.spam("dora@nordwind.example")
    try service.wait("not read") { try service.count("subjects") == 3 }
    #expect(
      try stop("postmaster@nordwind.example").contains(
        "policies leave it alone, an order does not: postmaster must stay reachable"))
    #expect(try stop("uid:0").contains("an order does not: a system user"))
    #expect(try stop("dora@nordwind.example").split(separator: "\n").count == 2)
    let order = try json(service, ["restore", "dora@nordwind.example", "--reason", "x"])
    #expect(order["remarks"] as? [String] == ["a dry run: Postfix is not touched"])
    let status = try service.command(["status"]).output
    #expect(
      status.contains("6 lines read since the start 20") && status.contains("would be stopped"))
    let cases = try service.command(["cases", "--all"]).output
    #expect(cases.contains(" by hand: asked\n   20") && cases.contains(" restore by uid "))
    #expect(cases.contains(": x\n") && cases.contains("a dry run: Postfix is not touched"))
    #expect(service.end() == 0)
    #expect(try service.said("stopping: what is decided is written down"))
    #expect(try service.said("stopped"))
  }

  @Test func `releases only what is on hold`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    _ = try service.command(["hold", "anna@nordwind.example", "--reason", "odd"])
    _ = try service.command(["suspend", "jan@nordwind.example", "--reason", "asked"])
    let no = try service.command(["release", "jan@nordwind.example", "--reason", "fine"])
    #expect(no.status == 1 && no.errors.contains("jan@nordwind.example is not on hold"))
    #expect(
      try service.command(["release", "anna@nordwind.example", "--reason", "fine"]).output
        .contains("ordered: release anna@nordwind.example (case 1)"))
    #expect(service.end() == 0)
  }

  @Test func `says that a log is not there, and that the queue cannot be read`() throws {
    let service = try Guarded(
      dryRun: true, more: "freshness:\n  silence: 0s\nqueue:\n  poll: 0s")
    let text = try String(contentsOfFile: service.settings, encoding: .utf8)
    try text.replacing("mail.log]", with: "mial.log]")
      .replacing("postqueue: /bin/true", with: "postqueue: /bin/false")
      .write(toFile: service.settings, atomically: true, encoding: .utf8)
    try service.start()
    try service.waitUntilReady()
    let missing = "mial.log: is not there; see whether syslog runs and which file it writes to"
    #expect(try service.said(missing))
    #expect(
      try service.command(["status"]).output.split(separator: "\n").joined()
        .contains("mial.log: is not"))
    let list = try service.command(["queue", "list", "dora@nordwind.example"])
    #expect(list.status == 1 && list.errors.contains("postqueue: exit status 1"))
    let delete = try service.command(["queue", "delete", "dora@nordwind.example"])
    #expect(delete.status == 64 && delete.errors.contains("queue delete needs --reason"))
    #expect(service.end() == 0)
  }

  @Test func `says that a time is none`() throws {
    let answer = try sperrwerk(
      ["restore", "--all", "--policy", "p", "--since", "yesterday", "--reason", "x"])
    #expect(answer.errors.contains("'yesterday' is no time; write it as 2026-11-24T03:00:00Z"))
  }

  @Test func `allows, lists, exports and takes back, over a restart`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    let allowed = try service.command([
      "allow", "shop@nordwind.example", "--policy", "unusual-volume", "--for", "60d", "--reason",
      "Christmas \"mailing\"",
    ])
    #expect(allowed.output.contains("allow shop@nordwind.example policy unusual-volume"))
    #expect(allowed.output.contains("by uid \(getuid()) ("))
    #expect(allowed.output.contains("no log line and no table has this name"))
    try service.wait("not said") {
      try service.said("allow shop@nordwind.example (policy unusual-volume) by uid \(getuid())")
    }
    #expect(
      try service.command(["allow", "shop@nordwind.example", "--reason", "x"]).errors
        .contains("name what is allowed: a policy, a network or a volume"))
    #expect(
      try service.command(["allow", "a@b.example", "--for", "2 weeks", "--reason", "x"]).errors
        .contains("'2 weeks' is no duration; write it as 90m, 12h or 30d"))
    service.kill()
    try service.start()
    try service.waitUntilReady()
    #expect(try json(service, ["lists"])["entries"] as? [Any] != nil)
    #expect(try service.command(["lists"]).output.contains("allow shop@nordwind.example"))
    // What is exported is a list file.
    let file = service.folder + "/export.lua"
    try service.command(["lists", "--export"]).output
      .write(toFile: file, atomically: true, encoding: .utf8)
    let check = try sperrwerk(["check", "--policies", root + "/policies", "--lists", file])
    #expect(check.status == 0 && check.output.contains("1 list entry"), "\(check)")
    #expect(
      try service.command(["disallow", "shop@nordwind.example", "--reason", "over"]).status == 0)
    #expect(try service.command(["lists"]).output.contains("the lists are empty"))
    #expect(service.end() == 0)
  }

  @Test func `explains a login as the running service sees it`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    for _ in 0..<3 { service.spam("dora@suedlicht.example") }
    try service.wait("not read") {
      try service.command(["explain", "--subject", "dora@suedlicht.example"]).status == 0
    }
    try service.wait("not counted") {
      try service.command(["explain", "--subject", "dora@suedlicht.example"]).output
        .contains("3 mails within the last day")
    }
    let text = try service.command(["explain", "--subject", "dora@suedlicht.example"]).output
    #expect(text.contains("nothing is decided about it") && text.contains("rejections"))
    #expect(text.contains("rejections           delivery: shut by "))
    #expect(text.contains("taught habits and decides nothing"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
    let data = try json(service, ["explain", "--subject", "dora@suedlicht.example"])
    #expect(data["mails_today"] as? Int == 3 && (data["policies"] as? [Any])?.isEmpty == false)
    #expect(
      try service.command(["explain", "--subject", "x@y.example"]).errors
        .contains("no login or website of this name is known"))
    #expect(service.end() == 0)
  }

  @Test func `backs the ledger up, and forgets an account whose cases are over`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    _ = try service.command(["suspend", "old.customer@nordwind.example", "--reason", "asked"])
    let copy = service.folder + "/copy.db"
    #expect(try service.command(["backup", copy]).output.contains("\(copy) written"))
    #expect(try service.command(["backup", copy]).errors.contains("file exists; name a new file"))
    let status = try FileManager.default.attributesOfItem(atPath: copy)
    #expect((status[.posixPermissions] as? Int) == 0o600 && (status[.size] as? Int ?? 0) > 4096)

    let forget = ["forget", "Old.Customer@nordwind.example", "--reason", "asked by letter"]
    #expect(
      try service.command(forget).errors.contains(
        "case 1 of old.customer@nordwind.example is not over"))
    _ = try service.command(["dismiss", "old.customer@nordwind.example", "--reason", "a mistake"])
    #expect(try service.command(["cases", "--all"]).output.contains("#1 dismissed old.customer@"))
    try service.wait("not opened") { try service.count("orders_in_flight") == 0 }
    let gone = try service.command(forget).output
    #expect(
      gone.contains(
        "steps of old.customer@nordwind.example are deleted. What this service does not"))
    #expect(gone.contains("mail.log*"))
    #expect(try service.command(["case", "1"]).errors.contains("there is no case 1"))
    #expect(service.end() == 0)
    let state = service.folder + "/state"
    for name in try FileManager.default.subpathsOfDirectory(atPath: state) {
      guard let data = FileManager.default.contents(atPath: state + "/" + name) else { continue }
      #expect(
        !String(decoding: data, as: UTF8.self).contains("old.customer@nordwind.example"), "\(name)")
    }
    // Its number stays taken, also where everything is read again.
    for name in try FileManager.default.contentsOfDirectory(atPath: state)
    where !name.contains(".db") {
      try FileManager.default.removeItem(atPath: state + "/" + name)
    }
    try service.start()
    try service.waitUntilReady()
    #expect(
      try service.command(["suspend", "jan@nordwind.example", "--reason", "asked"]).output
        .contains("(case 2)"))
    #expect(service.end() == 0)
  }

  @Test func `takes settings anew, and keeps the old where the new are not well`() throws {
    let service = try Guarded(dryRun: true, more: "keep: 30d")
    try service.start()
    try service.waitUntilReady()
    let good = try String(contentsOfFile: service.settings, encoding: .utf8)
    func write(_ text: String) throws {
      try text.write(toFile: service.settings, atomically: true, encoding: .utf8)
    }
    try write(good.replacing("keep: 30d", with: "keep: 10d\nwarm_up: 3d"))
    let taken = try service.command(["reload"]).output
    #expect(taken.contains("changed settings: keep; after a restart: warm_up"))
    let data = try json(service, ["reload"])
    #expect(data["changed"] as? [String] == [] && data["after_restart"] as? [String] == ["warm_up"])
    try write(good.replacing("keep: 30d", with: "keep: 10 days"))
    let refused = try service.command(["reload", "--socket", service.folder + "/operators"])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("the policies and settings stay as they were"))
    let notices = service.folder + "/notices"
    try FileManager.default.createDirectory(atPath: notices, withIntermediateDirectories: true)
    try "return {".write(toFile: notices + "/de.lua", atomically: true, encoding: .utf8)
    try write(good + "\nnotices:\n  templates: \(notices)\n")
    let templates = try service.command(["reload", "--socket", service.folder + "/operators"])
    #expect(templates.status == 1 && templates.errors.contains("notices/de.lua:1:"))
    #expect(refused.errors.contains("keep must be a duration"))
    try write(good.replacing("policies: \(root)/policies", with: "policies: /nowhere"))
    #expect(try service.command(["reload"]).errors.contains("/nowhere: no policies here"))
    try write(good)
    #expect(try service.command(["status"]).status == 0)
    #expect(service.end() == 0)
  }

  @Test func `that may not open the socket is told so`() throws {
    let answer = try sperrwerk(["status", "--socket", "/nowhere/operators"])
    #expect(answer.status == 69)
    #expect(answer.errors.contains("/nowhere/operators: no answer; is 'sperrwerk run' running?"))
  }
}

@Suite struct `Text for an operator` {
  @Test func `keeps to its width, and indents what goes on`() {
    let text = OperatorText.wrapped(
      "one two\nthree four", width: 12, indent: 2, first: 0)
    #expect(text == "one two\n  three four")
    #expect(OperatorText.wrapped("averylongwordthatfitsnowhere", width: 10, indent: 1).count == 29)
  }

  @Test func `shows nothing that moves the cursor or turns the line round`() {
    #expect(Style.clipped("a\u{1b}[2Jb\u{202e}c\u{7f}\nd\u{9b}e", 40) == "a [2Jb c  d e")
    #expect(Style.clipped("Müller überwiesen", 7) == "Müller…")
  }

  @Test func `is quoted for Lua so that no reason ends the string`() {
    #expect(OperatorText.quoted("x\" }\n\\ü") == "\"x\\\" }\\x0a\\\\\\xc3\\xbc\"")
  }
}
