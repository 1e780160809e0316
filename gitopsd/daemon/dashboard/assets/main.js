// What is shown: the address says what, the operator says when there is news.

import { addressOf, follow, get, hasToken, keepToken, NeedsToken } from "./api.js";
import { refresh } from "./chips.js";
import { h } from "./dom.js";
import { ListPage } from "./list.js";
import { passes, plans, problems } from "./pages.js";
import { reports } from "./reports.js";
import { Rows } from "./rows.js";
import { thing } from "./thing.js";
import { number, preferred, speak, t } from "./words.js";
import * as words from "./words.js";

const content = document.getElementById("content");
const state = {
  overview: null, rows: null, tag: "", list: null, text: "", turn: 0, begun: false,
  following: false, came: "",
};

/** The other pages: what they ask for, and how it is drawn. */
const PAGES = {
  plans: [["plans", "holds"], plans],
  reports: [["reports"], reports],
  passes: [["passes"], passes],
  problems: [["problems"], problems],
};

function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("?")[0].split("/");
  return { name, rest: rest.map(decode) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function frame() {
  const { name } = route();
  const waiting = state.overview?.targets.filter((one) => one.plan?.held).length || 0;
  const open = state.overview?.targets.reduce((sum, one) => sum + (one.openReports || 0), 0) || 0;
  const wrong = state.overview?.repositories
    .reduce((sum, one) => sum + one.errors + one.warnings, 0) || 0;
  const counts = { plans: waiting, reports: open, problems: wrong };
  const links = ["", ...Object.keys(PAGES)].map((page) => h("a", {
    href: `#/${page}`, "aria-current": page === name || (page === "" && name === "thing")
      ? "page" : null,
  }, t(`nav.${page || "exposures"}`),
  counts[page] ? h("span", { class: "count" }, number(counts[page])) : ""));
  const nav = document.getElementById("nav");
  const focused = [...nav.children].indexOf(document.activeElement);
  nav.replaceChildren(...links);
  if (focused >= 0) links[focused]?.focus();
  nav.setAttribute("aria-label", t("nav"));
  document.getElementById("skip").textContent = t("skip");
  document.getElementById("language-label").textContent = t("language");
  document.getElementById("footer").replaceChildren(
    `${t("footer")} gitopsd ${state.overview?.gitopsd || ""}`);
}

function announce(text) {
  document.getElementById("announce").textContent = text;
}

/** Put something else on the page; focus goes there when a person on the page asked for it. */
function put(element, moved) {
  const open = new Map([...content.querySelectorAll("details[data-key]")]
    .map((one) => [one.dataset.key, one.open]));
  for (const one of moved ? [] : element.querySelectorAll("details[data-key]")) {
    if (open.has(one.dataset.key)) one.open = open.get(one.dataset.key);
  }
  const focused = moved ? -1 : stops(content).indexOf(document.activeElement);
  content.replaceChildren(element);
  if (focused >= 0) stops(content)[focused]?.focus({ preventScroll: true });
  const title = element.querySelector("h1")?.textContent;
  document.title = title ? `${title} · gitopsd` : "gitopsd";
  if (moved) {
    window.scrollTo(0, 0);
    if (state.begun) content.focus({ preventScroll: true });
  }
  state.begun = true;
}

/** All that the keyboard can stop at. */
const stops = (place) => [...place.querySelectorAll("a, button, input, summary, [tabindex]")];

async function showList(moved) {
  if (!state.rows || state.tag !== state.overview.rows) {
    state.rows = new Rows(await get("exposures"));
    state.tag = state.overview.rows;
    if (!moved) announce(t("updated", { what: summary() }));
  }
  if (moved || !state.list) {
    state.list?.end();
    state.list = new ListPage(state.rows, state.overview);
    put(state.list.element, moved);
    state.list.show();
    if (state.came) state.list.reach(state.came);
    state.came = "";
  } else state.list.update(state.rows, state.overview);
}

function summary() {
  return [...state.rows.counts(state.rows.rows)].filter(([, n]) => n)
    .map(([name, n]) => `${number(n)} ${t(`state.${name}`)}`).join(", ");
}

async function fetched(name, rest) {
  const told = (path) => get(`${path}?language=${words.language}`);
  if (name === "thing") {
    try {
      return [thing, [await told(addressOf(rest))]];
    } catch (error) {
      if (error.status !== 404) throw error;
      return [() => h("div", {}, h("h1", {}, rest.slice(3).join("/")), h("p", {}, t("gone")),
        h("a", { href: "#/" }, t("back"))), []];
    }
  }
  const [paths, draw] = PAGES[name];
  return [draw, await Promise.all(paths.map(told))];
}

async function show(moved) {
  const turn = state.turn += 1;
  const { name, rest } = route();
  try {
    state.overview = await get("overview");
    if (turn !== state.turn) return;
    frame();
    if (name !== "thing" && !Object.hasOwn(PAGES, name)) {
      await showList(moved);
      return;
    }
    state.came = name === "thing" ? rest.join("/") : "";
    const [draw, told] = await fetched(name, rest);
    if (turn !== state.turn) return;
    leaveList();
    const text = JSON.stringify(told, (key, value) => (key === "observed" ? undefined : value));
    if (!moved && text === state.text) {
      const seen = content.querySelector("time[data-ago]");
      if (seen && told[0]?.observed) seen.dateTime = told[0].observed;
      refresh();
      return;
    }
    state.text = text;
    put(draw(...told), moved);
  } catch (error) {
    if (error instanceof NeedsToken) askToken();
    else if (moved) put(h("p", { class: "notice", role: "alert" },
      t("failed", { why: error.message })), false);
    if (!moved || error instanceof NeedsToken) throw error;
  }
}

function leaveList() {
  state.list?.end();
  state.list = null;
}

function askToken() {
  if (document.getElementById("token")) return;
  leaveList();
  const wrong = hasToken();
  keepToken("");
  const field = h("input", { type: "password", id: "token", autocomplete: "off", required: true });
  const form = h("form", { class: "token", submit: (event) => {
    event.preventDefault();
    keepToken(field.value.trim());
    field.removeAttribute("id");
    start();
  } }, h("h1", {}, t("token.title")), h("p", {}, t("token.what")),
  wrong ? h("p", { class: "warn", role: "alert" }, t("token.wrong")) : null,
  h("label", { for: "token" }, t("token.label")), field,
  h("button", { type: "submit" }, t("token.go")));
  put(form, false);
  field.focus();
}

function connection(kind, seconds) {
  const place = document.getElementById("connection");
  place.className = kind;
  const text = t(kind, { seconds });
  if (place.textContent !== text) place.textContent = text;
}

async function start() {
  try {
    await show(true);
  } catch (error) {
    if (error instanceof NeedsToken) return;
  }
  if (state.following) return;
  state.following = true;
  await follow(() => show(false), connection);
  state.following = false;
}

window.addEventListener("hashchange", () => show(true).catch(() => {}));
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && !typing && state.list) {
    event.preventDefault();
    state.list.search.focus();
  }
});
document.getElementById("language").addEventListener("change", async (event) => {
  localStorage.setItem("gitopsd.language", event.target.value);
  await speak(event.target.value);
  await show(true).catch(() => {});
});

setInterval(refresh, 5000);
await speak(preferred());
document.getElementById("language").value = words.language;
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  content.focus();
});
start();
