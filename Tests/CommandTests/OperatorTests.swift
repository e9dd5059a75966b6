import Foundation
import Testing

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
    #expect(status["mode"] as? String == "dry_run" && status["is_paused"] as? Bool == false)
    #expect(status["suspended"] as? Int == 1 && status["held"] as? Int == 0)
    #expect(status["lines_read"] as? Int == 60 && status["messages"] as? Int == 20)
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

  @Test func `says that a time is none`() throws {
    let answer = try sperrwerk(
      ["restore", "--all", "--policy", "p", "--since", "yesterday", "--reason", "x"])
    #expect(answer.errors.contains("'yesterday' is no time; write it as 2026-11-24T03:00:00Z"))
  }
}
