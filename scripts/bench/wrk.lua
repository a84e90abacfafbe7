-- Asks for the URL that wrk was given, or, with a file behind "--", for each path in it once.
-- Says what came of it as a line of JSON; times are in milliseconds.

function init(args)
  if not args[1] then return end
  local requests, number = {}, 0
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
  request = function()
    number = number % #requests + 1
    return requests[number]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"failed":%d,"seconds":%f,"p50":%f,"p99":%f}\n',
    summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration / 1e6,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3
  ))
end
