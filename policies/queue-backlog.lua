---@type sperrwerk.Policy
return {
  name = "queue-backlog",
  about = "Mail that remote servers refuse piles up behind one login or website.",
  subject = "any",
  settings = {
    rejected = 25,   -- recipients refused within `over`
    share = 0.3,     -- of all recipients tried, at least this share
    over = "1h",     -- the window
    waiting = 25,    -- messages that wait in a queue snapshot, deferred as spam or for our reputation
    points = 50,     -- what that weighs as a sign
  },
  windows = function(settings) return {
    rejected = { count = "delivery", where = { reply_class = { "spam", "reputation", "policy", "user_unknown" } }, over = settings.over },
    share = { share = "delivery", of = { reply_class = { "spam", "reputation", "policy", "user_unknown" } }, over = settings.over },
    waiting = { distinct = "queue_entry", field = "queue_id", where = { reply_class = { "spam", "reputation" } }, over = settings.over },
  } end,
  on = {
    queue_entry = {
      where = { reply_class = { "spam", "reputation" } },
      when = function(settings) return { waiting = settings.waiting } end,
      once = "1h",
      decide = function(event, recent, settings)
        return sperrwerk.evidence {
          points = settings.points,
          reason = ("%d messages wait in the queue, deferred as spam or for our reputation"):format(recent.waiting),
        }
      end,
    },
    delivery = {
      where = { reply_class = { "spam", "reputation", "policy", "user_unknown" } },
      when = function(settings) return { rejected = settings.rejected, share = settings.share } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          reason = ("%d recipients refused within %s, %.0f %% of all"):format(recent.rejected, settings.over, recent.share * 100),
        }
      end,
    },
  },
}
