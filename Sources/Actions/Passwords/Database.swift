import CLibraries.ODBC
import Events
import Foundation

/// A connection to a database through unixODBC. The one place that calls it; its pointers stay in it.
///
/// Every call may wait for the database: it belongs on a thread of its own.
@safe final class Database {
  struct Answer: Equatable {
    var columns: [String]
    var rows: [[String?]]
  }

  private var environment: SQLHANDLE?
  private var connection: SQLHANDLE?

  /// How long it may take to connect, and to answer a query; of seconds.
  private static let limit = 10

  /// An answer is held in memory as a whole: a longer one is refused.
  private let mostRows: Int

  /// - Parameter text: `Driver=PostgreSQL Unicode;Servername=/run/postgresql;Database=panel;Uid=sperrwerk`; what it
  ///   says is never shown, since it may hold a password.
  init(_ text: String, mostRows: Int) throws(ActionError) {
    self.mostRows = mostRows
    unsafe SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_ENV), nil, &environment)
    unsafe SQLSetEnvAttr(
      environment, SQL_ATTR_ODBC_VERSION, SQLPOINTER(bitPattern: UInt(SQL_OV_ODBC3)), 0)
    unsafe SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_DBC), environment, &connection)
    unsafe SQLSetConnectAttr(
      connection, SQL_ATTR_LOGIN_TIMEOUT, SQLPOINTER(bitPattern: UInt(Self.limit)), 0)
    // With its zero: MariaDB's driver reads up to that, whatever the length says.
    var bytes = Array(text.utf8) + [0]
    let result = unsafe SQLDriverConnect(
      connection, nil, &bytes, SQLSMALLINT(SQL_NTS), nil, 0, nil,
      SQLUSMALLINT(SQL_DRIVER_NOPROMPT))
    guard Self.isWell(result) else {
      throw ActionError(
        place: "database", problem: unsafe fault(SQL_HANDLE_DBC, connection),
        remedy: "see database.connection, and that the driver is installed ('odbcinst -q -d')")
    }
  }

  deinit {
    unsafe SQLDisconnect(connection)
    unsafe SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_DBC), connection)
    unsafe SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_ENV), environment)
  }

  /// - Parameters:
  ///   - query: with a `?` for each of `values`, which never become part of its text.
  ///   - name: of the setting that has the query.
  func ask(_ query: String, _ values: [String], name: String) throws(ActionError) -> Answer {
    var statement: SQLHANDLE?
    unsafe SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_STMT), connection, &statement)
    defer { unsafe SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), statement) }
    unsafe SQLSetStmtAttr(
      statement, SQL_ATTR_QUERY_TIMEOUT, SQLPOINTER(bitPattern: UInt(Self.limit)), 0)
    let texts = unsafe values.map { value in
      let bytes = Array(value.utf8)
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 1)
      unsafe copy.update(from: bytes, count: bytes.count)
      return unsafe UnsafeMutableBufferPointer(start: copy, count: bytes.count)
    }
    let lengths = UnsafeMutablePointer<SQLLEN>.allocate(capacity: values.count + 1)
    defer {
      for place in unsafe texts.indices { unsafe texts[place].deallocate() }
      unsafe lengths.deallocate()
    }
    for place in unsafe texts.indices {
      let text = unsafe texts[place]
      unsafe lengths[place] = text.count
      unsafe SQLBindParameter(
        statement, SQLUSMALLINT(place + 1), SQLSMALLINT(SQL_PARAM_INPUT), SQLSMALLINT(SQL_C_CHAR),
        SQLSMALLINT(SQL_VARCHAR), SQLULEN(max(1, text.count)), 0, text.baseAddress, text.count,
        lengths + place)
    }
    var bytes = Array(query.utf8) + [0]
    guard unsafe Self.isWell(SQLExecDirect(statement, &bytes, SQLINTEGER(SQL_NTS))) else {
      throw ActionError(
        place: name, problem: unsafe fault(SQL_HANDLE_STMT, statement),
        remedy: "try the query by hand; it may only read")
    }
    return try unsafe rows(statement, name)
  }

  // MARK: Reading

  private func rows(_ statement: SQLHANDLE?, _ name: String) throws(ActionError) -> Answer {
    var count: SQLSMALLINT = 0
    unsafe SQLNumResultCols(statement, &count)
    var answer = Answer(columns: [], rows: [])
    for column in 0..<count { answer.columns.append(unsafe self.name(statement, column + 1)) }
    while true {
      let result = unsafe SQLFetch(statement)
      if result == SQLRETURN(SQL_NO_DATA) { return answer }
      guard Self.isWell(result) else {
        throw ActionError(
          place: name, problem: unsafe fault(SQL_HANDLE_STMT, statement),
          remedy: "try the query by hand; it may only read")
      }
      guard answer.rows.count < mostRows else {
        throw ActionError(
          place: name, problem: "the answer has more than \(mostRows) rows",
          remedy: "let the query give fewer, such as those of this host alone (WHERE)")
      }
      answer.rows.append((0..<count).map { unsafe text(statement, $0 + 1) })
    }
  }

  private func name(_ statement: SQLHANDLE?, _ column: SQLSMALLINT) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    var length: SQLSMALLINT = 0
    unsafe SQLDescribeCol(
      statement, SQLUSMALLINT(column), &bytes, SQLSMALLINT(bytes.count), &length, nil, nil, nil,
      nil)
    return String(decoding: bytes.prefix(Int(length)), as: UTF8.self)
  }

  /// A cell as text, of at most 64 KiB; nil where it is NULL.
  private func text(_ statement: SQLHANDLE?, _ column: SQLSMALLINT) -> String? {
    var found: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while found.count < 65_536 {
      var length: SQLLEN = 0
      let result = unsafe SQLGetData(
        statement, SQLUSMALLINT(column), SQLSMALLINT(SQL_C_CHAR), &bytes, bytes.count, &length)
      guard Self.isWell(result), length != SQLLEN(SQL_NULL_DATA) else { break }
      // A longer one comes in pieces, each with a zero behind it.
      let isPiece = length == SQLLEN(SQL_NO_TOTAL) || length >= bytes.count
      found += bytes.prefix(isPiece ? bytes.count - 1 : Int(length))
      if !isPiece { return String(decoding: found, as: UTF8.self) }
    }
    return found.isEmpty ? nil : String(decoding: found, as: UTF8.self)
  }

  private static func isWell(_ result: SQLRETURN) -> Bool {
    result == SQLRETURN(SQL_SUCCESS) || result == SQLRETURN(SQL_SUCCESS_WITH_INFO)
  }

  /// What the driver says, on one line.
  private func fault(_ kind: Int32, _ handle: SQLHANDLE?) -> String {
    var state = [UInt8](repeating: 0, count: 6)
    var bytes = [UInt8](repeating: 0, count: 512)
    var (native, length) = (SQLINTEGER(0), SQLSMALLINT(0))
    guard
      unsafe Self.isWell(
        SQLGetDiagRec(
          SQLSMALLINT(kind), handle, 1, &state, &native, &bytes, SQLSMALLINT(bytes.count), &length))
    else { return "does not answer" }
    let text = String(decoding: bytes.prefix(min(Int(length), bytes.count - 1)), as: UTF8.self)
    return String(text.map { $0.isNewline ? " " : $0 }.prefix(300))
  }
}
