import Events
import Testing

@Suite struct `An address to listen on` {
  @Test(arguments: [
    ("127.0.0.1:10031", "127.0.0.1", 10_031), ("[::1]:8025", "::1", 8025),
    ("localhost:1", "localhost", 1), ("0.0.0.0:0", "0.0.0.0", 0),
  ])
  func `has a host and a port`(text: String, host: String, port: Int) throws {
    let address = try #require(ListenAddress(text))
    #expect(address.host == host && Int(address.port) == port)
  }

  @Test(arguments: [
    "", "10031", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
    "mx.example.net:10031", ":10031",
  ])
  func `is nothing else`(text: String) { #expect(ListenAddress(text) == nil) }
}
