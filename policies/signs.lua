---@type sperrwerk.Policy
return {
  name = "signs",
  about = "Weak signs of different kinds add up against one account or website.",
  subject = "any",
  settings = {
    points = 100,     -- the sum that suspends
    kinds = 2,        -- from so many policies: one kind alone convicts nobody
    over = "24h",     -- the window
    grace = "5m",     -- held this long before it is decided
  },
  windows = function(settings) return {
    points = { sum = "evidence", field = "points", over = settings.over },
    kinds = { distinct = "evidence", field = "policy", over = settings.over },
  } end,
  on = {
    evidence = {
      when = function(settings) return { points = settings.points, kinds = settings.kinds } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          grace = settings.grace,
          reason = ("signs of %d kinds weigh %d points within %s"):format(recent.kinds, recent.points, settings.over),
        }
      end,
    },
    grace_over = {
      decide = function(case, recent, settings)
        if case.since_hold.messages > 0 then
          return sperrwerk.suspend { reason = ("went on sending while held: %d messages"):format(case.since_hold.messages) }
        end
        if case.holds < 3 then return sperrwerk.hold { reason = "quiet so far; looking again" } end
      end,
    },
  },
}
