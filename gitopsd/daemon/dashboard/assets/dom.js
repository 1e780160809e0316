// Building the page out of nodes. A text is always a text: nothing here reads markup.

/** An element. `attributes` by name; a function is a listener, false and null leave it out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else if (key === "title") element.title = visible(value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== "")
    .map((child) => (child instanceof Node ? child : visible(child))));
  return element;
}

/** A text with control and direction-changing characters made visible, as in a terminal. */
function visible(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}]/gu, (found) => (found === "\n" ? found
    : `\\u${found.codePointAt(0).toString(16).padStart(4, "0")}`));
}

/** A table with a caption for those who do not see it; `rows` hold cells, each a node or text. */
export function table(caption, heads, rows, style = "") {
  const cell = (content, index) =>
    h("td", { "data-name": heads[index] }, Array.isArray(content) ? content : [content]);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", { class: style },
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell))))));
}

/** A path that may break behind its dots, slashes and brackets. */
export function breakable(text) {
  return String(text).split(/(?<=[./[\]])/).flatMap((part) => [part, h("wbr")]);
}

/** A value as people read JSON; texts without quotes, long ones whole. */
export function shown(value, absent) {
  if (value === null || value === undefined) return h("span", { class: "quiet" }, absent);
  const text = typeof value === "string" ? readable(value) : JSON.stringify(value, null, 1);
  return h("code", {}, text === "" ? '""' : text);
}

/** JSON inside a text (annotations hold some) set out; any other text as it is. */
function readable(text) {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}
