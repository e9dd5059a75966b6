---@type sperrwerk.Policy
return {
  name = "new-place",
  about = "A login sends to many from a network that it never used before.",
  subject = "account",
  settings = {
    messages = 15,   -- messages within `over` from places new to the account
    over = "1h",     -- the window
  },
  windows = function(settings) return {
    hourly = { count = "message", where = { new_place = true }, over = settings.over },
  } end,
  on = {
    message = {
      when = function(settings) return { hourly = settings.messages } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          reason = ("%d messages within %s from places new to the account"):format(recent.hourly, settings.over),
        }
      end,
    },
  },
}
