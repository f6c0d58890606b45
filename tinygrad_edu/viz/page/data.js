// The data of the page: arrays, nodes and edges with what follows from them, and numbers as text.
const page = JSON.parse(document.getElementById("data").textContent);
const MOST_ARROWS = 3;
const $ = (id) => document.getElementById(id);
function push(map, key, value) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(value);
}
const last = (list) => list[list.length - 1];
const sum = (list) => list.reduce((a, b) => a + b, 0);
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// An array of the data with rows, columns and statistics; arrays are laid out as tables, leading axes below each other.
function unpack(given) {
  if (!given) return null;
  const { shape, dtype } = given;
  const data = given.data.map(Number), whole = !given.picked;
  const columns = whole ? (shape.length ? last(shape) : 1) : given.picked[1];
  const rows = whole ? (columns ? data.length / columns : 0) : given.picked[0];
  const finite = data.filter(Number.isFinite);
  const statistics = given.statistics ? given.statistics.map(Number) : [
    finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity),
    Math.sqrt(sum(finite.map((v) => v * v)) / Math.max(finite.length, 1)), data.length - finite.length,
  ];
  const [low, high, rms, bad] = statistics;
  const peak = finite.length || !whole ? Math.max(Math.abs(low), Math.abs(high)) : 0;
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype, data, whole, rows, columns, size, low, high, rms, bad, peak, at: (i, j) => data[i * columns + j] };
}

// An array made here, of the shape of another.
const like = (array, data) => unpack({ shape: array.shape, dtype: array.dtype, data });
const isScalar = (array) => array.size === 1;
const shapeText = (shape) => (shape.length === 1 ? `${shape[0]}` : shape.join("×"));

function makeFrame(given) {
  const nodes = given.nodes.map((n, id) => ({
    flags: [], params: {}, ...n, id, ends: [], uses: [], inputs: [], value: unpack(n.value), grad: unpack(n.grad),
  }));
  const edges = given.edges.map((e, id) => ({ ...e, id }));
  for (const e of edges) {
    e.source = nodes[e.from];
    e.target = nodes[e.to];
    e.part = e.part === true ? e.source.grad : unpack(e.part);
    if (typeof e.local === "object") e.local = unpack(e.local);
    else if (typeof e.local === "string") e.local = Number(e.local);
    e.source.uses.push(e);
    e.target.inputs.push(e);
  }
  const ghosts = given.ghosts.map((g) => ghostOf(g, nodes));
  const calls = given.calls.map((c, id) => ({ ...c, id }));
  addRepeats(nodes, calls);
  addGroups(nodes, calls);
  const frame = { nodes, edges, ghosts, calls, root: nodes[given.root], notes: given.notes };
  markRepeated(nodes.filter((n) => n.op && !n.name && n !== frame.root));
  for (const node of nodes) node.depth = node.op ? 1 + Math.max(0, ...node.inputs.map((e) => e.source.depth)) : 0;
  for (const node of nodes) node.label = node === frame.root && !node.name ? "out" : labelOf(node);
  for (const edge of edges) edge.rule = edge.rule && namedRule(edge);
  frame.hasGradients = Boolean(frame.root.grad);
  frame.steps = stepsOf(frame);
  return frame;
}

// Where the numbers of a value went on without a gradient; what led to no value of the graph is known with its source.
function ghostOf(given, nodes) {
  const source = nodes[given.from], nowhere = given.to === undefined;
  if (!source.ends.includes(given.op)) source.ends.push(given.op);
  return { ...given, source, nowhere, target: nowhere ? source : nodes[given.to], ghost: given.op };
}

// Real execution order forward, newest first backward.
function stepsOf(frame) {
  const ops = frame.nodes.filter((n) => n.op);
  const steps = [{ kind: "start" }, ...ops.map((node) => ({ kind: "forward", node }))];
  if (!frame.hasGradients) return steps;
  steps.push({ kind: "seed", node: frame.root });
  const back = ops.filter((n) => n.grad && n.inputs.some((e) => e.part)).reverse();
  steps.push(...back.map((node) => ({ kind: "backward", node })));
  ops.forEach((node, i) => { node.forwardStep = i + 1; });
  back.forEach((node, i) => { node.backwardStep = ops.length + 2 + i; });
  return steps;
}

// For each node from which step on its value is known; for each edge from which step on its part is.
const valueKnown = (node, at) => !node.op || node.forwardStep === undefined || at >= node.forwardStep;
const partKnown = (edge, at) => edge.part && at >= edge.target.backwardStep;

