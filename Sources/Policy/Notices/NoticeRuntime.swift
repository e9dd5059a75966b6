import Events
import Lua

/// The notices' own Lua state and what their templates read: apart from the policies', whose loop must not wait.
final class NoticeRuntime: FieldReader {
  private enum View { static let oneCase = 0, digest = 1 }

  private var state: State?
  private var caseView: Int32 = -1
  private var digestView: Int32 = -1
  private var current: NoticeCase?
  private var digest: NoticeDigest?

  init() {
    state = State(reader: self)
    caseView = state?.makeView(View.oneCase, fields: NoticeField.allCases.map(\.rawValue)) ?? -1
    digestView = state?.makeView(View.digest, fields: DigestField.allCases.map(\.rawValue)) ?? -1
  }

  func load(_ source: [UInt8], name: String) throws(LuaError) -> Value {
    try state?.load(source, name: name) ?? .none
  }

  func call(_ function: Function, _ about: NoticeCase, file: String) throws(LuaError) -> Value {
    current = about
    defer { current = nil }
    return try state?.call(function, [caseView], chunk: file) ?? .none
  }

  func call(_ function: Function, _ about: NoticeDigest, file: String) throws(LuaError) -> Value {
    digest = about
    defer { digest = nil }
    return try state?.call(function, [digestView], chunk: file) ?? .none
  }

  func read(view: Int, field: Int) -> Scalar {
    let value =
      view == View.digest
      ? digest?.value(of: DigestField.allCases[field])
      : current?.value(of: NoticeField.allCases[field])
    switch value {
    case .number(let number): return .number(number)
    case .flag(let flag): return .flag(flag)
    case .text(let text): return .text(text)
    case .some(.none), nil: return .none
    }
  }

  func unknown(view: Int, name: String) -> String {
    switch view {
    case View.oneCase:
      "case has no field '\(name)'; "
        + NearMiss.remedy(name, among: NoticeField.allCases.map(\.rawValue))
    case View.digest:
      "digest has no field '\(name)'; "
        + NearMiss.remedy(name, among: DigestField.allCases.map(\.rawValue))
    default:
      "no global '\(name)' in a notice; "
        + NearMiss.remedy(name, among: PolicyRuntime.globals.filter { $0 != "sperrwerk" })
    }
  }
}
