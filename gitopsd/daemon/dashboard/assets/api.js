// Asking the operator: always GET, the token in a header and never in an address.

const KEY = "gitopsd.token";
const POLL = 10;
const SILENCE = 40;

export class NeedsToken extends Error {}

function headers() {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export function keepToken(token) {
  if (token) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
}

export const hasToken = () => sessionStorage.getItem(KEY) !== null;

/** What stands at /api/v1/<path>; throws NeedsToken, or an Error with the reason. */
export async function get(path) {
  const answer = await fetch(`/api/v1/${path}`, { headers: headers() });
  const content = await answer.json().catch(() => ({}));
  if (answer.status === 401) throw new NeedsToken();
  if (!answer.ok) {
    const error = new Error(content.message || answer.statusText);
    error.status = answer.status;
    throw error;
  }
  return content;
}

/** The address of one thing's details; every part is made safe. */
export function addressOf(parts) {
  return ["exposures", ...parts.map(encodeURIComponent)].join("/");
}

/**
 * Hear of news for as long as the page is looked at: over one stream, and where there is none (too
 * many listen, a proxy holds it back) by asking now and then. A hidden tab gives its stream up: a
 * browser has few for each server.
 * `news()` is called when there may be something new, `told(state)` with live, polling or offline.
 */
export async function follow(news, told) {
  try {
    for (;;) {
      await visible();
      const heard = await listen(news, told).catch(unlessToken);
      if (heard || document.hidden) continue;
      told(heard === false ? "polling" : "offline", POLL);
      await new Promise((resume) => setTimeout(resume, POLL * 1000));
      await news().catch(unlessToken);
    }
  } catch (error) {
    if (!(error instanceof NeedsToken)) throw error;
  }
}

function unlessToken(error) {
  if (error instanceof NeedsToken) throw error;
  return null;
}

async function visible() {
  while (document.hidden) {
    await new Promise((resume) => {
      document.addEventListener("visibilitychange", resume, { once: true });
    });
  }
}

/** Read the stream until it ends; whether anything was heard. Silence for long is an end, too. */
async function listen(news, told) {
  const stop = new AbortController();
  const hide = () => document.hidden && stop.abort();
  let timer = setTimeout(() => stop.abort(), SILENCE * 1000);
  let heard = false;
  document.addEventListener("visibilitychange", hide);
  try {
    const answer = await fetch("/api/v1/events", { headers: headers(), signal: stop.signal });
    if (answer.status === 401) throw new NeedsToken();
    if (!answer.ok) return false;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return heard;
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE * 1000);
      if (value.includes("data:")) await news();
      heard = true;
      told("live");
    }
  } finally {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", hide);
  }
}
