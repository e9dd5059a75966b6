---@type sperrwerk.Policy
return {
  name = "website-burst",
  about = "A website sends far more than ever before, and part of it is refused.",
  subject = "site",
  settings = {
    times = 3,        -- times the site's own highest hour
    messages = 30,    -- messages within the hour at least
    refused = 0.1,    -- share of recipients refused at least; a shop's newsletter stays below
    over = "1h",      -- the window
    grace = "10m",    -- held this long before it is decided
  },
  windows = function(settings) return {
    times = { baseline = "message", over = settings.over },
    messages = { count = "message", over = settings.over },
    tried = { count = "delivery", over = settings.over },
    refused = { count = "delivery", where = { reply_class = { "spam", "reputation", "user_unknown" } }, over = settings.over },
  } end,
  on = {
    message = {
      when = function(settings) return { messages = settings.messages, times = settings.times } end,
      decide = function(event, recent, settings)
        if recent.tried < 10 or recent.refused / recent.tried < settings.refused then return end
        return sperrwerk.suspend {
          grace = settings.grace,
          reason = ("%d messages within %s, %.0f times the site's own highest; %d of %d recipients refused"):format(
            recent.messages, settings.over, recent.times, recent.refused, recent.tried),
        }
      end,
    },
    grace_over = {
      decide = function(case, recent, settings)
        if case.since_hold.messages > 5 then
          return sperrwerk.suspend { reason = ("went on sending while held: %d messages"):format(case.since_hold.messages) }
        end
      end,
    },
  },
}
