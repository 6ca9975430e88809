// Counts the words of an event's data.text.

// The event is CloudEvents JSON. What is returned and what may be thrown stands in wit/handler.wit.
export function handle(event) {
  const text = JSON.parse(event).data?.text;
  if (typeof text !== "string") {
    // No retry can mend it: the event is dead at once. "failed" would be retried.
    throw { tag: "permanent", val: "data.text is not there, or no string" };
  }
  const words = text.match(/\S+/g)?.length ?? 0;
  return { tag: "json", val: JSON.stringify({ words }) };
}
