import Events

extension LiveSettings {
  /// When what the service lives on is an alert.
  var freshness: Freshness.Limits {
    var limits = Freshness.Limits()
    limits.silence = span("freshness.silence")
    limits.unreadable = number("freshness.unreadable")
    limits.unattributed = number("freshness.unattributed")
    for item in list("freshness.logs") {
      guard let (name, span) = Self.limit(item) else { continue }
      limits.silenceOf[name] = span
    }
    return limits
  }

  /// Nil where all is well.
  var freshnessFault: String? {
    list("freshness.logs").first { Self.limit($0) == nil }.map {
      "freshness.logs: '\($0)' is no limit of a log; write it as /var/log/dovecot.log=12h"
    }
  }

  /// `/var/log/dovecot.log=12h`.
  private static func limit(_ item: String) -> (String, TimeSpan)? {
    guard let equals = item.lastIndex(of: "="),
      let span = TimeSpan(String(item[item.index(after: equals)...]))
    else { return nil }
    return (String(item[..<equals]), span)
  }
}
