---@type sperrwerk.Policy
return {
  name = "relapse",
  about = "After sending was restored, little is enough: the thief may still be there.",
  subject = "any",
  settings = {
    messages = 8,     -- messages from places new to the account
    refused = 4,      -- or recipients refused as spam or unknown, or for our reputation
    domains = 3,      -- at so many domains
    over = "1h",      -- the window
  },
  windows = function(settings) return {
    fresh = { count = "message", where = { probation = true, new_place = true }, over = settings.over },
    refused = {
      count = "delivery", where = { probation = true, reply_class = { "spam", "reputation", "user_unknown" } },
      over = settings.over,
    },
    domains = {
      distinct = "delivery", field = "recipient_domain",
      where = { probation = true, reply_class = { "spam", "reputation", "user_unknown" } }, over = settings.over,
    },
  } end,
  on = {
    message = {
      where = { probation = true, new_place = true },
      when = function(settings) return { fresh = settings.messages } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          reason = ("on probation: %d messages within %s from places new to the account"):format(recent.fresh, settings.over),
        }
      end,
    },
    delivery = {
      where = { probation = true, reply_class = { "spam", "reputation", "user_unknown" } },
      when = function(settings) return { refused = settings.refused, domains = settings.domains } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          reason = ("on probation: %d recipients refused at %d domains within %s"):format(recent.refused, recent.domains, settings.over),
        }
      end,
    },
  },
}
