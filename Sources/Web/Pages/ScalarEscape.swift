import Events
import Mustache

/// Escapes what templates show; the library's own escaping goes by characters (see `HTMLText`).
package struct ScalarEscape: MustacheContentType {
  package static let name = "SCALARS"

  package init() {}

  package func escapeText(_ text: String) -> String { HTMLText.escaped(text) }
}
