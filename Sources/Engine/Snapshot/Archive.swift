import Events

/// Goes through a state's values in one order, writing them or reading them: each part says once what it keeps.
struct Archive {
  private(set) var writer = SnapshotWriter()
  private var reader: SnapshotReader?

  /// To write.
  init() {}

  /// To read.
  init(_ bytes: [UInt8]) { reader = SnapshotReader(bytes) }

  var isReading: Bool { reader != nil }
  /// Whether all has been read.
  var isAtEnd: Bool { reader?.isAtEnd ?? true }
  var bytes: [UInt8] { writer.bytes }

  // MARK: Values

  mutating func keep<Number: FixedWidthInteger>(_ number: inout Number) throws(SnapshotError) {
    if reader != nil {
      if Number.isSigned {
        number = Number(truncatingIfNeeded: try reader!.integer())
      } else {
        number = Number(truncatingIfNeeded: try reader!.bits())
      }
    } else if Number.isSigned {
      writer.append(Int64(truncatingIfNeeded: number))
    } else {
      writer.append(bits: UInt64(truncatingIfNeeded: number))
    }
  }

  mutating func keep(_ flag: inout Bool) throws(SnapshotError) {
    if reader != nil { flag = try reader!.flag() } else { writer.append(flag) }
  }

  mutating func keep(_ number: inout Double) throws(SnapshotError) {
    if reader != nil { number = try reader!.double() } else { writer.append(number) }
  }

  mutating func keep(_ number: inout Float) throws(SnapshotError) {
    var bits = number.bitPattern
    try keep(&bits)
    number = Float(bitPattern: bits)
  }

  mutating func keep(_ text: inout String) throws(SnapshotError) {
    if reader != nil { text = try reader!.text() } else { writer.append(text) }
  }

  mutating func keep(_ bytes: inout [UInt8]) throws(SnapshotError) {
    if reader != nil { bytes = try reader!.plainBytes() } else { writer.append(plain: bytes) }
  }

  mutating func keep(_ time: inout Instant) throws(SnapshotError) {
    try keep(&time.microseconds)
  }

  mutating func keep(_ span: inout TimeSpan) throws(SnapshotError) {
    try keep(&span.microseconds)
  }

  /// A word by its raw value; one that this version does not know is another version's.
  mutating func keep<Word: RawRepresentable>(_ word: inout Word) throws(SnapshotError)
  where Word.RawValue: FixedWidthInteger {
    var raw = word.rawValue
    try keep(&raw)
    word = try known(Word(rawValue: raw))
  }

  mutating func keep<Word: RawRepresentable>(_ word: inout Word) throws(SnapshotError)
  where Word.RawValue == String {
    var raw = word.rawValue
    try keep(&raw)
    word = try known(Word(rawValue: raw))
  }

  private func known<Value>(_ value: Value?) throws(SnapshotError) -> Value {
    guard let value else { throw SnapshotError(offset: reader?.offset ?? 0) }
    return value
  }

  // MARK: Several

  /// How many follow; when reading, no more than there are bytes left.
  mutating func keep(count: Int) throws(SnapshotError) -> Int {
    if reader != nil { return try reader!.count() }
    writer.append(count: count)
    return count
  }

  mutating func keep<Value>(
    _ value: inout Value?, or blank: @autoclosure () -> Value,
    _ body: (inout Value, inout Archive) throws(SnapshotError) -> Void
  ) throws(SnapshotError) {
    var isThere = value != nil
    try keep(&isThere)
    guard isThere else {
      value = nil
      return
    }
    var some = value ?? blank()
    try body(&some, &self)
    value = some
  }

  mutating func keep<Element>(
    _ list: inout [Element], or blank: @autoclosure () -> Element,
    _ body: (inout Element, inout Archive) throws(SnapshotError) -> Void
  ) throws(SnapshotError) {
    let count = try keep(count: list.count)
    if isReading {
      list = []
      list.reserveCapacity(count)
      for _ in 0..<count {
        var element = blank()
        try body(&element, &self)
        list.append(element)
      }
    } else {
      for index in list.indices { try body(&list[index], &self) }
    }
  }

