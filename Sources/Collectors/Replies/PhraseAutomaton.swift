/// Finds many phrases in one pass over a text. Source: Aho and Corasick, 1975.
struct PhraseAutomaton: Sendable {
  private static let symbols = 64
  /// Byte to symbol; all bytes that stand in no phrase are one symbol.
  private var symbolOf = [UInt8](repeating: 0, count: 256)
  private var symbolCount = 1
  private var next: [UInt16] = []
  /// The phrases that end in a state: a range of `ends`.
  private var endsFrom: [UInt32] = []
  private var ends: [UInt16] = []

  init(_ phrases: [String]) {
    for byte in phrases.joined().utf8 where symbolOf[Int(byte)] == 0 {
      if symbolCount < Self.symbols {
        symbolOf[Int(byte)] = UInt8(symbolCount)
        symbolCount += 1
      }
    }
    var own: [[UInt16]] = [[]]
    next = Array(repeating: 0, count: Self.symbols)
    for (number, phrase) in phrases.enumerated() {
      var state = 0
      for byte in phrase.utf8 {
        let place = state * Self.symbols + Int(symbolOf[Int(byte)])
        if next[place] == 0 {
          next[place] = UInt16(own.count)
          next.append(contentsOf: repeatElement(0, count: Self.symbols))
          own.append([])
        }
        state = Int(next[place])
      }
      own[state].append(UInt16(number))
    }
    link(&own)
    // Capitals are the small letters' symbols; the lowest bit of a step says that a phrase ends there.
    for letter in 0..<26 { symbolOf[65 + letter] = symbolOf[97 + letter] }
    for place in next.indices {
      next[place] = next[place] << 1 | (own[Int(next[place])].isEmpty ? 0 : 1)
    }
    for list in own {
      endsFrom.append(UInt32(ends.count))
      ends.append(contentsOf: list)
    }
    endsFrom.append(UInt32(ends.count))
  }

  /// Turns the trie into an automaton, breadth first.
  private mutating func link(_ own: inout [[UInt16]]) {
    var failure = [Int](repeating: 0, count: own.count)
    var queue: [Int] = []
    for symbol in 0..<Self.symbols where next[symbol] != 0 { queue.append(Int(next[symbol])) }
    var at = 0
    while at < queue.count {
      let state = queue[at]
      at += 1
      own[state].append(contentsOf: own[failure[state]])
      for symbol in 0..<Self.symbols {
        let place = state * Self.symbols + symbol
        let fallback = next[failure[state] * Self.symbols + symbol]
        if next[place] == 0 {
          next[place] = fallback
        } else {
          failure[Int(next[place])] = Int(fallback)
          queue.append(Int(next[place]))
        }
      }
    }
  }

  /// One step from a state by a byte; letters' case does not matter. An odd result ends a phrase.
  @inline(__always) func step(_ state: Int, _ byte: UInt8) -> Int {
    Int(next[(state >> 1) * Self.symbols + Int(symbolOf[Int(byte)])])
  }

  @inline(__always) func ended(_ state: Int, _ found: (Int) -> Void) {
    var index = Int(endsFrom[state >> 1])
    let end = Int(endsFrom[(state >> 1) + 1])
    while index < end {
      found(Int(ends[index]))
      index += 1
    }
  }
}
