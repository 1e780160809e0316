// The texts of one language, and how times and numbers read.

let texts = {};
export let language = "en";

/** Fetch the texts of a language. */
export async function speak(wanted) {
  const answer = await fetch(`/ui/texts.${wanted}.json`);
  texts = await answer.json();
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

/** What was chosen before, or what the browser prefers. */
export function preferred() {
  const kept = localStorage.getItem("gitopsd.language");
  if (kept === "en" || kept === "zh") return kept;
  return (navigator.language || "").startsWith("zh") ? "zh" : "en";
}

/** The text of a key with its places filled in; a key that nobody knows stands for itself. */
export function t(key, values = {}) {
  const text = Object.hasOwn(texts, key) ? texts[key] : key.slice(key.lastIndexOf(".") + 1);
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole);
}

export const number = (value) => new Intl.NumberFormat(language).format(value);

/** How long ago an RFC 3339 time was: `3 min`, `12 d`; "" for none. */
export function age(time, now = Date.now()) {
  const then = Date.parse(time);
  if (Number.isNaN(then)) return "";
  const seconds = Math.max(0, (now - then) / 1000);
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= length) return t(`age.${unit}`, { n: number(Math.floor(seconds / length)) });
  }
  return t("age.s", { n: Math.floor(seconds) });
}

/** A time as people here write it; the exact one is for its title. */
export function when(time) {
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return time;
  const form = { dateStyle: "medium", timeStyle: "medium" };
  return new Intl.DateTimeFormat(language, form).format(then);
}

/** `0.31 s`, `12 ms`. */
export function duration(seconds) {
  return seconds < 0.1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;
}
