package import Events
import Foundation

/// A text that somebody else wrote, made fit to be seen: nothing in it hides, turns the line round or fills
/// the page. (That none of it is markup is the templates' matter.)
package enum Shown {
  /// - Parameter limit: characters at the most; what follows is an ellipsis.
  package static func text(_ text: String, limit: Int = 300) -> String {
    var shown = ""
    var count = 0
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
      if count == limit { return shown + "…" }
      if isPlain(scalar) {
        shown.unicodeScalars.append(scalar)
        count += 1
      } else {
        // As `{202E}`: a reader sees that something is there, and what.
        shown += "{\(String(scalar.value, radix: 16, uppercase: true))}"
        count += 1
      }
    }
    return shown
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    // Controls; format characters, among them those that turn the direction; what is no character at all.
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    // Marks that pile up on one letter run over the lines above.
    case .nonspacingMark, .enclosingMark: false
    default: true
    }
  }
}

extension Shown {
  /// `12 s ago`, in the largest unit that gives two digits at the most.
  package static func age(_ span: TimeSpan) -> String {
    let seconds = max(0, span.seconds)
    return switch seconds {
    case ..<100: "\(seconds) s ago"
    case ..<6000: "\(seconds / 60) min ago"
    case ..<172_800: "\(seconds / 3600) h ago"
    default: "\(seconds / 86_400) days ago"
    }
  }

  /// `1.2 MB`, in thousands.
  package static func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1000: "\(bytes) B"
    case ..<1_000_000: "\(bytes / 1000) kB"
    default: "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
    }
  }
}
