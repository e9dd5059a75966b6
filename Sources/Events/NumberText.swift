/// Numbers as people read them.
package enum NumberText {
  /// 1,639,713.
  package static func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// `1 message`, `1,639,713 messages`.
  /// - Parameter many: where the plural takes no s.
  package static func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
  }

  /// `3.4 %`, in tenths.
  package static func percent(_ share: Double) -> String {
    percent(tenths: Int((share * 1000).rounded()))
  }

  /// The same; of nothing it is `0.0 %`.
  package static func percent(_ part: Int, of whole: Int) -> String {
    percent(tenths: whole == 0 ? 0 : (part * 1000 + whole / 2) / whole)
  }

  private static func percent(tenths: Int) -> String { "\(tenths / 10).\(tenths % 10) %" }
}
