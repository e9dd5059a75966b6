package import Events

/// What a remote server's reply means for the sender.
package struct ReplyClassifier {
  package init() {}

  /// Fills in `replyClass` and the blocklist that the reply names.
  package func classify(_ event: inout LogEvent, _ line: Span<UInt8>) {
    if event.kind == .delivery, event.status == .sent { event.replyClass = .accepted }
  }
}
