-- Asks one question over and over, and counts the answers that are not, byte for byte, the right one.
-- Arguments: the file with the question, the file with the answer; when that is empty no answer is compared.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = contents(args[1])
  expected = contents(args[2])
  wrong = 0
  if expected == "" then
    response = nil
  end
end

function response(status, _, body)
  if status ~= 200 or body ~= expected then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  if expected == "" then
    failed = failed + errors.status
  end
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("wrong")
  end
  print(string.format(
    'figures {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "wrong": %d, "bytes": %d}',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed, summary.bytes))
end
