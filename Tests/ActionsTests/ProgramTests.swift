import Actions
import Events
import Foundation
import Testing

/// A program of that text in the folder.
func fake(_ name: String, in folder: String, _ text: String) throws -> String {
  let path = "\(folder)/\(name)"
  try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
  try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  return path
}

@Suite struct `A program of the mail system` {
  @Test(arguments: ["exec sleep 900", "sleep 900", "trap '' TERM; while :; do sleep 1; done"])
  func `is ended with its children when it hangs`(text: String) async throws {
    try await withFolder { folder in
      var program = Program(try fake("hangs", in: folder, text))
      program.limit = .milliseconds(200)
      let hanging = program
      let start = ContinuousClock.now
      let error = await #expect(throws: ActionError.self) { _ = try await hanging.run([]) }
      #expect(error?.description.contains("did not end within") == true)
      // Far above what a busy machine needs, far below what the program would take.
      #expect(ContinuousClock.now - start < .seconds(600))
    }
  }

  // A broken pipe would end the whole service.
  @Test func `may end without reading its input`() async throws {
    let input = String(repeating: "AB12345\n", count: 200_000)
    for _ in 0..<20 {
      let result = try await Program("/bin/false").run([], input: input)
      #expect(result.status == 1)
    }
  }

  @Test func `gets its input and gives its output`() async throws {
    let result = try await Program("/bin/cat").run([], input: "one\ntwo\n")
    #expect(result.output == "one\ntwo\n")
    #expect(result.status == 0)
  }
}

@Suite struct `The mail queue` {
  private func queue(
    _ folder: String, postsuper: String, postqueue: String = "exit 0",
    limit: Duration = .seconds(120)
  ) throws -> MailQueue {
    MailQueue(
      postsuper: try fake("postsuper", in: folder, postsuper),
      postqueue: try fake("postqueue", in: folder, postqueue), configuration: nil,
      limit: limit)
  }

  @Test func `is changed by id, and the count is postsuper's own`() async throws {
    try await withFolder { folder in
      // As on a real server: a line a message, then the sum.
      let queue = try queue(
        folder,
        postsuper: """
          echo "$@" > \(folder)/asked; cat >> \(folder)/asked
          echo "postsuper: AB1: placed on hold" >&2
          echo "postsuper: Placed on hold: 1 message" >&2
          """)
      #expect(try await queue.change(.hold, ["AB1", "AB2"]) == 1)
      let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
      #expect(asked == "-h -\nAB1\nAB2\n")
      #expect(try await queue.change(.delete, []) == 0)
      _ = try await queue.change(.requeue, ["AB3"])
      let again = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
      // What is not on hold any more is left alone.
      #expect(again == "-r - hold\nAB3\n")
    }
  }

  @Test(arguments: [
    ("sleep 900", "did not end within"), ("echo no permission >&2; exit 1", "no permission"),
  ])
  func `that cannot be changed is an error with a remedy`(text: String, says: String) async throws {
    try await withFolder { folder in
      let limit: Duration = says == "no permission" ? .seconds(120) : .milliseconds(200)
      let queue = try queue(folder, postsuper: text, limit: limit)
      let error = await #expect(throws: ActionError.self) {
        _ = try await queue.change(.hold, ["AB1"])
      }
      #expect(error?.description.contains(says) == true)
    }
  }

  @Test func `gives those messages that were asked for, of any number`() async throws {
    try await withFolder { folder in
      // The line of a real postqueue -j, many times; one sender is hostile.
      let queue = try queue(
        folder, postsuper: "exit 0",
        postqueue: #"""
          seq 20000 | while read n; do
          echo '{"queue_name": "hold", "queue_id": "AB'$n'", "arrival_time": 1795552748, "message_size": 427, "forced_expire": false, "sender": "\"queue_id\": \"AB7\"@firma.example", "recipients": [{"address": "x0@langsam.example", "delay_reason": "host said: 450 4.2.0 try again later"}]}'
          done
          echo '{"queue_name": "hold", "queue_id": "CD1", "arrival_time": 1795552748, "message_size": 1, "forced_expire": false, "sender": "", "recipients": []}'
          """#)
      let found = try await queue.messages(["AB19999", "CD1", "GONE"])
      #expect(found.map(\.queueID) == ["AB19999", "CD1"])
      #expect(found.map(\.isDelivered) == [false, true])
      #expect(found[0].recipients[0].delayReason == "host said: 450 4.2.0 try again later")
      #expect(found[0].isHeld && found[0].arrivalTime == 1_795_552_748)
    }
  }

  @Test func `that cannot be read is an error with a remedy`() async throws {
    try await withFolder { folder in
      let queue = try queue(folder, postsuper: "exit 0", postqueue: "exit 69")
      let error = await #expect(throws: ActionError.self) {
        _ = try await queue.messages(["AB1"])
      }
      #expect(error?.description.contains("exit status 69") == true)
    }
  }
}
