// Fractions, coloured matrices, and products of matrices whose cells explain themselves.
const span = (kind, ...content) => html("span", { class: kind }, content);
const fraction = (above, below, kind = "") => html("span", { class: `frac ${kind}` }, html("span", {}, `∂${above}`), html("span", {}, `∂${below}`));
const upstream = (node) => fraction(state.frame.root.label, node.label, "");
const arriving = (node, turned) => (turned ? span("tight", span("big", "("), upstream(node), span("big", ")ᵀ")) : upstream(node));
const sign = (s) => span("sign", s);
const line = (...content) => html("div", { class: "line-of" }, content);
const valueOf = (v, kind) => span(kind, number(v));

const MOST = 8; // rows and columns of a matrix that are shown

function matrix(array, caption, options = {}) {
  if (!array) return html("figure", {}, span("faint", "–"));
  const rows = evenly(array.rows, MOST), columns = evenly(array.columns, options.most || MOST);
  const cell = (i, j) => {
    const v = array.at(i, j), kind = options.plain ? "zero" : level(v, array.peak);
    const found = html("td", { class: `${kind}${options.enter ? " can" : ""}`, title: Number.isFinite(v) ? signed(String(v)) : number(v), "data-i": i, "data-j": j }, cellText(v));
    if (options.enter) found.addEventListener("pointerenter", () => options.enter(i, j));
    return found;
  };
  const table = html("table", {}, rows.map((i) => html("tr", {}, columns.map((j) => cell(i, j)))));
  const parts = rows.length < array.rows || columns.length < array.columns || !array.whole;
  return html("figure", {}, table, html("figcaption", {}, `${caption} ${shapeText(array.shape)}${parts ? ", sampled" : ""}`.trim()));
}

const transposed = (a) => unpack({
  shape: [a.columns, a.rows], dtype: a.dtype,
  data: Array.from({ length: a.size }, (_, k) => a.at(k % a.rows, Math.floor(k / a.rows))),
});

// Three matrices a @ b = c, or a @ b + bias = c; the cell of c under the pointer marks its row and column and writes out the dot product.
function product(a, b, c, names, bias = null) {
  const words = html("p", { class: "faint" }, "Point at a cell of the result: it is a row times a column.");
  const explain = (i, j) => {
    const terms = Array.from({ length: a.columns }, (_, k) => [a.at(i, k), b.at(k, j)]);
    const written = terms.slice(0, 4).map(([p, q]) => `${bracketed(p)}·${bracketed(q)}`).join(" + ");
    words.replaceChildren(`[${i}, ${j}] = `, valueOf(c.at(i, j), "result"), ` = row ${i} · column ${j} = `, written, terms.length > 4 ? ` + … (${terms.length} terms)` : "", bias ? ` + ${bracketed(bias.value.data[j])}` : "");
    for (const [figure, test] of [[left, (r) => r.i === i], [right, (r) => r.j === j], [result, (r) => r.i === i && r.j === j]])
      for (const td of figure.querySelectorAll("td")) td.classList.toggle("lit", test({ i: Number(td.dataset.i), j: Number(td.dataset.j) }));
  };
  const able = a.whole && b.whole && c.whole;
  const left = matrix(a, names[0]), right = matrix(b, names[1]), result = matrix(c, names[2], able ? { enter: explain } : {});
  return [html("div", { class: "matrices" }, left, sign("@"), right, bias && together(sign("+"), matrix(bias.value, bias.label)), together(sign("="), result)), able ? words : null];
}
const together = (...content) => html("span", { class: "together" }, content); // a sign stays with what follows it
const bracketed = (v) => (v < 0 ? `(${number(v, 2)})` : number(v, 2));

