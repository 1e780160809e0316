// A long table of which only what can be seen stands on the page. Rows are all of one height.

import { h } from "./dom.js";

const BEYOND = 8;

export class LongTable {
  /** `make(item, index)` gives a row whose first link is what the keyboard moves over. */
  constructor(caption, heads, make) {
    this.make = make;
    this.items = [];
    this.active = 0;
    this.top = h("tr", { "aria-hidden": "true", class: "gap" }, h("td", { colspan: heads.length }));
    this.bottom = h("tr", { "aria-hidden": "true", class: "gap" }, h("td", { colspan: heads.length }));
    this.body = h("tbody");
    this.head = h("tr", { "aria-rowindex": "1" }, heads);
    this.table = h("table", { class: "long" }, h("caption", { class: "hidden" }, caption),
      h("thead", {}, this.head), this.body);
    this.element = h("div", { class: "list", tabindex: "-1", keydown: (e) => this.#key(e) },
      this.table);
    this.element.addEventListener("focusin", (event) => this.#focused(event));
    this.redraw = () => this.draw();
    window.addEventListener("scroll", this.redraw, { passive: true });
    window.addEventListener("resize", this.redraw, { passive: true });
  }

  /** To be called when it is taken off the page. */
  end() {
    window.removeEventListener("scroll", this.redraw);
    window.removeEventListener("resize", this.redraw);
  }

  show(items) {
    this.items = items;
    this.active = Math.min(this.active, Math.max(0, items.length - 1));
    this.table.setAttribute("aria-rowcount", String(items.length + 1));
    this.drawn = null;
    this.draw();
  }

  draw() {
    const height = parseFloat(getComputedStyle(this.table).getPropertyValue("--row")) || 40;
    const start = this.body.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor(-start / height) - BEYOND);
    const to = Math.min(this.items.length, Math.ceil((innerHeight - start) / height) + BEYOND);
    const drawn = `${from} ${to} ${this.active} ${height}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = this.element.contains(document.activeElement);
    const reached = this.active >= from && this.active < to ? this.active : from;
    const rows = [];
    for (let index = from; index < to; index += 1) {
      const row = this.make(this.items[index], index);
      row.setAttribute("aria-rowindex", String(index + 2));
      row.dataset.index = index;
      row.querySelector("a").tabIndex = index === reached ? 0 : -1;
      rows.push(row);
    }
    this.top.style.height = `${from * height}px`;
    this.bottom.style.height = `${Math.max(0, this.items.length - to) * height}px`;
    this.body.replaceChildren(this.top, ...rows, this.bottom);
    if (focused) this.#focus(from, to);
  }

  #focus(from, to) {
    const within = this.active >= from && this.active < to;
    const link = within && this.body.querySelector(`tr[data-index="${this.active}"] a`);
    (link || this.element).focus({ preventScroll: true });
  }

  #focused(event) {
    const row = event.target.closest("tr[data-index]");
    if (row) this.active = Number(row.dataset.index);
  }

  #key(event) {
    const last = this.items.length - 1;
    const page = Math.max(1, Math.floor(innerHeight / 60));
    const moves = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page,
      PageUp: this.active - page, Home: 0, End: last,
    };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey || last < 0) return;
    if (event.target.closest("thead")) return;
    event.preventDefault();
    this.reach(Math.min(last, Math.max(0, moves[event.key])));
  }

  /** Show a row and put the focus on it; -1 is none. */
  reach(index) {
    if (index < 0) return;
    this.active = index;
    this.#reveal();
    this.element.focus({ preventScroll: true });
    this.drawn = null;
    this.draw();
  }

  /** Scroll as far as the active row needs. */
  #reveal() {
    const height = parseFloat(getComputedStyle(this.table).getPropertyValue("--row")) || 40;
    const at = this.body.getBoundingClientRect().top + this.active * height;
    const above = this.head.getBoundingClientRect().bottom + 4;
    const ceiling = Math.max(0, Math.min(above, innerHeight / 2));
    if (at < ceiling) window.scrollBy({ top: at - ceiling, behavior: "instant" });
    else if (at + height > innerHeight - 8) {
      window.scrollBy({ top: at + height - innerHeight + 8, behavior: "instant" });
    }
  }
}
