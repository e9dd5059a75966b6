import Actions
import Events

/// What tells that a suspended account has a new password answers; `doctor --account` and
/// `passwords` show what it says of one.
struct PasswordExamination: Examination {
  static let area = Finding.Area.passwords
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    let sources: [any PasswordSource]
    do { sources = try PasswordSources(settings).sources } catch {
      return [finding(false, "the sources of password changes", "\(error)")]
    }
    guard !sources.isEmpty || settings.path("password_changes") != nil else {
      return [
        note(
          "no source tells of password changes: only staff can restore",
          "set password_changes, or one of passwords.*")
      ]
    }
    var findings: [Finding] = []
    for source in sources {
      // Nobody's: an account that is not there is no fault.
      let fault = await fault(source, "nobody@doctor.example")
      findings.append(finding(fault == nil, "\(source.name) answers", fault ?? ""))
    }
    return findings
  }

  /// What each source says of one account.
  func findings(of account: String) async -> [Finding] {
    let report = PasswordReport(account, settings)
    return await report.answers().map { answer in
      guard let source = answer.source, !answer.isFault else {
        let whose = answer.source.map { "\($0) tells" } ?? "the settings say who tells"
        return finding(false, "\(whose) of \(report.account)'s password", answer.text)
      }
      return note("the password of \(report.account): \(source): \(answer.text)")
    }
  }

  private func fault(_ source: any PasswordSource, _ account: String) async -> String? {
    do throws(ActionError) {
      _ = try await source.finding(account, at: MachineClock.wall)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
