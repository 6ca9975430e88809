-- For wrk: posts the lines of a file, one a request, over and over.

local requests, last = {}, 0

function init(arguments)
  local headers = { ["content-type"] = "application/cloudevents+json" }
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", "/", headers, line)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end
