/// Whose mailbox or website it is, and whom to tell: two tables; what they do not name still works.
package struct Directory: Sendable {
  package struct Entry: Equatable, Sendable {
    package var domain, customer, reseller, contact, locale: String?
    /// The local login name of a site.
    package var user: String?
    /// Further addresses whose mail arrives in this mailbox.
    package var aliases: [String] = []
  }

  /// Somebody to tell.
  package struct Contact: Equatable, Sendable {
    package var address: String
    package var locale: String?
  }

  /// By canonical login.
  package private(set) var accounts: [String: Entry] = [:]
  package private(set) var sites: [Int32: Entry] = [:]
  private(set) var uidOfUser: [String: Int32] = [:]
  /// Uids that more than one site has: never suspended, since that would hit all of them.
  package private(set) var sharedUIDs: Set<Int32> = []
  /// Whom to tell of a customer's or a reseller's accounts, in the table's order.
  package private(set) var customerContacts: [String: [Contact]] = [:]
  package private(set) var resellerContacts: [String: [Contact]] = [:]
  /// Domains whose mail arrives here, as far as the tables name them.
  package private(set) var domains: Set<String> = []
  /// The accounts behind an address that is not their login.
  private(set) var accountsOfAlias: [String: Set<String>] = [:]
  /// What could not be used, with file and line.
  package private(set) var faults: [String] = []

  package init() {}

  /// - Parameter table: columns `account,domain,customer,reseller,contact,locale,aliases`; only the first is
  ///   needed.
  package mutating func readAccounts(_ table: CSVTable, file: String) {
    guard check(table, file, needs: "account") else { return }
    for row in table.rows {
      guard let account = row["account"] else {
        faults.append(
          "\(file):\(row.line): no account; the line is left out, name one or delete it")
        continue
      }
      let name = Subjects.canonical(account)
      if accounts[name] != nil {
        faults.append("\(file):\(row.line): \(name) stands here twice; the first line counts")
        continue
      }
      accounts[name] = entry(row)
      for address in [name] + (accounts[name]?.aliases ?? []) { addDomain(of: address) }
      if let domain = row["domain"] { domains.insert(domain.lowercased()) }
      for alias in accounts[name]?.aliases ?? [] {
        accountsOfAlias[alias, default: []].insert(name)
      }
    }
  }

  private mutating func addDomain(of address: String) {
    if let domain = address.split(separator: "@").dropFirst().last {
      domains.insert(String(domain))
    }
  }

  /// - Parameter table: columns `customer,reseller,contact,locale`: a line names a customer or a reseller, and
  ///   an address to tell; several lines are tried in their order.
  package mutating func readContacts(_ table: CSVTable, file: String) {
    guard check(table, file, needs: "contact") else { return }
    for row in table.rows {
      guard let address = row["contact"], row["customer"] != nil || row["reseller"] != nil else {
        faults.append(
          "\(file):\(row.line): names no contact, or neither customer nor reseller; complete the line"
        )
        continue
      }
      let contacts = Self.addresses(address).map { Contact(address: $0, locale: row["locale"]) }
      if let customer = row["customer"] {
        customerContacts[customer, default: []] += contacts
      } else if let reseller = row["reseller"] {
        resellerContacts[reseller, default: []] += contacts
      }
    }
  }

  /// The addresses of a cell: one, or several with blanks, commas or semicolons between them.
  static func addresses(_ cell: String) -> [String] {
    cell.split { ",; \t\n\r".contains($0) }.map(String.init)
  }

  /// - Parameter table: columns `uid,user,domain,customer,reseller,contact,locale`; `uid` is needed.
  package mutating func readSites(_ table: CSVTable, file: String) {
    guard check(table, file, needs: "uid") else { return }
    for row in table.rows {
      guard let uid = row["uid"].flatMap({ Int32($0) }), uid >= 0 else {
        faults.append("\(file):\(row.line): uid is no number; the line is left out, correct it")
        continue
      }
      if sites[uid] != nil {
        sharedUIDs.insert(uid)
        continue
      }
      sites[uid] = entry(row)
      if let domain = row["domain"] { domains.insert(domain.lowercased()) }
      if let user = row["user"] { uidOfUser[user] = uid }
    }
  }

  private mutating func check(_ table: CSVTable, _ file: String, needs column: String) -> Bool {
    if table.columns[column] == nil {
      faults.append("\(file):1: no column '\(column)'; the first line must name the columns")
      return false
    }
    for line in table.uneven {
      faults.append(
        "\(file):\(line): another number of columns than the header; read as far as it goes")
    }
    if let line = table.openQuote {
      faults.append("\(file):\(line): a quotation mark is never closed; close it")
    }
    return true
  }

  private func entry(_ row: CSVTable.Row) -> Entry {
    Entry(
      domain: row["domain"], customer: row["customer"], reseller: row["reseller"],
      contact: row["contact"], locale: row["locale"], user: row["user"],
      aliases: row["aliases"].map { Self.addresses($0).map(Subjects.canonical) } ?? [])
  }
}
