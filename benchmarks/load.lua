-- Sends requests from a file, one a line: method, path, body. `{id}` in a body becomes a number never sent before.
-- REQUESTS names the file, FIRST_ID the first number.

local requests, place = {}, 0
local id = tonumber(os.getenv("FIRST_ID"))

function init(args)
    for line in io.lines(os.getenv("REQUESTS")) do
        local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
        if body == "" then
            requests[#requests + 1] = wrk.format(method, path)
        else
            requests[#requests + 1] = { method, path, body }
        end
    end
end

local function number()
    id = id + 1
    return tostring(id)
end

function request()
    place = place % #requests + 1
    local one = requests[place]
    if type(one) == "string" then
        return one
    end
    return wrk.format(one[1], one[2], nil, (one[3]:gsub("{id}", number)))
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    local seconds = summary.duration / 1e6
    local p50, p99 = latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
    io.write(string.format("\nfigures %f %f %f %d\n", summary.requests / seconds, p50, p99, failed))
end