  /// In the order of the keys, so that the same state gives the same bytes.
  mutating func keep<Key: Comparable & Hashable, Value>(
    _ table: inout [Key: Value], or blank: (Key, Value),
    _ body: (inout Key, inout Value, inout Archive) throws(SnapshotError) -> Void
  ) throws(SnapshotError) {
    var pairs = isReading ? [] : table.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    try keep(&pairs, or: blank) { (pair, archive) throws(SnapshotError) in
      try body(&pair.0, &pair.1, &archive)
    }
    if isReading { table = Dictionary(pairs, uniquingKeysWith: { $1 }) }
  }
}

// MARK: What parts share

extension Archive {
  mutating func keep(_ address: inout NetworkAddress) throws(SnapshotError) {
    var (high, low) = (address.high, address.low)
    try keep(&high)
    try keep(&low)
    address = NetworkAddress(high: high, low: low)
  }

  mutating func keep(_ address: inout NetworkAddress?) throws(SnapshotError) {
    try keep(&address, or: NetworkAddress(v4: 0)) {
      (address, archive) throws(SnapshotError) in try archive.keep(&address)
    }
  }

  mutating func keep(_ time: inout Instant?) throws(SnapshotError) {
    try keep(&time, or: .distantPast) {
      (time, archive) throws(SnapshotError) in try archive.keep(&time)
    }
  }

  mutating func keep(_ text: inout String?) throws(SnapshotError) {
    try keep(&text, or: "") { (text, archive) throws(SnapshotError) in try archive.keep(&text) }
  }

  mutating func keep<Number: FixedWidthInteger>(_ number: inout Number?) throws(SnapshotError) {
    try keep(&number, or: 0) {
      (number, archive) throws(SnapshotError) in try archive.keep(&number)
    }
  }

  mutating func keep<Number: FixedWidthInteger>(_ list: inout [Number]) throws(SnapshotError) {
    try keep(&list, or: 0) { (number, archive) throws(SnapshotError) in try archive.keep(&number) }
  }

  mutating func keep(_ list: inout [String]) throws(SnapshotError) {
    try keep(&list, or: "") { (text, archive) throws(SnapshotError) in try archive.keep(&text) }
  }

  mutating func keep(_ addresses: inout Set<NetworkAddress>) throws(SnapshotError) {
    var list = addresses.sorted { ($0.high, $0.low) < ($1.high, $1.low) }
    try keep(&list, or: NetworkAddress(v4: 0)) {
      (address, archive) throws(SnapshotError) in try archive.keep(&address)
    }
    addresses = Set(list)
  }

  mutating func keep(_ texts: inout Set<String>) throws(SnapshotError) {
    var list = texts.sorted()
    try keep(&list)
    texts = Set(list)
  }

  mutating func keep(_ times: inout [String: Instant]) throws(SnapshotError) {
    try keep(&times, or: ("", .distantPast)) {
      (key, time, archive) throws(SnapshotError) in
      try archive.keep(&key)
      try archive.keep(&time)
    }
  }

  mutating func keep(_ texts: inout [String: String]) throws(SnapshotError) {
    try keep(&texts, or: ("", "")) {
      (key, text, archive) throws(SnapshotError) in
      try archive.keep(&key)
      try archive.keep(&text)
    }
  }

  /// Only to write: a line, without a copy of it on the way.
  mutating func append(_ line: Span<UInt8>) { writer.append(line) }

  /// A part that already has its own pair of functions.
  mutating func keep(
    write: (inout SnapshotWriter) -> Void,
    read: (inout SnapshotReader) throws(SnapshotError) -> Void
  ) throws(SnapshotError) {
    if reader != nil { try read(&reader!) } else { write(&writer) }
  }
}

extension HashKey: Comparable {
  static func < (a: HashKey, b: HashKey) -> Bool { a.value < b.value }
}

extension Archive {
  mutating func keep(_ key: inout HashKey) throws(SnapshotError) {
    var value = key.value
    try keep(&value)
    key = HashKey(value)
  }
}
