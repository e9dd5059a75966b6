import Collectors
import Events
import Testing

@Suite struct `A batch of the queue` {
  @Test func `gives its messages with the time of the listing, and counts what is none`() {
    let text = """
      {"queue_name": "deferred", "queue_id": "4F1", "arrival_time": 1790000000, "message_size": 500, "forced_expire": false, "sender": "a@example.net", "recipients": [{"address": "b@example.org", "delay_reason": "421 busy"}]}
      rubbish
      {"queue_name": "hold", "queue_id": "4F2", "arrival_time": 1790000001, "message_size": 9, "sender": "", "recipients": []}
      """
    let batch = QueueBatch(time: Instant(seconds: 1_790_000_100), bytes: Array(text.utf8))
    var ids: [String] = []
    let strange = batch.read { event, line in
      #expect(event.kind == .queueEntry && event.time == batch.time)
      ids.append(event.queueID.text(in: line) ?? "")
    }
    #expect(ids == ["4F1", "4F2"])
    #expect(strange == 1)
  }
}
