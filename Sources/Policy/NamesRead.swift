import Lua

/// Checks the names that handlers read, before one of them is called: a slip in a branch that is seldom taken would
/// else be found on the day when it is needed.
struct NamesRead {
  /// What is read, and the problem with a name in it; nil where there is none.
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
    let own = tokens.contains { $0.text == "sperrwerk" } ? declared(in: tokens[...]) : []
    if !own.contains("sperrwerk"),
      let fault = fault(in: tokens[...], ["sperrwerk": .constructors], check)
    {
      return fault
    }
    for handler in handlers {
      guard let (parameters, body) = function(at: handler.function.line) else { continue }
      let views =
        [handler.event == nil ? .caseView : .event, .recent, .settings]
        as [PolicyRuntime.Readable]
      var named = Dictionary(zip(parameters, views), uniquingKeysWith: { first, _ in first })
      // A name that the body gives to something else is not looked at.
      for name in declared(in: body) { named[name] = nil }
      if let fault = fault(in: body, named, check) { return fault }
    }
    return nil
  }

  private func fault(
    in part: ArraySlice<LuaTokens.Token>, _ views: [Substring: PolicyRuntime.Readable],
    _ check: Check
  ) -> PolicyError? {
    for index in part.indices.dropLast(2) {
      guard let view = views[part[index].text], part[index + 1].text == ".",
        part[index + 2].isName, index == 0 || ![".", ":"].contains(tokens[index - 1].text),
        let (problem, remedy) = check(view, String(part[index + 2].text))
      else { continue }
      return PolicyError(
        place: "\(file):\(part[index + 2].line)", problem: problem, remedy: remedy)
    }
    return nil
  }

  /// The parameters and the body of the function that begins on a line; nil where several do and none is `decide`.
  private func function(at line: Int)
    -> (parameters: [Substring], body: ArraySlice<LuaTokens.Token>)?
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

  /// Names of `local`, of `for`, and of parameters.
  private func declared(in part: ArraySlice<LuaTokens.Token>) -> Set<Substring> {
    var names: Set<Substring> = []
    for index in part.indices {
      switch part[index].text {
      case "local", "for":
        names.formUnion(
          part[(index + 1)...].prefix { $0.isName || $0.text == "," }.filter(\.isName).map(\.text))
      case "function":
        names.formUnion(part[(index + 1)...].prefix { $0.text != ")" }.filter(\.isName).map(\.text))
      default: break
      }
    }
    return names
  }
}
