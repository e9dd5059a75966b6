/// A table of comma-separated values with a header line (RFC 4180), columns found by name.
package struct CSVTable {
  package struct Row {
    /// 1-based, of the line the row begins on.
    package let line: Int
    fileprivate let cells: [String]
    fileprivate let columns: [String: Int]

    /// Nil where the column is missing or the cell is empty.
    package subscript(column: String) -> String? {
      guard let place = columns[column], place < cells.count, !cells[place].isEmpty else {
        return nil
      }
      return cells[place]
    }
  }

  package private(set) var rows: [Row] = []
  package private(set) var columns: [String: Int] = [:]
  /// Lines that have another number of cells than the header.
  package private(set) var uneven: [Int] = []
  /// The line on which a quotation mark was opened that nothing closes.
  package private(set) var openQuote: Int? = nil

  package init(_ bytes: [UInt8]) {
    var header: [String]? = nil
    var scanner = Scanner(bytes: bytes)
    while let (line, cells) = scanner.next() {
      if cells.count == 1, cells[0].isEmpty { continue }
      guard let names = header else {
        header = cells
        for (place, name) in cells.enumerated() where columns[name] == nil {
          columns[name] = place
        }
        continue
      }
      if cells.count != names.count { uneven.append(line) }
      rows.append(Row(line: line, cells: cells, columns: columns))
    }
    openQuote = scanner.openQuote
  }

  private struct Scanner {
    let bytes: [UInt8]
    var at = 0
    var line = 1
    var openQuote: Int? = nil

    init(bytes: [UInt8]) {
      self.bytes = bytes
      if bytes.starts(with: [0xef, 0xbb, 0xbf]) { at = 3 }
    }

    mutating func next() -> (line: Int, cells: [String])? {
      guard at < bytes.count else { return nil }
      let start = line
      var cells: [String] = []
      var cell: [UInt8] = []
      var isQuoted = false
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        if isQuoted {
          if byte != UInt8(ascii: "\"") {
            cell.append(byte)
          } else if at < bytes.count, bytes[at] == byte {
            cell.append(byte)
            at += 1
          } else {
            isQuoted = false
          }
          continue
        }
        switch byte {
        case UInt8(ascii: "\"") where cell.isEmpty: isQuoted = true
        case UInt8(ascii: ","): cells.append(take(&cell))
        case UInt8(ascii: "\r"): continue
        case UInt8(ascii: "\n"):
          cells.append(take(&cell))
          return (start, cells)
        default: cell.append(byte)
        }
      }
      if isQuoted { openQuote = start }
      cells.append(take(&cell))
      return (start, cells)
    }

    private func take(_ cell: inout [UInt8]) -> String {
      defer { cell.removeAll() }
      let text = String(decoding: cell, as: UTF8.self)
      let trimmed = text.drop { $0 == " " }
      return String(
        trimmed[
          ..<(trimmed.lastIndex { $0 != " " }.map(trimmed.index(after:)) ?? trimmed.startIndex)])
    }
  }
}
