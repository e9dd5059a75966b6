---@type sperrwerk.Policy
return {
  name = "impossible-travel",
  about = "A login sends from two countries faster than anyone travels; VPN users and webmail do so too, so it is only a sign.",
  subject = "account",
  settings = {
    speed = 1000,     -- kilometres an hour, across a border; needs a database of places (--geo)
    points = 30,      -- what the sign weighs: VPN users show it daily
    over = "24h",     -- the window
  },
  windows = function(settings) return {
    journeys = { count = "submission", where = { new_place = true, travel_speed = { min = settings.speed } }, over = settings.over },
  } end,
  on = {
    submission = {
      where = { new_place = true },
      when = function(settings) return { journeys = 1 } end,
      once = "1h",
      decide = function(event, recent, settings)
        return sperrwerk.evidence {
          points = settings.points,
          reason = ("%d journeys faster than %d km/h within %s"):format(recent.journeys, settings.speed, settings.over),
        }
      end,
    },
  },
}
