import Events
package import Foundation

/// Where the service keeps what it must know after a restart, beside the ledger: the last snapshot, the inputs
/// since, and the policies that were in force.
///
/// `snapshot` names the number N of the inputs that follow it. `inputs.N`, `inputs.N+1`, … are read in order; a new
/// one begins with each snapshot, and those before the last whole snapshot are deleted. `policies.K` is a folder.
package struct StateFolder: Sendable {
  package let path: String

  /// - Throws: where it is not there and cannot be made.
  package init(_ path: String) throws(StoreError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StoreError(
        place: path, problem: error.localizedDescription.lowercased(),
        remedy: "make the folder, and let this user write there")
    }
  }

  var snapshotPath: String { path + "/snapshot" }
  package func inputsPath(_ number: Int) -> String { "\(path)/inputs.\(number)" }
  package func policiesPath(_ number: Int) -> String { "\(path)/policies.\(number)" }

  /// The numbers that the folder has of `inputs.` or `policies.`, in order.
  package func numbers(of kind: String) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap { $0.hasPrefix(kind + ".") ? Int($0.dropFirst(kind.count + 1)) : nil }
      .sorted()
  }

  /// Deletes what no whole snapshot needs any more.
  package func forget(inputsBefore number: Int, policiesBefore policies: Int) {
    for old in numbers(of: "inputs") where old < number {
      try? FileManager.default.removeItem(atPath: inputsPath(old))
    }
    for old in numbers(of: "policies") where old < policies {
      try? FileManager.default.removeItem(atPath: policiesPath(old))
    }
  }

  /// Keeps the files that decide: later inputs say that they were decided by them.
  /// - Parameters:
  ///   - files: a name below the folder for each file or folder to copy.
  ///   - texts: further files.
  package func keepPolicies(_ number: Int, _ files: [String: String], _ texts: [String: Data])
    throws(StoreError)
  {
    let manager = FileManager.default
    let (fresh, final) = (policiesPath(number) + ".new", policiesPath(number))
    do {
      try? manager.removeItem(atPath: fresh)
      try? manager.removeItem(atPath: final)
      try manager.createDirectory(atPath: fresh, withIntermediateDirectories: true)
      for (name, source) in files.sorted(by: { $0.key < $1.key }) {
        try Self.copy(source, to: "\(fresh)/\(name)")
      }
      for (name, text) in texts { try text.write(to: URL(fileURLWithPath: "\(fresh)/\(name)")) }
      try manager.moveItem(atPath: fresh, toPath: final)
    } catch {
      throw StoreError(
        place: final, problem: error.localizedDescription.lowercased(),
        remedy: "see that the state folder is writable and has room")
    }
  }

  /// The text alone: the files are root's, and a service that is not root may give none away.
  private static func copy(_ source: String, to target: String) throws {
    let manager = FileManager.default
    guard let names = try? manager.contentsOfDirectory(atPath: source) else {
      try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target))
      return
    }
    try manager.createDirectory(atPath: target, withIntermediateDirectories: true)
    for name in names { try copy("\(source)/\(name)", to: "\(target)/\(name)") }
  }
}
