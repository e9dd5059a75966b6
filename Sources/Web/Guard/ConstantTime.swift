/// Compares secrets without telling by its time where they differ.
package enum ConstantTime {
  package static func equal(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    var difference = one.count ^ other.count
    for (index, byte) in one.enumerated() {
      difference |= Int(byte ^ (other.isEmpty ? 0 : other[index % other.count]))
    }
    return difference == 0
  }
}
