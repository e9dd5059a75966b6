/// Which Postfix is meant: a host may run several, each with a configuration folder of its own.
package enum PostfixInstance {
  /// What its programs are told; nothing where it is the main one.
  ///
  /// - Parameter folder: such as `/etc/postfix-out`; nil is the main one's.
  package static func options(_ folder: String?) -> [String] { folder.map { ["-c", $0] } ?? [] }
}
