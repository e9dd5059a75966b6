internal import CLuaHost

/// A Lua value as Swift sees it.
package indirect enum Value: Equatable, Sendable {
  case none
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case table(Table)
  case function(Function)

  /// What Lua's `type` says of it.
  package var typeName: String {
    switch self {
    case .none: "nil"
    case .flag: "boolean"
    case .integer, .number: "number"
    case .text: "string"
    case .table: "table"
    case .function: "function"
    }
  }

  /// An integer or a number, as a number.
  package var asNumber: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}

/// A table's fields in order: numbers, texts by their bytes, booleans.
package struct Table: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var key, value: Value
  }

  package var entries: [Entry]

  package init(entries: [Entry] = []) { self.entries = entries }

  package subscript(name: String) -> Value {
    entries.first { $0.key == .text(name) }?.value ?? .none
  }

  /// The values at 1, 2, …; nil where the table has other keys too.
  package var sequence: [Value]? {
    for (place, entry) in entries.enumerated() where entry.key != .integer(Int64(place + 1)) {
      return nil
    }
    return entries.map(\.value)
  }
}

/// A function kept in the state that loaded it.
package struct Function: Equatable, Sendable {
  let reference: Int32
  /// The line that its definition begins on.
  package let line: Int
}

/// A value that a view gives to Lua.
package enum Scalar: Equatable, Sendable {
  case none
  case flag(Bool)
  case number(Double)
  case text(String)
  /// A value made before by `State.keep`.
  case kept(Int32)
  /// The field may not be read here: a message.
  case refused(String)
}

/// What a script did wrong, with the place where the message names one.
package struct LuaError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `FILE:LINE: text`, or the text alone.
  package let description: String
  /// Behind `FILE:LINE: `.
  package let text: String
  package let line: Int?

  init(_ message: String, chunk: String) {
    // The C side knows no file's name.
    let prefix = "\(SW_CHUNK):"
    guard message.hasPrefix(prefix) else {
      (text, line) = (message, nil)
      description = "\(chunk): \(message)"
      return
    }
    let rest = message.dropFirst(prefix.count)
    let digits = rest.prefix(while: \.isNumber)
    guard let number = Int(digits), rest.dropFirst(digits.count).hasPrefix(": ") else {
      (text, line) = (message, nil)
      description = "\(chunk): \(message)"
      return
    }
    line = number
    text = String(rest.dropFirst(digits.count + 2))
    description = "\(chunk):\(number): \(text)"
  }
}

/// What a script may use up; the same on every machine.
package struct Limits: Sendable {
  package var instructions: Int64
  /// Bytes allocated in all.
  package var bytes: Int64
  /// Bytes held at one time.
  package var memory: Int64

  package init(instructions: Int64, bytes: Int64, memory: Int64) {
    (self.instructions, self.bytes, self.memory) = (instructions, bytes, memory)
  }

  package static let load = Limits(
    instructions: 5_000_000, bytes: 32 << 20, memory: 8 << 20)
  package static let call = Limits(instructions: 200_000, bytes: 4 << 20, memory: 2 << 20)
}

/// Answers what scripts ask of events, windows, cases and settings.
package protocol FieldReader: AnyObject {
  func read(view: Int, field: Int) -> Scalar
  /// The message for a name that the view does not have; -1 is a global, -2 a field of `sperrwerk`.
  func unknown(view: Int, name: String) -> String
}