// The parts that have arrived at a node, in the order of the backward pass.
function arrived(node, at) {
  const known = node.uses.filter((e) => partKnown(e, at));
  return known.sort((a, b) => a.target.backwardStep - b.target.backwardStep || a.id - b.id);
}
const expected = (node) => node.uses.filter((e) => e.part);

function gradientAt(node, at, frame) {
  if (!node.grad) return null;
  if (node === frame.root) return at > frame.nodes.filter((n) => n.op).length ? node.grad : null;
  const parts = arrived(node, at), all = expected(node).length;
  if (!parts.length) return null;
  if (parts.length === all) return node.grad;
  return like(node.grad, node.grad.data.map((_, i) => sum(parts.map((e) => e.part.data[i]))));
}

// Ops without a name that occur more than once are numbered: +₁, +₂.
function markRepeated(nodes) {
  const same = new Map();
  for (const node of nodes) push(same, node.symbol, node);
  for (const list of same.values()) if (list.length > 1) list.forEach((node, i) => { node.mark = subscript(`n${i + 1}`).slice(1); });
}

// A rule with the labels of this page where it had to say "in" and "out".
function namedRule(edge) {
  const { target } = edge, inputs = target.inputs.map((e) => e.source.label);
  const named = target.name ? edge.rule : edge.rule.replace(/\bout\b/g, target.label);
  return named.replace(/\bin([₁-₉]?)(?![\w₀-₉])/g, (all, i) => inputs[i ? SUB.indexOf(i) - 1 : 0] || all);
}

const BINARY = /^[^\w\s]{1,2}$/;
const isConstant = (node) => node.role === "constant";
const constantText = (node) => (isScalar(node.value) ? number(node.value.data[0]) : "array");

// The op as a card says it, with a constant beside it: × 0.5.
function opText(node) {
  const [a, b] = node.inputs, symbol = node.symbol + (node.mark || "");
  if (!a || !b || !BINARY.test(node.symbol)) return symbol;
  if (isConstant(b.source)) return `${symbol} ${constantText(b.source)}`;
  return isConstant(a.source) ? `${constantText(a.source)} ${symbol}` : symbol;
}

// What formulas call a value: its name, else its op.
function labelOf(node) {
  if (node.name) return subscript(shortPath(node.name));
  if (isConstant(node)) return constantText(node);
  const [use, second] = node.uses; // the weight of a layer, but not the b of a @ b
  if (!node.op) return node.role === "parameter" && use && !second && !BINARY.test(use.target.symbol) ? use.argument : node.role;
  return (node.op === "linear" ? node.op : node.symbol) + (node.mark || "");
}
const shortPath = (name) => (name.length <= 10 ? name : name.split(".").slice(-2).join(".").slice(-14));

const SUPER = "⁰¹²³⁴⁵⁶⁷⁸⁹", SUB = "₀₁₂₃₄₅₆₇₈₉";
const superscript = (n) => String(n).replace("-", "⁻").replace(/\d/g, (d) => SUPER[d]);
function subscript(name) {
  const found = /^(.*\.)?([\p{L}])_?(\d+)$/u.exec(name);
  return found ? (found[1] || "") + found[2] + found[3].replace(/\d/g, (d) => SUB[d]) : name;
}

// A number in three significant digits, with a true minus sign and powers of ten.
function number(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return signed(String(value));
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  if (exponent > -4 && exponent < 5) return signed(String(Number(value.toPrecision(digits))));
  return `${signed(String(Number(mantissa)))}·10${superscript(Number(exponent))}`;
}
const signed = (text) => text.replaceAll("-", "−");

// A number in at most five characters, for a cell.
function cellText(v) {
  if (!Number.isFinite(v)) return number(v);
  const size = Math.abs(v);
  if (size === 0) return "0";
  if (Number.isInteger(v) && size < 1000) return signed(String(v));
  if (size >= 999.5 || size < 0.00995) return signed(v.toExponential(0).replace("e+", "e"));
  const text = v.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2);
  return signed(text.replace(/^(-?)0\./, "$1."));
}

const spread = (array) =>
  !array.size ? "empty" : array.bad ? `${array.bad} not finite` : array.peak ? `±${number(array.peak, 2)}` : "0";

// The class of a cell's colour: p1 to p7, n1 to n7, zero, or nan.
function level(v, peak) {
  if (!Number.isFinite(v)) return "nan";
  if (v === 0 || !peak) return "zero";
  return (v > 0 ? "p" : "n") + Math.max(1, Math.min(7, Math.round((Math.abs(v) / peak) * 7)));
}

const evenly = (n, most) =>
  Array.from({ length: Math.min(n, most) }, (_, i) => (n <= most ? i : Math.round((i * (n - 1)) / (most - 1))));
