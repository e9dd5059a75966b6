/// The languages that the contact form speaks.
package enum Language: String, CaseIterable, Sendable {
  case english = "en"
  case german = "de"

  /// - Parameters:
  ///   - chosen: what the page's link says; it comes first.
  ///   - accepted: the header `Accept-Language`. Source: RFC 9110, 12.5.4.
  package init(chosen: String?, accepted: String?) {
    if let language = chosen.flatMap({ Language(rawValue: $0) }) {
      self = language
      return
    }
    var best: (language: Language, weight: Double) = (.english, 0)
    for range in (accepted ?? "").prefix(500).split(separator: ",") {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
      guard let tag = parts.first?.lowercased().split(separator: "-").first,
        let language = Language(rawValue: String(tag))
      else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
        .map { Double($0.dropFirst(2)) ?? 0 }
      if weight ?? 1 > best.weight { best = (language, weight ?? 1) }
    }
    self = best.language
  }

  package var other: Language { self == .german ? .english : .german }
}
