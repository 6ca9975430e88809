// Shows something again and again while its page is open and looked at.

const WAIT_MS_MAX = 30_000;

/**
 * Calls `show` now and then every `ms`, until `signal` ends it. A failure is told in `link` and tried again, ever
 * more slowly; nothing is asked for a tab that nobody sees.
 */
export async function poll(ms, signal, show) {
  const link = document.getElementById("link");
  for (let failures = 0; !signal.aborted; ) {
    if (!document.hidden) {
      try {
        await show();
        failures = 0;
        link.textContent = "";
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        link.textContent = error.message;
      }
    }
    await pause(Math.min(ms * 2 ** failures, Math.max(ms, WAIT_MS_MAX)), signal);
  }
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
