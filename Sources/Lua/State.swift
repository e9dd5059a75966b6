import CLua
import CLuaHost

/// An embedded Lua 5.4 in a sandbox. All of its pointers stay in this file.
@safe package struct State: ~Copyable {
  private let raw: OpaquePointer
  private let bridge: Bridge

  /// What the C side calls back; its address is the state's context.
  private final class Bridge {
    unowned let reader: any FieldReader
    init(_ reader: any FieldReader) { self.reader = reader }
  }

  /// - Parameter reader: kept by the caller for as long as the state lives.
  package init?(reader: any FieldReader) {
    let bridge = Bridge(reader)
    let context = unsafe Unmanaged.passUnretained(bridge).toOpaque()
    guard let raw = unsafe sw_open(context, Self.readField, Self.unknownName) else { return nil }
    unsafe self.raw = raw
    self.bridge = bridge
  }

  deinit { unsafe sw_close(raw) }

  // MARK: Loading and calling

  /// Runs a chunk of text and gives what it returns.
  /// - Parameter name: the file, as errors name it.
  package func load(_ source: [UInt8], name: String, limits: Limits = .load) throws(LuaError)
    -> Value
  {
    let status = unsafe source.withUnsafeBytes { bytes in
      var limits = limits.c
      return unsafe sw_load(
        raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &limits)
    }
    return try finish(status, name)
  }

  package func call(
    _ function: Function, _ arguments: [Int32], chunk: String, limits: Limits = .call
  ) throws(LuaError) -> Value {
    let status = unsafe arguments.withUnsafeBufferPointer { references in
      var limits = limits.c
      return unsafe sw_call(
        raw, function.reference, references.baseAddress, Int32(references.count), &limits)
    }
    return try finish(status, chunk)
  }

  private func finish(_ status: Int32, _ chunk: String) throws(LuaError) -> Value {
    defer { unsafe lua_settop(raw, 0) }
    guard status == 0 else {
      throw LuaError(text(at: -1) ?? "not enough memory", chunk: chunk)
    }
    do {
      var room = Room()
      return try value(at: unsafe lua_gettop(raw), depth: 0, &room)
    } catch {
      throw LuaError(error.problem, chunk: chunk)
    }
  }

  // MARK: Making

  /// A userdata whose fields `reader` answers. The result is an argument for `call`.
  package func makeView(_ number: Int, fields: [String]) -> Int32 {
    unsafe withNames(fields) { names, count in unsafe sw_make_view(raw, Int32(number), names, count)
    }
  }

  /// Installs `sperrwerk.NAME { … }` for each name; each gives `{ "NAME", { … }, line }`.
  package func installConstructors(_ names: [String]) {
    _ = unsafe withNames(names) { names, count in unsafe sw_install_constructors(raw, names, count)
    }
  }

  private func withNames(
    _ names: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>, Int32) -> Int32
  ) -> Int32 {
    let bytes = names.map { Array($0.utf8CString) }
    let flat = bytes.flatMap { $0 }
    return unsafe flat.withUnsafeBufferPointer { buffer in
      var pointers: [UnsafePointer<CChar>?] = unsafe []
      var offset = 0
      for name in bytes {
        unsafe pointers.append(buffer.baseAddress! + offset)
        offset += name.count
      }
      return unsafe pointers.withUnsafeBufferPointer {
        unsafe body($0.baseAddress!, Int32(names.count))
      }
    }
  }

  // MARK: Reading values

  private struct ReadError: Error { let problem: String }

  /// What a script gives is copied, and a table that stands in many places is copied for each.
  private struct Room {
    static let entries = 20_000
    /// Four times what a file may have.
    static let bytes = 1 << 20
    var entries = Room.entries
    var bytes = Room.bytes
  }

  private func value(at index: Int32, depth: Int, _ room: inout Room) throws(ReadError) -> Value {
    switch unsafe lua_type(raw, index) {
    case LUA_TNIL, LUA_TNONE: return .none
    case LUA_TBOOLEAN: return .flag(unsafe lua_toboolean(raw, index) != 0)
    case LUA_TNUMBER:
      return unsafe lua_isinteger(raw, index) != 0
        ? .integer(unsafe lua_tointegerx(raw, index, nil))
        : .number(unsafe lua_tonumberx(raw, index, nil))
    case LUA_TSTRING:
      room.bytes -= Int(unsafe lua_rawlen(raw, index))
      guard room.bytes >= 0 else {
        throw ReadError(problem: "its texts have more than \(Room.bytes) bytes in all")
      }
      return .text(text(at: index) ?? "")
    case LUA_TFUNCTION:
      let line = unsafe sw_function_line(raw, index)
      unsafe lua_pushvalue(raw, index)
      let reference = unsafe sw_reference(raw)
      guard reference >= 0 else { throw ReadError(problem: "not enough memory") }
      return .function(Function(reference: reference, line: Int(line)))
    case LUA_TTABLE: return .table(try table(at: index, depth: depth, &room))
    default:
      throw ReadError(
        problem: "a value is neither a number, a text, a flag, a table nor a function")
    }
  }

  private func table(at index: Int32, depth: Int, _ room: inout Room) throws(ReadError) -> Table {
    guard depth < 12 else { throw ReadError(problem: "tables are nested more than 12 deep") }
    guard unsafe lua_checkstack(raw, 8) != 0 else { throw ReadError(problem: "not enough memory") }
    unsafe sw_unfreeze(raw, index)
    guard unsafe sw_sorted_keys(raw, index) == 0 else {
      throw ReadError(problem: text(at: -1) ?? "not enough memory")
    }
    let keys = unsafe lua_gettop(raw)
    var table = Table()
    let count = unsafe lua_rawlen(raw, keys)
    room.entries -= Int(count)
    guard room.entries >= 0 else {
      throw ReadError(problem: "its tables have more than \(Room.entries) entries in all")
    }
    for place in 0..<Int64(count) {
      unsafe lua_rawgeti(raw, keys, place + 1)
      let key = try value(at: keys + 1, depth: depth + 1, &room)
      unsafe lua_rawget(raw, index)
      let value = try value(at: keys + 1, depth: depth + 1, &room)
      unsafe lua_settop(raw, keys)
      table.entries.append(Table.Entry(key: key, value: value))
    }
    unsafe lua_settop(raw, keys - 1)
    return table
  }

  private func text(at index: Int32) -> String? {
    guard unsafe lua_type(raw, index) == LUA_TSTRING else { return nil }
    var length = 0
    guard let start = unsafe lua_tolstring(raw, index, &length) else { return nil }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Callbacks

  private static let readField: sw_read_field = { context, state, view, field in
    let bridge = unsafe Unmanaged<Bridge>.fromOpaque(context!).takeUnretainedValue()
    let state = unsafe state!
    switch bridge.reader.read(view: Int(view), field: Int(field)) {
    case .none: unsafe lua_pushnil(state)
    case .flag(let flag): unsafe lua_pushboolean(state, flag ? 1 : 0)
    case .number(let number):
      // Whole numbers are integers, so that %d takes them.
      if number.rounded() == number, abs(number) < 1e15 {
        unsafe lua_pushinteger(state, Int64(number))
      } else {
        unsafe lua_pushnumber(state, number)
      }
    case .text(let text): unsafe push(text, state)
    case .kept(let reference): unsafe sw_push_reference(state, reference)
    case .refused(let message):
      unsafe push(message, state)
      return -1
    }
    return 1
  }

  private static let unknownName: sw_unknown_name = { context, state, view, name, length in
    let bridge = unsafe Unmanaged<Bridge>.fromOpaque(context!).takeUnretainedValue()
    let bytes = unsafe UnsafeRawBufferPointer(start: name, count: length)
    let message = bridge.reader.unknown(
      view: Int(view), name: unsafe String(decoding: bytes, as: UTF8.self))
    unsafe push(message, state!)
  }

  private static func push(_ text: String, _ state: OpaquePointer) {
    var text = text
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe sw_push_text(state, $0.baseAddress, $0.count)
      }
    }
  }
}

extension Limits {
  fileprivate var c: sw_limits {
    sw_limits(instructions: instructions, bytes: bytes, memory: memory)
  }
}
