---@type sperrwerk.Policy
return {
  name = "new-place",
  about = "A login sends many messages from a network that it never used before.",
  subject = "account",
  settings = {
    messages = 15,    -- messages within `over` from places new to the account: suspend
    day = 80,         -- or so many within a day: the slow ones
    some = 6,         -- as many are a sign, no proof
    points = 50,      -- what the sign weighs
    refused = 2,      -- so many of them refused as spam or for our reputation are a sign too
    over = "1h",      -- the window
  },
  windows = function(settings) return {
    fresh = { count = "message", where = { new_place = true }, over = settings.over },
    daily = { count = "message", where = { new_place = true }, over = "24h" },
    times = { baseline = "message", over = settings.over },
    refused = {
      count = "delivery", where = { new_place = true, reply_class = { "spam", "reputation" } },
      over = settings.over,
    },
  } end,
  on = {
    message = {
      where = { new_place = true },
      when = function(settings) return { daily = settings.some } end,
      decide = function(event, recent, settings)
        -- An application that moved to another server sends from there what it always sent.
        if recent.times and recent.times <= 1 then return end
        if recent.daily >= settings.day then
          return sperrwerk.suspend {
            reason = ("%d messages within a day from places new to the account"):format(recent.daily),
          }
        end
        if recent.fresh >= settings.messages then
          return sperrwerk.suspend {
            reason = ("%d messages within %s from places new to the account"):format(recent.fresh, settings.over),
          }
        end
        if recent.fresh == settings.some then
          return sperrwerk.evidence {
            points = settings.points,
            reason = ("%d messages within %s from places new to the account"):format(recent.fresh, settings.over),
          }
        end
      end,
    },
    delivery = {
      where = { new_place = true, reply_class = { "spam", "reputation" } },
      when = function(settings) return { refused = settings.refused } end,
      decide = function(event, recent, settings)
        if recent.refused > settings.refused then return end
        return sperrwerk.evidence {
          points = settings.points,
          reason = "mail from a place new to the account is refused",
        }
      end,
    },
  },
}
