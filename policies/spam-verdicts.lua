---@type sperrwerk.Policy
return {
  name = "spam-verdicts",
  about = "Several providers refuse it as spam or for our reputation more often than honest mail, however slowly it comes.",
  subject = "any",
  settings = {
    honest = 0.015,    -- share of recipients whose server refuses honest mail so
    spammer = 0.06,    -- share that even a careful spammer has
    error = 0.000001,  -- chance of calling an honest sender a spammer
    judges = 4,        -- that many domains must say so
    over = "7d",       -- how long a verdict counts
  },
  windows = function(settings) return {
    certainty = {
      sequential = "delivery", bad = { reply_class = { "spam", "reputation" } }, where = { same_answer = false },
      p0 = settings.honest, p1 = settings.spammer, alpha = settings.error, beta = 0.01,
      over = settings.over,
    },
    judges = { distinct = "delivery", field = "recipient_domain", where = { reply_class = { "spam", "reputation" } }, over = settings.over },
    verdicts = { count = "delivery", where = { reply_class = { "spam", "reputation" } }, over = settings.over },
  } end,
  on = {
    delivery = {
      where = { reply_class = { "spam", "reputation" } },
      when = function(settings) return { certainty = 1, judges = settings.judges } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          reason = ("refused as spam or for our reputation %d times at %d domains within %s"):format(recent.verdicts, recent.judges, settings.over),
        }
      end,
    },
  },
}