// The matrices whose product is this part of a gradient, for the ops that multiply matrices; null for all others.
function factors(edge, g) {
  const { target: node } = edge, [x, w] = node.inputs.map((e) => e.source);
  const flat = [x, w].every((n) => n && n.value.shape.length === 2 && n.value.whole) && g.whole && node.value.shape.length === 2;
  if (!flat || !["matmul", "linear"].includes(node.op)) return null;
  const G = [g, `∂${state.frame.root.label}/∂${node.label}`], linear = node.op === "linear", position = node.inputs.indexOf(edge);
  if (position === 0) return linear ? [G, [w.value, w.label]] : [G, [transposed(w.value), `${w.label}ᵀ`]];
  if (position === 1) return linear ? [[transposed(g), "Gᵀ"], [x.value, x.label]] : [[transposed(x.value), `${x.label}ᵀ`], G];
  return null;
}

function forwardSheet(node) {
  const inputs = node.inputs.map((e) => e.source), [a, b] = inputs;
  const names = inputs.map((n) => n.label), written = writtenOp(node, names);
  const top = line(span("result", node.name ? subscript(node.name) : node.label), "=", span("", written));
  if (inputs.every((n) => isScalar(n.value)) && isScalar(node.value)) {
    const filled = writtenOp(node, inputs.map((n) => bracketed4(n.value.data[0])));
    return html("div", { class: "sheet" }, top, line(span("big", "= ", filled, " = ", valueOf(node.value.data[0], "green result"))));
  }
  const flat = a && b && a.value.shape.length === 2 && b.value.shape.length === 2;
  const parameters = Object.entries(node.params).map(([k, v]) => `${k}=${v}`).join(", ");
  const body = node.op === "matmul" && flat
    ? product(a.value, b.value, node.value, [a.label, b.label, node.label])
    : node.op === "linear" && flat
      ? product(a.value, transposed(b.value), node.value, [a.label, `${b.label}ᵀ`, node.label], inputs[2])
      : html("div", { class: "matrices" }, operands(node, inputs), together(sign(inputs.length === 1 ? "→" : "="), isScalar(node.value) ? valueOf(node.value.data[0], "green result big") : matrix(node.value, node.label)));
  return html("div", { class: "sheet" }, top, body, parameters && html("p", { class: "faint" }, `with ${parameters}`));
}

