import Lua

/// A test that an operator wrote for the policies: log lines in, expected decisions out.
///
/// ```lua
/// return {
///   { name = "a newsletter goes through", log = { "2026-10-05T…", … }, expect = {} },
/// }
/// ```
package struct PolicyTest: Sendable {
  package let file, name: String
  package let lines: [String]
  /// CSV of mailboxes, where the test needs a directory.
  package let accounts: String?
  /// `suspend anna@example.net`, or `suspend anna@example.net by rejections`, in order.
  package let expected: [String]

  /// Reads all `*.lua` of a folder.
  package static func load(folder: String) -> (tests: [PolicyTest], errors: [PolicyError]) {
    let runtime = PolicyRuntime()
    var tests: [PolicyTest] = []
    var errors: [PolicyError] = []
    for name in PolicySet.list(folder) {
      let file = "\(folder)/\(name)"
      do {
        let value = try runtime.load(PolicySet.contents(file) ?? [], name: file)
        guard case .table(let table) = value, let entries = table.sequence else {
          throw PolicyError(
            place: file, problem: "returns no list",
            remedy: "return { { name = …, log = …, expect = … } }")
        }
        for (number, entry) in entries.enumerated() {
          tests.append(try read(entry, file, number + 1))
        }
      } catch let error as LuaError {
        errors.append(PolicyError(lua: error, file: file))
      } catch let error as PolicyError {
        errors.append(error)
      } catch {}
    }
    return (tests, errors)
  }

  private static func read(_ value: Value, _ file: String, _ number: Int) throws(PolicyError)
    -> PolicyTest
  {
    func fault(_ problem: String, _ remedy: String) -> PolicyError {
      PolicyError(place: file, problem: "test \(number): \(problem)", remedy: remedy)
    }
    guard case .table(let table) = value, case .text(let name) = table["name"] else {
      throw fault("it has no name", "add name = \"…\"")
    }
    for entry in table.entries {
      let known = ["name", "log", "accounts", "expect"]
      let key = if case .text(let text) = entry.key { text } else { "?" }
      guard known.contains(key) else {
        throw fault("no field '\(key)'", NearMiss.remedy(key, among: known))
      }
    }
    func texts(_ field: String) throws(PolicyError) -> [String] {
      guard case .table(let list) = table[field], let items = list.sequence else {
        throw fault("\(field) is no list", "write \(field) = { \"…\" }")
      }
      return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
    return PolicyTest(
      file: file, name: name, lines: try texts("log"),
      accounts: { if case .text(let text) = table["accounts"] { text } else { nil } }(),
      expected: try texts("expect"))
  }
}
