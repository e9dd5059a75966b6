import Foundation
import Testing

private let hasPostmap =
  FileManager.default.isExecutableFile(atPath: "/usr/sbin/postmap")
  && FileManager.default.fileExists(atPath: "/usr/lib/postfix/postfix-lmdb.so")

@Suite struct `The command tables` {
  @Test(.enabled(if: getuid() == 0 && hasPostmap, "only root, and with Postfix's lmdb"))
  func `makes them as the one whose the folder is, and follows no link as root`() throws {
    let service = try Guarded(dryRun: true)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: service.folder)
    let folder = service.folder + "/tables"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes(
      [.ownerAccountID: 65_534, .groupOwnerAccountID: 65_534], ofItemAtPath: folder)
    var text = try String(contentsOfFile: service.settings, encoding: .utf8)
    text = text.replacing("\(service.folder)/table", with: folder + "/accounts")
      .replacing("\(service.folder)/sites", with: folder + "/websites")
    try text.write(toFile: service.settings, atomically: true, encoding: .utf8)
    // As somebody could who has taken the service over.
    let secret = service.folder + "/secret"
    try "as it was\n".write(toFile: secret, atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/websites.new", withDestinationPath: secret)
    // The link itself is put away.
    let made = try service.command(["tables"])
    #expect(try String(contentsOfFile: secret, encoding: .utf8) == "as it was\n")
    #expect(made.status == 0 && made.output.contains("websites_held.lmdb made, empty"))
    for name in ["accounts.lmdb", "websites_held.lmdb", "websites"] {
      let owner = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      #expect(owner[.ownerAccountID] as? Int == 65_534, "\(name)")
    }
    #expect(try service.command(["tables"]).output == "all tables are there\n")
  }
}
