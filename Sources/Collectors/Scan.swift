/// Looking for bytes in a line. Every function stays within the bounds it is given.
extension Span<UInt8> {
  @inline(__always) func has(_ text: StaticString, at index: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard index >= 0, count - index >= length else { return false }
    return unsafe withUnsafeBufferPointer { bytes in
      let start = unsafe bytes.baseAddress! + index
      let wanted = unsafe text.utf8Start
      for offset in 0..<length where unsafe start[offset] != wanted[offset] { return false }
      return true
    }
  }

  /// The first `byte` in `start..<end`.
  @inline(__always) func find(_ byte: UInt8, from start: Int, to end: Int) -> Int? {
    var index = start
    while index < end {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }

  func find(_ text: StaticString, from start: Int, to end: Int) -> Int? {
    let length = text.utf8CodeUnitCount
    let first = unsafe text.utf8Start[0]
    var index = start
    while index + length <= end {
      if self[index] == first, has(text, at: index) { return index }
      index += 1
    }
    return nil
  }

  func findLast(_ text: StaticString, from start: Int, to end: Int) -> Int? {
    let first = unsafe text.utf8Start[0]
    var index = end - text.utf8CodeUnitCount
    while index >= start {
      if self[index] == first, has(text, at: index) { return index }
      index -= 1
    }
    return nil
  }

  /// The unsigned number that begins at `index`, which moves behind it; nil without a digit or
  /// where it is too large.
  @inline(__always) func number(at index: inout Int, to end: Int) -> Int64? {
    let start = index
    var value: Int64 = 0
    while index < end, let digit = digit(self[index]) {
      if index - start >= 18 { return nil }
      value = value * 10 + Int64(digit)
      index += 1
    }
    return index > start ? value : nil
  }

  @inline(__always) func digit(_ byte: UInt8) -> UInt8? {
    let digit = byte &- 48
    return digit < 10 ? digit : nil
  }

  /// The two digits at `index` as a number, or nil.
  @inline(__always) func twoDigits(at index: Int) -> Int? {
    let tens = self[index] &- 48
    let ones = self[index + 1] &- 48
    return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : nil
  }
}

extension UInt8 {
  @inline(__always) static var space: UInt8 { 32 }
  @inline(__always) static var less: UInt8 { 60 }
  @inline(__always) static var greater: UInt8 { 62 }
  @inline(__always) static var colon: UInt8 { 58 }
  @inline(__always) static var comma: UInt8 { 44 }
  @inline(__always) static var quote: UInt8 { 34 }
  @inline(__always) static var opening: UInt8 { 91 }
  @inline(__always) static var closing: UInt8 { 93 }
}
