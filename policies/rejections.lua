---@type sperrwerk.Policy
return {
  name = "rejections",
  about = "Remote servers refuse so much that chance cannot explain it (Wald's sequential test).",
  subject = "any",
  settings = {
    honest = 0.05,     -- share of refused recipients that an honest sender may have
    spammer = 0.35,    -- share that a spammer has at least
    error = 0.000001,  -- chance of calling an honest sender a spammer
    refusers = 3,      -- that many domains must refuse: one strict server convicts nobody
    over = "3d",       -- how long a result counts
  },
  windows = function(settings) return {
    certainty = {
      sequential = "delivery", bad = { reply_class = { "spam", "reputation", "user_unknown" } },
      where = { same_answer = false },  -- one answer to a mail of many recipients is one
      p0 = settings.honest, p1 = settings.spammer, alpha = settings.error, beta = 0.01,
      over = settings.over,
    },
    refusers = {
      distinct = "delivery", field = "recipient_domain",
      where = { reply_class = { "spam", "reputation", "user_unknown" } }, over = settings.over,
    },
    refused = {
      count = "delivery", where = { reply_class = { "spam", "reputation", "user_unknown" } },
      over = settings.over,
    },
  } end,
  on = {
    delivery = {
      where = { reply_class = { "spam", "reputation", "user_unknown" } },
      when = function(settings) return { certainty = 1, refusers = settings.refusers } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          reason = ("%d recipients refused at %d domains: more than an honest sender ever has"):format(recent.refused, recent.refusers),
        }
      end,
    },
  },
}
