import Events
import Foundation
import Store
import Testing

private func withFolder(_ body: (StateFolder) throws -> Void) throws {
  let path = NSTemporaryDirectory() + "state-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(try StateFolder(path))
}

@Suite struct `A row of frames` {
  private let pieces: [[UInt8]] = [[1], [], Array(0...200), Array(repeating: 7, count: 5000)]

  private func write(_ path: String) throws {
    let file = try AppendedFile(path)
    for piece in pieces { try file.append(Frame.wrap(piece)) }
  }

  @Test func `comes back whole`() throws {
    try withFolder { folder in
      #expect(try Frame.all(in: folder.inputsPath(1)).frames.isEmpty)
      try write(folder.inputsPath(1))
      let (frames, cutAt) = try Frame.all(in: folder.inputsPath(1))
      #expect(frames.map(Array.init) == pieces)
      #expect(cutAt == nil)
    }
  }

  @Test func `leaves out what is cut, wherever it is cut`() throws {
    try withFolder { folder in
      try write(folder.inputsPath(1))
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder.inputsPath(1)))
      for length in 0..<whole.count where length % 97 == 0 || length < 300 {
        try whole.prefix(length).write(to: URL(fileURLWithPath: folder.inputsPath(2)))
        let (frames, cutAt) = try Frame.all(in: folder.inputsPath(2))
        #expect(frames.map(Array.init) == Array(pieces.prefix(frames.count)))
        let used = frames.reduce(0) { $0 + $1.count + 12 }
        #expect(cutAt == (used < length ? used : nil) && frames.count < pieces.count)
        guard let cutAt else { continue }
        try Frame.cut(folder.inputsPath(2), to: cutAt)
        let left = try Frame.all(in: folder.inputsPath(2))
        #expect(left.frames.count == frames.count && left.cutAt == nil)
      }
    }
  }

  @Test func `ends where a byte is another`() throws {
    try withFolder { folder in
      try write(folder.inputsPath(1))
      var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.inputsPath(1)))
      bytes[40] ^= 1
      try bytes.write(to: URL(fileURLWithPath: folder.inputsPath(1)))
      let (frames, cutAt) = try Frame.all(in: folder.inputsPath(1))
      #expect(frames.count == 2 && cutAt == 25)
    }
  }

  @Test func `says what is wrong with its folder`() throws {
    let error = try #require(throws: StoreError.self) { try AppendedFile("/nowhere/inputs.1") }
    let remedy = "make the folder, owned by the service's user: mode 0750"
    #expect("\(error)" == "/nowhere/inputs.1: no such file or directory; \(remedy)")
  }
}

@Suite struct `A snapshot's file` {
  private let snapshot = SnapshotFile(
    inputs: 3, policies: 2, positions: ["mail.log": "{}"], engine: Array(0...255))

  @Test func `is there whole or not at all`() throws {
    try withFolder { folder in
      #expect(try SnapshotFile.read(from: folder) == nil)
      try snapshot.write(to: folder)
      #expect(try SnapshotFile.read(from: folder) == snapshot)
      // A later one that was cut off in the middle changes nothing.
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder.path + "/snapshot.new"))
      #expect(try SnapshotFile.read(from: folder) == snapshot)
      try snapshot.write(to: folder)
      #expect(try SnapshotFile.read(from: folder) == snapshot)
    }
  }

  @Test func `is refused when it was changed`() throws {
    try withFolder { folder in
      try snapshot.write(to: folder)
      let path = folder.path + "/snapshot"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      let error = try #require(throws: StoreError.self) {
        try SnapshotFile.read(from: folder)
      }
      #expect("\(error)".contains("is damaged or another version's; everything is read again"))
    }
  }

  @Test func `lets go what came before it`() throws {
    try withFolder { folder in
      for number in 1...3 { _ = try AppendedFile(folder.inputsPath(number)) }
      for number in 1...2 { try folder.keepPolicies(number, [:], ["engine.json": Data("{}".utf8)]) }
      folder.forget(inputsBefore: 3, policiesBefore: 2)
      #expect(folder.numbers(of: "inputs") == [3])
      #expect(folder.numbers(of: "policies") == [2])
    }
  }
  @Test func `takes the text of policies as its own, whoever owns the files`() throws {
    try withFolder { folder in
      let manager = FileManager.default
      let source = folder.path + "/theirs"
      try manager.createDirectory(atPath: source + "/tests", withIntermediateDirectories: true)
      let file = source + "/tests/a.lua"
      try "return {}".write(toFile: file, atomically: true, encoding: .utf8)
      if geteuid() == 0 { #expect(unsafe chown(file, 1, 1) == 0) }
      try folder.keepPolicies(1, ["policies": source], [:])
      let kept = folder.policiesPath(1) + "/policies/tests/a.lua"
      #expect(try String(contentsOfFile: kept, encoding: .utf8) == "return {}")
      let owner = try manager.attributesOfItem(atPath: kept)[.ownerAccountID] as? Int
      #expect(owner == Int(geteuid()))
    }
  }
}