// The values that an op works on, with its sign between them or its name before them.
function operands(node, inputs) {
  const shownInputs = inputs.slice(0, 4).map((n) => (isScalar(n.value) ? valueOf(n.value.data[0], "green") : matrix(n.value, n.label)));
  const infix = BINARY.test(node.symbol) && inputs.length === 2;
  const between = shownInputs.flatMap((m, i) => [i ? sign(infix ? node.symbol : ",") : null, m]);
  return infix || /[x[\s]/.test(node.symbol) ? between : [sign(`${node.symbol}(`), between, sign(inputs.length > 4 ? "… )" : ")")];
}
const bracketed4 = (v) => (v < 0 ? `(${number(v, 4)})` : number(v, 4));

// An op written with these operands: a + b, x², tanh(x).
function writtenOp(node, names) {
  if (node.op === "linear") return `${names[0]} @ ${names[1]}ᵀ${names[2] ? ` + ${names[2]}` : ""}`;
  if (BINARY.test(node.symbol) && names.length === 2) return `${names[0]} ${node.symbol} ${names[1]}`;
  if (/^x/.test(node.symbol) && names.length === 1) return `${names[0]}${node.symbol.slice(1)}`;
  if (node.symbol === "1/x") return `1 / ${names[0]}`;
  if (node.symbol === "−") return `−${names[0]}`;
  return `${node.symbol}(${names.join(", ")})`;
}

// Upstream times local is downstream, for one input of an op.
function backwardSheet(edge) {
  const { source, target } = edge, g = target.grad, root = state.frame.root.label;
  const left = fraction(root, source.label), up = upstream(target);
  const pointwise = edge.local !== undefined;
  const scalar = isScalar(source.value) && isScalar(target.value);
  const rule = (edge.rule || "").split(/\bG\b/), asFraction = scalar || (pointwise && rule.length === 1);
  const right = asFraction
    ? [up, scalar ? "×" : "⊙", fraction(target.label, source.label, "purple")]
    : rule.length > 1 ? rule.flatMap((t, i) => [i ? arriving(target, t.startsWith("ᵀ")) : null, t && span("purple", t.replace(/^ᵀ/, ""))]) : [up, span("purple", edge.rule || "")];
  const note = asFraction && edge.rule && /^[⊙×÷]/.test(edge.rule) && !/^×[\d−.]+(·10\S*)?$/.test(edge.rule) ? span("faint", `  here: ${edge.rule}`) : null;
  return html("div", { class: "sheet", "data-edge": edge.id }, line(left, "=", right), scalar ? scalarNumbers(edge, g) : arrayNumbers(edge, g), note && html("p", {}, note), broadcastNote(edge));
}

function scalarNumbers(edge, g) {
  const up = g.data[0], part = edge.part.data[0];
  const local = typeof edge.local === "number" ? edge.local : up ? part / up : 0;
  return html("p", { class: "big numbers" }, "= ", valueOf(up, "red"), " × ", valueOf(local, "purple"), " = ", valueOf(part, "red result"));
}

function arrayNumbers(edge, g) {
  const root = state.frame.root.label, result = `∂${root}/∂${edge.source.label}`, up = `∂${root}/∂${edge.target.label}`;
  const shownArray = (a, caption, kind = "red") => (isScalar(a) ? valueOf(a.data[0], `${kind} big`) : matrix(a, caption));
  const pair = factors(edge, g);
  if (pair) return product(pair[0][0], pair[1][0], edge.part, [pair[0][1], pair[1][1], result]);
  const out = shownArray(edge.part, result);
  const same = shapeText(edge.part.shape) === shapeText(g.shape);
  if (edge.local !== undefined && typeof edge.local === "object")
    return html("div", { class: "matrices" }, shownArray(g, up), sign("⊙"), matrix(edge.local, `∂${edge.target.label}/∂${edge.source.label}`), together(sign(same ? "=" : "→ Σ"), out));
  if (edge.local !== undefined && edge.local !== 1)
    return html("div", { class: "matrices" }, shownArray(g, up), sign("×"), valueOf(edge.local, "purple big"), together(sign(same ? "=" : "→ Σ"), out));
  return html("div", { class: "matrices" }, shownArray(g, up), together(sign(edge.local === 1 ? (same ? "=" : "→ Σ") : "→"), out));
}

function broadcastNote(edge) {
  const from = edge.source.value.shape, to = edge.target.value.shape;
  if (!edge.target.pointwise || shapeText(from) === shapeText(to)) {
    const bias = edge.target.op === "linear" && edge.target.inputs.indexOf(edge) === 2;
    return bias ? html("p", { class: "faint" }, `${edge.source.label} (${shapeText(from)}) was broadcast to ${shapeText(to)}, so its gradient is summed over the rows.`) : null;
  }
  const was = from.length ? `(${shapeText(from)})` : "(one number)";
  return html("p", { class: "faint" }, `${edge.source.label} ${was} was broadcast to ${shapeText(to)}, so its gradient is summed.`);
}

// Where a value has several users: what has arrived so far, and what it adds up to.
function accumulation(node, at) {
  const all = expected(node).length, parts = arrived(node, at);
  if (all < 2 || !parts.length) return null;
  const terms = isScalar(node.value) ? `: ${sumWords(parts)}` : "";
  const start = parts.length === all ? `${node.label} is used ${all} times, so gradients add` : `${node.label} is used ${all} times, so gradients add; ${parts.length} of ${all} so far`;
  return html("p", { class: "total", "data-node": node.id }, start + terms, terms ? "" : ".");
}

function sumWords(parts) {
  const shownParts = parts.length > 8 ? parts.slice(0, 7) : parts;
  const words = shownParts.map((e, i) => {
    const v = e.part.data[0];
    return i ? (v < 0 ? `− ${number(-v, 4)}` : `+ ${number(v, 4)}`) : number(v, 4);
  });
  const total = sum(parts.map((e) => e.part.data[0]));
  if (parts.length === 1) return words[0];
  return `${words.join(" ")}${parts.length > 8 ? ` + … (${parts.length} terms)` : ""} = ${number(total, 4)}`;
}
