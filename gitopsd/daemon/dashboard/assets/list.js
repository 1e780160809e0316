// All Exposures and server groups: searched, filtered, sorted; and the targets they stand at.

import { chip, sign } from "./chips.js";
import { h } from "./dom.js";
import { targets } from "./targets.js";
import { LongTable } from "./window.js";
import { age, number, t } from "./words.js";

const HEADS = ["name", "target", "state", "ready", "revision", "address", "age"];
const COLUMN_OF = { age: "created" };

/** What is chosen, as it stands in the address: `#/?q=tea&state=drifted`. */
function chosenIn(hash) {
  const query = new URLSearchParams(hash.split("?")[1] || "");
  return {
    q: query.get("q") || "", state: query.get("state"), target: query.get("target"),
    namespace: query.get("namespace"), sort: query.get("sort") || "state",
    down: query.get("down") === "1",
  };
}

export class ListPage {
  constructor(rows, overview) {
    this.rows = rows;
    this.chosen = chosenIn(location.hash);
    this.long = new LongTable(t("nav.exposures"), this.#heads(), (row) => this.#row(row));
    this.targets = h("div");
    this.status = h("p", { class: "status", role: "status" });
    this.states = h("div", { class: "states", role: "group", "aria-label": t("filter.state") });
    this.selects = h("div", { class: "selects" });
    this.search = h("input", {
      type: "search", id: "search", autocomplete: "off", spellcheck: "false",
      value: this.chosen.q, "aria-describedby": "search-hint", input: () => this.#searched(),
    });
    this.element = h("div", {},
      h("h1", { class: "hidden" }, t("nav.exposures")),
      this.targets,
      h("div", { class: "tools", role: "search" },
        h("div", { class: "field wide" }, h("label", { for: "search" }, t("search")), this.search,
          h("small", { id: "search-hint" }, t("search.hint"))),
        this.selects),
      this.states, this.status, this.long.element);
    this.update(rows, overview);
  }

  end() {
    this.long.end();
  }

  /** Other rows, or another word on the targets. */
  update(rows, overview) {
    this.rows = rows;
    this.targets.replaceChildren(targets(overview));
    this.selects.replaceChildren(this.#select("target"), this.#select("namespace"));
    this.show();
  }

  show() {
    const { q, state, target, namespace, sort, down } = this.chosen;
    const every = this.rows.find(q, { target, namespace }, COLUMN_OF[sort] || sort, down);
    const shown = state ? every.filter((row) => this.rows.get(row, "state") === state) : every;
    this.#countStates(this.rows.counts(every));
    const counted = { shown: number(shown.length), total: number(this.rows.rows.length) };
    const nothing = this.rows.rows.length ? t("none") : t("empty");
    this.status.replaceChildren(shown.length ? t("shown", counted) : nothing);
    this.long.element.hidden = shown.length === 0;
    this.long.show(shown);
  }

  /** Back to the row of something, if it is among what is shown. */
  reach(place) {
    this.long.reach(this.long.items.findIndex((row) => this.rows.place(row).join("/") === place));
  }

  #searched() {
    const began = performance.now();
    this.#choose({ q: this.search.value });
    performance.measure("gitopsd.search", { start: began });
  }

  #choose(more) {
    Object.assign(this.chosen, more);
    const query = new URLSearchParams();
    for (const name of ["q", "state", "target", "namespace"]) {
      if (this.chosen[name]) query.set(name, this.chosen[name]);
    }
    if (this.chosen.sort !== "state") query.set("sort", this.chosen.sort);
    if (this.chosen.down) query.set("down", "1");
    const text = query.toString();
    history.replaceState(null, "", text ? `#/?${text}` : "#/");
    this.long.active = 0;
    this.show();
  }

  #select(name) {
    const chosen = this.chosen[name];
    const options = [...new Set([...(chosen ? [chosen] : []), ...this.rows.values(name)])].sort();
    const id = `filter-${name}`;
    return h("div", { class: "field" }, h("label", { for: id }, t(`filter.${name}`)),
      h("select", { id, change: (e) => this.#choose({ [name]: e.target.value || null }) },
        h("option", { value: "" }, t("filter.all")),
        options.map((value) => h("option", { value, selected: value === chosen }, value))));
  }

  #countStates(counts) {
    const focused = this.states.contains(document.activeElement)
      && document.activeElement.dataset.state;
    const buttons = [...counts].filter(([state, n]) => n || state === this.chosen.state)
      .map(([state, n]) => h("button", {
        type: "button", "data-state": state, "aria-pressed": String(state === this.chosen.state),
        click: () => this.#choose({ state: state === this.chosen.state ? null : state }),
      }, h("span", { class: "sign", "aria-hidden": "true" }, sign(state)), t(`state.${state}`),
      h("b", {}, number(n))));
    this.states.replaceChildren(...buttons);
    if (focused) buttons.find((one) => one.dataset.state === focused)?.focus();
  }

  #heads() {
    return HEADS.map((name) => {
      const sorted = this.chosen.sort === name;
      const order = sorted ? (this.chosen.down ? "descending" : "ascending") : null;
      return h("th", { scope: "col", "aria-sort": order, class: `c-${name}` },
        h("button", { type: "button", "data-sort": name, click: () => this.#sort(name) },
          t(`column.${name}`)));
    });
  }

  #sort(name) {
    const down = this.chosen.sort === name ? !this.chosen.down : false;
    this.#choose({ sort: name, down });
    this.long.head.replaceChildren(...this.#heads());
    this.long.head.querySelector(`[data-sort="${name}"]`).focus();
  }

  #row(row) {
    const get = (name) => this.rows.get(row, name);
    const way = this.rows.place(row).map(encodeURIComponent).join("/");
    const group = get("kind") === "ServerGroup" ? h("span", { class: "kind" }, get("kind")) : null;
    const ready = get("ready");
    const born = get("created");
    return h("tr", {},
      h("td", { class: "c-name" },
        h("a", { href: `#/thing/${way}`, title: `${get("namespace")}/${get("name")}` },
          h("span", { class: "quiet" }, `${get("namespace")}/`), get("name")), group),
      h("td", { class: "c-target", title: get("repository") }, get("target")),
      h("td", { class: "c-state" }, chip(get("state"))),
      h("td", { class: `c-ready${ready === "False" ? " warn" : ""}`, title: get("reason") },
        t(`ready.${ready}`)),
      h("td", { class: "c-revision" }, h("code", {}, get("revision"))),
      h("td", { class: "c-address" }, h("code", { title: get("address") }, get("address"))),
      h("td", { class: "c-age" }, born ? h("time", { datetime: born, title: born }, age(born)) : ""));
  }
}
