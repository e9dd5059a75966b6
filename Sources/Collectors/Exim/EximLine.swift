import Events

/// Exim's main and reject log, behind the time stamp.
enum EximLine {
  static func message(_ line: Span<UInt8>, _ stamp: Int) -> Int { stamp + 20 }
  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool { false }
}
