/// A 64-bit hash as a dictionary's key, not hashed once more.
///
/// Strangers may choose the values behind it, but the hash they must collide with is wide and mixed
/// (`FieldHash`), and what collides is a count, not memory.
struct HashKey: Hashable {
  let value: UInt64

  init(_ value: UInt64) { self.value = value }

  func hash(into hasher: inout Hasher) { hasher.combine(value) }

  func _rawHashValue(seed: Int) -> Int { Int(truncatingIfNeeded: value ^ value >> 32) }
}
