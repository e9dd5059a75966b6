import Actions
import Collectors
import Engine
import Events

/// What each configured source says of the last password change of an account. Changes nothing.
struct PasswordReport {
  struct Answer {
    /// Nil where the settings themselves are wrong.
    var source: String?
    var text: String
    var isFault = false
  }

  private let settings: LiveSettings
  private let now: Instant
  /// As the engine calls it: sources are asked by that name, and write it as they like.
  let account: String

  init(_ account: String, _ settings: LiveSettings, at now: Instant = MachineClock.wall) {
    (self.settings, self.now) = (settings, now)
    self.account = Engine.canonical(account)
  }

  /// - Returns: nothing where no source is configured.
  func answers() async -> [Answer] {
    var answers: [Answer] = []
    if let log = settings.path("password_changes") {
      do { answers.append(Answer(source: log, text: try lastLogged(log))) } catch {
        answers.append(Answer(source: log, text: "\(error)", isFault: true))
      }
    }
    do throws(ActionError) {
      for source in try PasswordSources(settings).sources { answers.append(await answer(source)) }
    } catch {
      answers.append(Answer(source: nil, text: "\(error)", isFault: true))
    }
    return answers
  }

  private func answer(_ source: any PasswordSource) async -> Answer {
    do throws(ActionError) {
      return Answer(source: source.name, text: try await source.finding(account, at: now))
    } catch {
      return Answer(source: source.name, text: "\(error)", isFault: true)
    }
  }

  /// The last change in the log and its rotated files.
  private func lastLogged(_ path: String) throws -> String {
    let pattern = try settings.path("passwords.pattern").map { try AccountPattern($0) }
    let tail = FileTail(
      path: path, since: .distantPast,
      clock: LogClock(zone: SourceOptions.offset(settings["zone"]), reference: now),
      form: .passwordChanges(pattern))
    var last: (time: Instant, line: Int32, file: String)?
    while tail.advance() {
      let isHis = tail.withLine { line in
        tail.event.saslLogin.text(in: line).map { Engine.canonical($0) } == account
      }
      if isHis { last = (tail.event.time, tail.event.line, tail.fileName) }
    }
    if let fault = tail.fault { throw fault }
    guard let last else {
      return "no change of it in \(tail.statistics.events) changes"
    }
    return "changed at \(last.time.rfc3339(digits: 0)) (\(last.file):\(last.line))"
  }
}
