import ArgumentParser
import Engine
import Events
import Glibc

/// The decisions of a replay, one JSON object a line.
enum DecisionsFile {
  static func lines(_ transitions: [Transition]) -> [UInt8] {
    var json = JSONText()
    for transition in transitions {
      write(transition, &json)
      json.newline()
    }
    return json.bytes
  }

  static func write(_ transitions: [Transition], to path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      Output.complain("\(path): \(SystemFault().text); name a file that you may write")
      throw ExitCode(73)
    }
    Output.write(lines(transitions), to: descriptor)
    close(descriptor)
  }

  static func write(_ transition: Transition, _ json: inout JSONText) {
    json.object { json in
      json.field("time", transition.time.rfc3339())
      json.field("action", transition.action.rawValue)
      if let subject = transition.subject { json.field("subject", subject) }
      if let policy = transition.policy { json.field("policy", policy) }
      json.field("reason", transition.reason)
      json.array("evidence") { json in
        for evidence in transition.evidence {
          json.object { json in
            json.field("text", evidence.text)
            json.field("file", evidence.file)
            json.field("line", evidence.line)
          }
        }
      }
      if let number = transition.caseNumber { json.field("case", number) }
    }
  }
}
