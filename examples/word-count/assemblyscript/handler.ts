// Counts the words of an event's data.text.

import { JSON } from "json-as";

// No retry can mend it: the event is dead at once. 75 would be "later, please", any other number
// "failed", which is retried.
const PERMANENT = 65;

@json
class Result {
  words: i32 = 0;
}

main();

function main(): void {
  const text = textOf(JSON.parse<JSON.Obj>(readStdin()));
  if (text === null) {
    process.stderr.write("data.text is not there, or no string\n");
    process.exit(PERMANENT);
    return;
  }
  const result = new Result();
  result.words = countWords(text);
  process.stdout.write(JSON.stringify(result) + "\n");
}

// The event comes on stdin as CloudEvents JSON, in as many pieces as it pleases the host.
function readStdin(): string {
  let buffer = new ArrayBuffer(16384);
  let length = 0;
  let read = 0;
  while ((read = process.stdin.read(buffer, length)) > 0) {
    length += read;
    if (length == buffer.byteLength) {
      const larger = new ArrayBuffer(2 * length);
      Uint8Array.wrap(larger).set(Uint8Array.wrap(buffer));
      buffer = larger;
    }
  }
  return String.UTF8.decode(buffer.slice(0, length));
}

function textOf(event: JSON.Obj): string | null {
  const data = event.get("data");
  if (data === null || data.type != JSON.Types.Object) return null;
  const text = data.get<JSON.Obj>().get("text");
  if (text === null || text.type != JSON.Types.String) return null;
  return text.get<string>();
}

function countWords(text: string): i32 {
  let words = 0;
  let inWord = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isSpace = code == 32 || (code >= 9 && code <= 13);
    if (!isSpace && !inWord) words++;
    inWord = !isSpace;
  }
  return words;
}
