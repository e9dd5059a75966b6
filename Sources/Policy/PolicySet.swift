package import Events
import Glibc
import Lua

/// All policies of a folder, loaded and checked, with the state that runs them.
package struct PolicySet {
  package internal(set) var policies: [LoadedPolicy] = []
  package internal(set) var lists = PolicyLists()
  /// Reply patterns of the operator's own: class, and what the reply says.
  package internal(set) var replies: [(replyClass: ReplyClass, says: [String])] = []
  package internal(set) var warnings: [String] = []
  package let runtime: PolicyRuntime
  private let isKept: Bool
  /// Of all files, in the order in which they were read.
  private var sources: [[UInt8]] = []

  /// What is wrong with the files, all of it; the set is not to be used where this is not empty.
  package internal(set) var errors: [PolicyError] = []

  /// - Parameters:
  ///   - directory: `*.lua` are policies but for `replies.lua` and the stub; `lists/*.lua` are lists.
  ///   - overrides: `POLICY.SETTING=VALUE`, as `--set` has them.
  ///   - shadow: names of policies that decide but do not act.
  ///   - isKept: they have decided before: what this version would not take any more goes on as it did.
  package init(
    directory: String, overrides: [String] = [], shadow: [String] = [], isKept: Bool = false
  ) {
    runtime = PolicyRuntime()
    self.isKept = isKept
    let names = Self.list(directory)
    if names.isEmpty {
      errors.append(
        PolicyError(
          place: directory, problem: "no policies here",
          remedy: "name a folder with *.lua files: --policies, or 'policies' in the settings"))
    }
    for name in names where name != "replies.lua" && !name.hasSuffix(".d.lua") {
      load("\(directory)/\(name)", name: String(name.dropLast(4)), overrides, shadow)
    }
    checkNames(overrides, shadow)
    if names.contains("replies.lua") { loadReplies("\(directory)/replies.lua") }
    for name in Self.list(directory + "/lists") { addList("\(directory)/lists/\(name)") }
  }

  /// No policies: what the engine costs without them.
  package static var none: PolicySet { PolicySet() }

  private init() { (runtime, isKept) = (PolicyRuntime(), false) }

  /// Reads a further file of lists, such as `--lists` names.
  package mutating func addList(_ file: String) {
    guard let source = read(file) else { return }
    do {
      // Where a policy is not well its name is not known, and what is wrong is said already.
      let names = isKept || !errors.isEmpty ? nil : policies.map(\.name)
      try lists.add(
        try runtime.load(source, name: file), file: file, source: source, policies: names)
    } catch let error as LuaError {
      errors.append(PolicyError(lua: error, file: file))
    } catch let error as PolicyError {
      errors.append(error)
    } catch {}
  }

  private mutating func load(
    _ file: String, name: String, _ overrides: [String], _ shadow: [String]
  ) {
    guard let source = read(file) else { return }
    do {
      var reader = PolicyReader(file: file, name: name, source: source, runtime: runtime)
      var policy = try reader.read(overrides: overrides)
      if !isKept { try reader.checkNames(policy) }
      if shadow.contains(name) { policy.isShadow = true }
      policies.append(policy)
      warnings += reader.warnings
    } catch {
      errors.append(error.told(of: overrides.filter { $0.hasPrefix(name + ".") }))
    }
  }

  private mutating func read(_ file: String) -> [UInt8]? {
    guard let source = Self.contents(file) else {
      errors.append(
        PolicyError(
          place: file, problem: "cannot be read", remedy: "check its name and that you may read it")
      )
      return nil
    }
    guard source.count <= 1 << 18 else {
      errors.append(
        PolicyError(place: file, problem: "larger than 256 KiB", remedy: "make several files of it")
      )
      return nil
    }
    sources.append(source)
    return source
  }

  /// Whether another set is made of the same, wherever its files lie.
  package func isSame(as other: PolicySet) -> Bool {
    sources == other.sources
      && policies.elementsEqual(other.policies) {
        $0.name == $1.name && $0.isShadow == $1.isShadow && $0.settings == $1.settings
      }
  }

  private mutating func checkNames(_ overrides: [String], _ shadow: [String]) {
    let names = policies.map(\.name)
    for override in overrides {
      guard override.prefix(while: { $0 != "=" }).contains(".") else {
        errors.append(
          PolicyError(
            place: "--set \(override)", problem: "names no policy",
            remedy: "write it as POLICY.SETTING=VALUE, such as rejections.honest=0.02"))
        continue
      }
      let policy = String(override.split(separator: ".").first ?? "")
      if !names.contains(policy), errors.allSatisfy({ !$0.place.contains(policy) }) {
        errors.append(
          PolicyError(
            place: "--set \(override)", problem: "no policy '\(policy)'",
            remedy: NearMiss.remedy(policy, among: names)))
      }
    }
    for name in shadow where !names.contains(name) {
      errors.append(
        PolicyError(
          place: "--shadow \(name)", problem: "no policy '\(name)'",
          remedy: NearMiss.remedy(name, among: names)))
    }
  }

  private mutating func loadReplies(_ file: String) {
    guard let source = read(file) else { return }
    do {
      guard case .table(let table) = try runtime.load(source, name: file),
        let entries = table.sequence
      else {
        errors.append(
          PolicyError(
            place: file, problem: "returns no list",
            remedy: "return { { class = \"spam\", says = { \"…\" } }, … }"))
        return
      }
      for (place, entry) in entries.enumerated() { addReply(entry, file, place + 1) }
    } catch {
      errors.append(PolicyError(lua: error, file: file))
    }
  }

  private mutating func addReply(_ entry: Value, _ file: String, _ place: Int) {
    let words = ReplyClass.allCases.map(\.word)
    guard case .table(let pattern) = entry, case .text(let word) = pattern["class"],
      case .table(let table) = pattern["says"], let says = table.sequence
    else {
      errors.append(
        PolicyError(
          place: file, problem: "entry \(place) has no class or no says",
          remedy: "write { class = \"spam\", says = { \"…\" } }"))
      return
    }
    guard let replyClass = ReplyClass.allCases.first(where: { $0.word == word }) else {
      errors.append(
        PolicyError(
          place: file, problem: "entry \(place): no class '\(word)'",
          remedy: NearMiss.remedy(word, among: words)))
      return
    }
    replies.append(
      (
        replyClass,
        says.compactMap { if case .text(let text) = $0 { text.lowercased() } else { nil } }
      ))
  }

  // MARK: Files

  /// The names of the `.lua` files in a folder, in order.
  static func list(_ directory: String) -> [String] {
    guard let handle = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".lua"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  static func contents(_ path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes.append(contentsOf: block[..<count])
      if bytes.count > 1 << 20 { return bytes }
    }
  }
}
