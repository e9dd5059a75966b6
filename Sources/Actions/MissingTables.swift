package import Events
import Glibc

/// Makes what main.cf names, empty, where it is missing: Postfix defers everybody's mail at a table that is not there,
/// also while this service only watches.
package struct MissingTables: Sendable {
  private let tables: [LookupTable]
  private let sites: String

  /// - Parameters:
  ///   - tables: lookup tables, without `.lmdb`.
  ///   - sites: the list of websites, which anybody who calls sendmail reads.
  package init(tables: [String], sites: String, postmap: String, configuration: String?) {
    self.tables = tables.map {
      LookupTable(path: $0, postmap: postmap, configuration: configuration)
    }
    self.sites = sites
  }

  /// What is there stays as it is.
  /// - Returns: what was made.
  package func make() async throws(ActionError) -> [String] {
    var made: [String] = []
    if !Self.exists(sites) {
      try SafeFile.write("", to: sites)
      made.append(sites)
    }
    for table in tables where !Self.exists(table.path + ".lmdb") {
      if !Self.exists(table.path) { try SafeFile.write("", to: table.path, mode: 0o640) }
      try await table.compile()
      made.append(table.path + ".lmdb")
    }
    return made
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
