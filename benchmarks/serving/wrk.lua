-- Sends one request, a file's, over and over; at the end prints what came of it as a line of JSON.
-- The file: the method and the path, a header a line, an empty line, then the body as it is.

function init(arguments)
   local file = assert(io.open(arguments[1], "rb"))
   wrk.method, wrk.path = file:read("*l"):match("^(%u+) (%S+)$")
   for line in function() return file:read("*l") end do
      if line == "" then break end
      local name, value = line:match("^([^:]+): (.*)$")
      wrk.headers[name] = value
   end
   wrk.body = file:read("*a")
   file:close()
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "bad_statuses": %d, "broken": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
