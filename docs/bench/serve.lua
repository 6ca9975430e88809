-- A load for wrk: orders of about 300 bytes, each with an id of its own; what was answered is counted.

local threads = {}
local thread_number = 0

function setup(thread)
  thread:set("number", thread_number)
  thread_number = thread_number + 1
  table.insert(threads, thread)
end

function init()
  sent, accepted, other = 0, 0, 0
end

local BEFORE = '{"specversion":"1.0","id":"o-'
local AFTER = '","source":"/bench/shop","type":"com.example.order.placed",'
  .. '"data":{"customer":"ada","items":[{"sku":"tea","quantity":2,"price_cents":450},'
  .. '{"sku":"cup","quantity":1,"price_cents":999}],"discount_percent":10,"note":"please leave it at the door"}}'
local ID = "%d-%09d"
local HEADERS = { ["content-type"] = "application/cloudevents+json" }
local head, tail

-- The load shares the machine with what it measures, so a request is made once, and cut where its id goes.
local function cut()
  local id = string.format(ID, number, 0)
  local whole = wrk.format("POST", "/events", HEADERS, BEFORE .. id .. AFTER)
  local first, last = string.find(whole, id, 1, true)
  head, tail = string.sub(whole, 1, first - 1), string.sub(whole, last + 1)
end

function request()
  if not head then cut() end
  sent = sent + 1
  return head .. string.format(ID, number, sent) .. tail
end

function response(status)
  if status == 202 then accepted = accepted + 1 else other = other + 1 end
end

function done(summary, latency)
  local accepted, other = 0, 0
  for _, thread in ipairs(threads) do
    accepted = accepted + thread:get("accepted")
    other = other + thread:get("other")
  end
  io.write(string.format("accepted=%d\nother=%d\np50_us=%d\np99_us=%d\n", accepted, other,
    latency:percentile(50), latency:percentile(99)))
end
