---@type sperrwerk.Policy
return {
  name = "unusual-volume",
  about = "A login sends far more than ever before; mailings do so too, so it is only a sign.",
  subject = "account",
  settings = {
    times = 5,         -- times the account's own highest hour
    recipients = 100,  -- recipients within the hour at least
    points = 40,       -- what the sign weighs
    over = "1h",       -- the window
  },
  windows = function(settings) return {
    times = { baseline = "message", field = "recipient_count", over = settings.over },
    recipients = { sum = "message", field = "recipient_count", over = settings.over },
  } end,
  on = {
    message = {
      when = function(settings) return { recipients = settings.recipients, times = settings.times } end,
      once = "1h",
      decide = function(event, recent, settings)
        return sperrwerk.evidence {
          points = settings.points,
          reason = ("%d recipients within %s, %.0f times the account's own highest"):format(recent.recipients, settings.over, recent.times),
        }
      end,
    },
  },
}
