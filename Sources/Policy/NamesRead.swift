import Lua

/// Checks the names that handlers read of what they are given, before one of them is called: a slip in a branch that
/// is seldom taken would else be found on the day when it is needed. What it is not sure of it lets pass.
struct NamesRead {
  /// What is wrong with a name of a view; nil where it can be read.
  typealias Check = (_ view: PolicyRuntime.Readable, _ name: String) -> (
    problem: String, remedy: String
  )?

  let file: String
  private let tokens: [LuaTokens.Token]

  init(file: String, source: [UInt8]) {
    self.file = file
    tokens = LuaTokens(source).all
  }

  func fault(_ handlers: [LoadedPolicy.Handler], _ check: Check) -> PolicyError? {
    if !declared(in: tokens[...]).contains("sperrwerk"),
      let fault = fault(in: tokens[...], ["sperrwerk": [.constructors]], check)
    {
      return fault
    }
    // A function may be the handler of several events.
    let byLine = Dictionary(grouping: handlers, by: \.function.line)
    for (line, handlers) in byLine.sorted(by: { $0.key < $1.key }) {
      guard let (parameters, body) = function(at: line) else { continue }
      let first: [PolicyRuntime.Readable] = handlers.map { $0.event == nil ? .caseView : .event }
      var named = Dictionary(
        zip(parameters, [first, [.recent], [.settings]]), uniquingKeysWith: { first, _ in first })
      for name in declared(in: body) { named[name] = nil }
      if let fault = fault(in: body, named, check) { return fault }
    }
    return nil
  }

  /// - Parameter views: what a name may stand for.
  private func fault(
    in part: ArraySlice<LuaTokens.Token>, _ views: [String: [PolicyRuntime.Readable]],
    _ check: Check
  ) -> PolicyError? {
    for index in part.indices.dropLast(2) {
      guard let views = views[part[index].text], part[index + 1].text == ".",
        part[index + 2].isName, index == 0 || ![".", ":"].contains(tokens[index - 1].text)
      else { continue }
      if let fault = fault(part[index + 2], of: views, check) { return fault }
      let next = part[(index + 3)...].prefix(2)
      if part[index + 2].text == "since_hold", views.contains(.caseView),
        next.first?.text == ".", let name = next.last, name.isName,
        let fault = fault(name, of: [.sinceHold], check)
      {
        return fault
      }
    }
    return nil
  }

  private func fault(
    _ name: LuaTokens.Token, of views: [PolicyRuntime.Readable], _ check: Check
  ) -> PolicyError? {
    let problems = views.map { check($0, name.text) }
    guard problems.allSatisfy({ $0 != nil }), let problem = problems.first ?? nil,
      views != [.recent] || !isGiven(name.text)
    else { return nil }
    return PolicyError(
      place: "\(file):\(name.line)", problem: problem.problem, remedy: problem.remedy)
  }

  /// Whether `NAME = …` stands anywhere: a window may be declared by some settings only.
  private func isGiven(_ name: String) -> Bool {
    tokens.indices.dropLast().contains { tokens[$0].text == name && tokens[$0 + 1].text == "=" }
  }

  /// The parameters and the body of the function that begins on a line; nil where it is not plain which is meant.
  private func function(at line: Int)
    -> (parameters: [String], body: ArraySlice<LuaTokens.Token>)?
  {
    let starts = tokens.indices.filter { tokens[$0].text == "function" && tokens[$0].line == line }
    let named = starts.filter { $0 >= 2 && tokens[$0 - 2].text == "decide" }
    let meant = named.isEmpty ? starts : named
    guard meant.count == 1, let start = meant.first,
      let opening = tokens[start...].firstIndex(where: { $0.text == "(" }),
      let closing = tokens[opening...].firstIndex(where: { $0.text == ")" })
    else { return nil }
    var depth = 1
    var end = closing + 1
    while end < tokens.count, depth > 0 {
      switch tokens[end].text {
      case "function", "if", "do", "repeat": depth += 1
      case "end", "until": depth -= 1
      default: break
      }
      end += 1
    }
    return (tokens[opening...closing].filter(\.isName).map(\.text), tokens[(closing + 1)..<end])
  }

  /// Names that stand for something else there: of `local`, `for`, parameters, and what is given a value.
  private func declared(in part: ArraySlice<LuaTokens.Token>) -> Set<String> {
    var names: Set<String> = []
    for index in part.indices {
      switch part[index].text {
      case "local", "for":
        // `<const>` and `<close>` are of the names.
        let list = part[(index + 1)...].prefix { $0.isName || [",", "<", ">"].contains($0.text) }
        names.formUnion(list.filter(\.isName).map(\.text))
      case "function":
        names.formUnion(part[(index + 1)...].prefix { $0.text != ")" }.filter(\.isName).map(\.text))
      case "=":
        var place = index - 1
        while place >= part.startIndex, part[place].isName {
          names.insert(part[place].text)
          guard place - 1 > part.startIndex, part[place - 1].text == "," else { break }
          place -= 2
        }
      default: break
      }
    }
    return names
  }
}
