// The operator's drawing, rebuilt node by node: only what a drawing is made of comes through.

const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(["svg", "title", "desc", "g", "rect", "path", "text"]);
const ATTRIBUTES = new Set([
  "class", "id", "role", "aria-labelledby", "viewBox", "width", "height", "x", "y", "rx", "d",
  "text-anchor", "stroke-width",
]);

// Parsing runs nothing and loads nothing, and what it gives is never put on the page itself.
const policy = globalThis.trustedTypes?.createPolicy("drawing", { createHTML: (text) => text });

/** The drawings in a text of SVG, for wide and for narrow screens. */
export function drawings(text) {
  const bare = text.replace(/(<svg\b[^>]*?) style="[^"]*"/g, "$1"); // the policy forbids it
  const whole = `<g xmlns="${SVG}">${bare}</g>`;
  const source = policy ? policy.createHTML(whole) : whole;
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
  return [...parsed.documentElement.children].map(copy).filter(Boolean);
}

function copy(node) {
  if (node.namespaceURI !== SVG || !ELEMENTS.has(node.localName)) return null;
  const made = document.createElementNS(SVG, node.localName);
  for (const { name, value } of node.attributes) {
    if (ATTRIBUTES.has(name)) made.setAttribute(name, value);
  }
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE) made.append(copy(child) ?? "");
  }
  if (node.localName === "svg") {
    const width = parseFloat((node.getAttribute("viewBox") || "").split(" ")[2]);
    if (width) made.style.maxWidth = `${width}px`;
  }
  return made;
}
