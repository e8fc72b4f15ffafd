-- For wrk: asks for the paths of a file in turn, and says what came of it in one line.
--     wrk -s paths.lua https://127.0.0.1:PORT -- FILE
local requests, at = {}, 0
function init(args)
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
                         latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
