// Elements, widths of texts, heat maps. Nothing is ever parsed as markup: names are text and nothing else.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const text = (x, y, kind, ...content) => svg("text", { x, y, class: kind }, content.map((c) =>
  typeof c === "string" ? c : svg("tspan", { class: c[1] }, c[0])));

const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();
function widthOf(words, size, weight = 400) {
  const key = `${size}/${weight}/${words}`;
  if (!widths.has(key)) {
    ruler.font = `${weight} ${size}px ${FONT}`;
    widths.set(key, ruler.measureText(words).width);
  }
  return widths.get(key);
}

function cut(words, size, most, weight = 400) {
  if (widthOf(words, size, weight) <= most) return words;
  let n = words.length;
  while (n > 1 && widthOf(words.slice(0, n) + "…", size, weight) > most) n--;
  return words.slice(0, n) + "…";
}

// One path for each colour, not one rectangle for each cell.
const CELL = 7;
function heatSize(array, rows = 8, columns = 10) {
  return [Math.max(1, Math.min(array.columns, columns)) * CELL, Math.max(1, Math.min(array.rows, rows)) * CELL];
}
function heatMap(array, x, y, shape) {
  const group = svg("g", { class: "map" });
  const rows = evenly(shape.rows, 8), columns = evenly(shape.columns, 10), paths = {};
  rows.forEach((i, r) => columns.forEach((j, c) => {
    const kind = array ? level(array.at(i, j), array.peak) : "none";
    paths[kind] = (paths[kind] || "") + `M${x + c * CELL} ${y + r * CELL}h${CELL - 0.6}v${CELL - 0.6}h${0.6 - CELL}z`;
  }));
  for (const [kind, d] of Object.entries(paths)) group.append(svg("path", { class: kind, d }));
  return group;
}

// A triangle whose tip is at [x, y] and looks along [dx, dy].
function head([x, y], [dx, dy], size = 8) {
  const w = size * 0.45, p = (a, b) => `${x - dx * a - dy * b} ${y - dy * a + dx * b}`;
  return `M${x} ${y}L${p(size, w)}L${p(size, -w)}z`;
}

function direction(from, to, turned, aside) {
  const along = aside ? !turned : turned; // arrows arrive along u, those from the side along v
  return along ? [0, Math.sign(to[1] - from[1]) || 1] : [Math.sign(to[0] - from[0]) || 1, 0];
}
