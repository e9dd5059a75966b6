import Testing

@testable import Engine

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

@Suite struct `A journey` {
  private func place(_ country: UInt16, _ latitude: Float, _ longitude: Float) -> Geo.Place {
    var place = Geo.Place()
    (place.country, place.latitude, place.longitude) = (country, latitude, longitude)
    return place
  }

  @Test func `from Berlin to Hanoi takes more than an hour`() throws {
    var journey = Journey()
    let first = journey.speed(1, place(1, 52.5, 13.4), second: 0)
    #expect(first == nil)
    let second = journey.speed(1, place(2, 21, 105.8), second: 3600)
    #expect(abs(try #require(second) - 8330) < 100)
  }

  @Test func `within a country, or to a near neighbour, has no speed`() {
    var journey = Journey()
    _ = journey.speed(1, place(1, 48.1, 11.6), second: 0)
    let home = journey.speed(1, place(1, 53.6, 10.0), second: 60)
    #expect(home == nil)
    _ = journey.speed(2, place(1, 48.1, 11.6), second: 0)
    let near = journey.speed(2, place(3, 48.2, 16.4), second: 60)
    #expect(near == nil)
  }
}
