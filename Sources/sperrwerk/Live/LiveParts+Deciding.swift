import ArgumentParser
import Engine
import Events
import Policy
import Store

/// What the service begins to decide with.
extension LiveParts {
  /// As the settings name it. Where that is not well, as the last run had it, all of it: a slip in a file must not
  /// leave everybody unguarded after a restart.
  static func decidingOrKept(_ settings: LiveSettings) throws -> Deciding {
    let fault: String
    do {
      let deciding = try Deciding(settings)
      guard settings.flag("notices.send"),
        let error = NoticeSet(directory: deciding.noticeFolder(settings)).errors.first
      else { return deciding }
      fault = "\(error)"
    } catch {
      fault = "\(error)"
    }
    guard let kept = kept(settings) else {
      Output.complain(fault)
      throw ExitCode(65)
    }
    Alerts.raise(
      "policies, lists, tables and templates stay as the last run had them, until they are well again and "
        + "'sperrwerk reload' is said: \(fault)")
    return kept
  }

  /// Nil before the first run.
  private static func kept(_ settings: LiveSettings) -> Deciding? {
    guard let state = try? StateFolder(settings.stateFolder),
      let number = state.numbers(of: "policies").last
    else { return nil }
    return try? Deciding(kept: state.policiesPath(number))
  }
}
