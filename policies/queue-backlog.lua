---@type sperrwerk.Policy
return {
  name = "queue-backlog",
  about = "Mail that remote servers refuse piles up behind one login or website.",
  subject = "any",
  settings = {
    rejected = 25,   -- recipients refused within `over`
    share = 0.3,     -- of all recipients tried, at least this share
    over = "1h",     -- the window
  },
  windows = function(settings) return {
    rejected = { count = "delivery", where = { reply_class = { "spam", "reputation", "policy", "user_unknown" } }, over = settings.over },
    share = { share = "delivery", of = { reply_class = { "spam", "reputation", "policy", "user_unknown" } }, over = settings.over },
  } end,
  on = {
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
