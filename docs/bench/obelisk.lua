-- For wrk: submits the lines of a file to Obelisk, each as an execution of its own, over and over.

local requests, last = {}, 0
local BODY = '{"ffqn":"peers:orders/orders.handle","params":["%s"]}'
local HEADERS = { ["content-type"] = "application/json" }

function init(arguments)
  for line in io.lines(arguments[1]) do
    local text = line:gsub('[\\"]', "\\%0")
    requests[#requests + 1] = wrk.format("POST", "/v1/executions", HEADERS, BODY:format(text))
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end
