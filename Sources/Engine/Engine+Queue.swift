import Policy

extension Engine {
  /// Whether any policy counts what stands in the queue: else its listing is no input.
  package var countsQueue: Bool { windows.counts(.queueEntry) }
}
