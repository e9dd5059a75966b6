import Events

/// What a syslog tag stands for, found by its bytes: a log has few tags and millions of lines.
struct TagCache {
  enum Program {
    case postfix(PostfixLine.Daemon)
    /// Dovecot's one tag, or the tag of one of its daemons, whose name is then part of the message.
    case dovecot, dovecotDaemon
    case exim, php, unknown
  }

  struct Tag {
    var hash: UInt64
    var program: Program
    var service: MailService?
    /// Of `postfix-out/smtp`: a hash of `postfix-out`.
    var instance: UInt64 = 0
  }

  private var tags = [Tag](
    repeating: Tag(hash: 0, program: .unknown, service: nil), count: 256)

  @inline(__always)
  mutating func tag(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Tag {
    let hash = Self.hash(line, start, end)
    let place = Int(truncatingIfNeeded: hash >> 32) & 255
    if tags[place].hash == hash { return tags[place] }
    let tag = Self.read(line, start, end, hash)
    tags[place] = tag
    return tag
  }

  @inline(__always)
  private static func hash(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
    let bytes = unsafe line.bytes
    var hash = UInt64(end - start) &* 0x9e37_79b9_7f4a_7c15
    var index = start
    while index + 8 <= end {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 29
      index += 8
    }
    var word: UInt64 = 0
    while index < end {
      word = word << 8 | UInt64(line[index])
      index += 1
    }
    hash = (hash ^ word) &* 0xc4ce_b9fe_1a85_ec53
    return (hash ^ hash >> 31) | 1
  }

  private static func read(_ line: Span<UInt8>, _ start: Int, _ end: Int, _ hash: UInt64) -> Tag {
    var leaf = end
    while leaf > start, line[leaf - 1] != UInt8(ascii: "/") { leaf -= 1 }
    if leaf > start, let daemon = PostfixLine.daemon(line.extracting(leaf..<end)) {
      let isServer = daemon == .smtpd
      var first = start
      while line[first] != UInt8(ascii: "/") { first += 1 }
      return Tag(
        hash: hash, program: .postfix(daemon), service: isServer ? service(line, start, leaf) : nil,
        instance: self.hash(line, start, first))
    }
    let name = line.extracting(start..<end)
    func named(_ text: StaticString) -> Bool {
      name.count == text.utf8CodeUnitCount && name.has(text, at: 0)
    }
    if named("dovecot") || name.has("dovecot-", at: 0) {
      return Tag(hash: hash, program: .dovecot, service: nil)
    }
    if named("auth") || named("auth-worker") || named("imap-login") || named("pop3-login")
      || named("managesieve-login") || named("submission-login")
    {
      return Tag(hash: hash, program: .dovecotDaemon, service: nil)
    }
    if named("exim") || named("exim4") || line.extracting(leaf..<end).has("exim", at: 0) {
      return Tag(hash: hash, program: .exim, service: nil)
    }
    if named("php") || named("php-fpm") || name.has("php-cgi", at: 0) || name.has("php8", at: 0) {
      return Tag(hash: hash, program: .php, service: nil)
    }
    return Tag(hash: hash, program: .unknown, service: nil)
  }

  /// The service from the names between the slashes, such as `postfix/submission/smtpd`.
  private static func service(_ line: Span<UInt8>, _ start: Int, _ leaf: Int) -> MailService {
    let path = line.extracting(start..<leaf)
    if path.find("submissions/", from: 0, to: path.count) != nil
      || path.find("smtps/", from: 0, to: path.count) != nil
      || path.find("/465/", from: 0, to: path.count) != nil
    {
      return .smtps
    }
    if path.find("submission", from: 0, to: path.count) != nil
      || path.find("/587/", from: 0, to: path.count) != nil
    {
      return .submission
    }
    return .smtp
  }
}
