import Engine
import Testing

@Suite struct `A directory` {
  @Test func `reads quoted cells, and finds columns by name`() {
    var directory = Directory()
    directory.readAccounts(
      CSVTable(
        Array(
          "customer,account\r\n\"K, 1\",Anna@Nordwind.example\r\nK2,bernd@nordwind.example\n".utf8)),
      file: "accounts.csv")
    #expect(directory.accounts["anna@nordwind.example"]?.customer == "K, 1")
    #expect(directory.accounts.count == 2)
    #expect(directory.faults.isEmpty)
  }

  @Test(arguments: [
    ("domain\nx", "accounts.csv:1: no column 'account'"),
    ("account,customer\na@b.example,K1,K2\n", "accounts.csv:2: another number of columns"),
    ("account\n\"a@b.example\n", "accounts.csv:2: a quotation mark is never closed"),
    ("account,customer\n,K1\n", "accounts.csv:2: no account"),
    ("account\na@b.example\nA@b.example\n", "accounts.csv:3: a@b.example stands here twice"),
  ])
  func `says where it is broken`(text: String, fault: String) {
    var directory = Directory()
    directory.readAccounts(CSVTable(Array(text.utf8)), file: "accounts.csv")
    #expect(directory.faults.contains { $0.hasPrefix(fault) })
  }

  @Test func `protects a uid that several sites share`() {
    var directory = Directory()
    directory.readSites(CSVTable(Array("uid,user\n33,a\n33,b\n5000,c\n".utf8)), file: "sites.csv")
    #expect(directory.sharedUIDs == [33])
  }
}
