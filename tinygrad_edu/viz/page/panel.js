// The panel beside the picture: what happens at this step, in formulas, numbers and your own code.
function showPanel() {
  const step = state.frame.steps[state.step];
  const kinds = { start: startPanel, forward: forwardPanel, seed: seedPanel, backward: backwardPanel };
  const content = state.why !== null ? whyPanel(state.frame.nodes[state.why]) : kinds[step.kind](step.node);
  $("panel").replaceChildren(...content.flat(Infinity).filter(Boolean));
  $("panel").scrollTop = 0;
  const marked = $("panel").querySelector("mark");
  if (marked) { // the marked expression is in sight, its beginning if it is long
    const pre = marked.closest("pre"), beyond = marked.offsetLeft + marked.offsetWidth - pre.offsetLeft - pre.clientWidth + 16;
    pre.scrollLeft = Math.min(Math.max(0, beyond), Math.max(0, marked.offsetLeft - pre.offsetLeft - 60));
  }
}

const tag = (words, kind) => span(`tag ${kind}`, words);
const heading2 = (...content) => html("h2", {}, content);

function startPanel() {
  const { frame } = state, root = frame.root;
  const count = (role) => frame.nodes.filter((n) => n.role === role).length;
  const numbersIn = sum(frame.nodes.filter(isParameter).map((n) => n.value.size));
  const flagged = frame.nodes.filter((n) => n.flags.some((f) => f !== "zero gradient"));
  return [
    tag("start", "plain"), heading2(page.title),
    html("p", {}, `${frame.nodes.filter((n) => n.op).length} ops make `, span("result", root.label), isScalar(root.value) ? [" = ", valueOf(root.value.data[0], "green result")] : ` (${shapeText(root.value.shape)})`,
      ` from ${count("input")} input${count("input") === 1 ? "" : "s"}`, count("parameter") ? ` and ${count("parameter")} parameter arrays with ${numbersIn.toLocaleString("en")} numbers.` : "."),
    page.frames.length > 1 && lossCurve(),
    html("p", {}, html("kbd", {}, "→"), " next step, ", html("kbd", {}, "space"), " play, ", html("kbd", {}, "B"), " backward pass."),
    html("p", {}, "Click an input or a parameter to see why its gradient is what it is."),
    !frame.nodes.some((n) => n.source) && html("p", { class: "faint" }, "Computed inside “with viz.recording() as film:” and shown by viz.step(…, events=film), every step also shows your line of code."),
    notes(), flagged.length > 0 && [html("h3", {}, "Worth a look"), html("ul", {}, flagged.slice(0, 12).map((n) => html("li", {}, `${n.label}: `, span("warn", n.flags.join(", ")))))],
    html("h3", {}, "Keys"),
    html("p", { class: "faint" }, "← → step · Shift + ← → module · Home End · space play · B backward · H heat · C fold · R turn · D dark · 0 see all · + − zoom · [ ] iteration · Esc leave “why?”"),
  ];
}

const notes = () => [...state.frame.notes, ...(page.sampled ? ["the arrays are large: samples are shown"] : [])].map((n) => html("p", { class: "faint" }, capital(n), "."));

function lossCurve() {
  const losses = frames.map((f) => f.root.value.data[0]), low = Math.min(...losses), high = Math.max(...losses);
  const at = (v, i) => [8 + (i * 384) / (losses.length - 1), 88 - ((v - low) / (high - low || 1)) * 74];
  return html("div", { class: "sheet" }, `${frames[0].root.label} over ${losses.length} iterations: ${number(losses[0])} → ${number(last(losses))}`,
    svg("svg", { class: "plot low", viewBox: "0 0 400 100", role: "img", "aria-label": "the output over the iterations" },
      svg("path", { class: "curve", d: "M" + losses.map((v, i) => at(v, i).join(" ")).join("L") }),
      svg("circle", { class: "was", r: 5, cx: at(losses[state.iteration], state.iteration)[0], cy: at(losses[state.iteration], state.iteration)[1] })));
}

function forwardPanel(node) {
  return [tag("forward", ""), heading2(node.name ? `${subscript(node.name)} = ` : "", span("op", opText(node))), forwardSheet(node), about(node)];
}

function seedPanel(node) {
  const one = isScalar(node.grad);
  return [
    tag("backward", "back"), heading2("from the output"),
    html("div", { class: "sheet" }, line(fraction(node.label, node.label), "=", one ? valueOf(node.grad.data[0], "red result big") : "the given gradient"), one ? null : matrix(node.grad, "")),
    html("p", {}, one ? `Changing ${node.label} by 1 changes ${node.label} by 1. From here the chain rule goes back, one op at a time: ` : "From here the chain rule goes back: ", span("red", "upstream"), " × ", span("purple", "local"), " = ", span("red", "downstream"), "."),
    notes(),
  ];
}

function backwardPanel(node) {
  const edges = node.inputs.filter((e) => e.part);
  const sources = [...new Set(edges.map((e) => e.source))];
  return [
    tag("backward", "back"), heading2("through ", span("op", opText(node)), node.name ? ` (${subscript(node.name)})` : ""),
    edges.map(backwardSheet), sources.map((n) => accumulation(n, state.step)), about(node),
  ];
}

// What belongs to a value at every step: marks, the user's code, the module.
function about(node) {
  const call = node.call === undefined ? null : state.frame.calls[node.call];
  return [
    node.flags.length > 0 && html("p", { class: "warn" }, `${node.label}: ${node.flags.join(", ")}`),
    node.ends.length > 0 && html("p", { class: "faint" }, `${node.ends.join(", ")} of ${node.label} let no gradient back.`),
    node.source && code(node.source),
    call && [html("h3", {}, "Module"), html("p", {}, call.path ? `${call.path} ` : "", span("faint", call.class))],
  ];
}

function code(source) {
  const indent = Math.min(...source.lines.filter((l) => l.trim()).map((l) => l.length - l.trimStart().length));
  const [fromLine, fromColumn] = [source.from[0], source.from[1] - indent], [toLine, toColumn] = [source.to[0], source.to[1] - indent];
  const lines = source.lines.map((l) => l.slice(indent)).map((words, k) => {
    const n = source.first + k, inside = n >= fromLine && n <= toLine;
    if (!inside) return html("div", {}, html("i", {}, String(n)), words);
    const start = n === fromLine ? fromColumn : 0, end = n === toLine ? toColumn : words.length;
    return html("div", { class: "here" }, html("i", {}, String(n)), words.slice(0, start), html("mark", {}, words.slice(start, end)), words.slice(end));
  });
  return [html("h3", {}, `Your code · ${source.file}`), html("pre", { tabindex: 0 }, lines)];
}

// What a card says under the pointer: shape, statistics, numbers.
function tipContent(card) {
  if (card.kind === "module") {
    const call = state.frame.calls[card.module];
    return [html("b", {}, call.path || call.class), ` ${call.class}, ${card.nodes.length} values folded. Click to unfold.`];
  }
  if (card.kind === "stub") {
    return [html("b", {}, card.words), " no gradient comes back from here", card.ends.map((g) => g.place && html("div", { class: "faint" }, g.place))];
  }
  const node = last(card.nodes), v = node.value, gradient = gradientAt(node, state.step, state.frame);
  const statistics = (a) => `min ${number(a.low)} · max ${number(a.high)} · rms ${number(a.rms)}${a.bad ? ` · ${a.bad} not finite` : ""}`;
  const known = valueKnown(node, state.step);
  return [
    html("b", {}, node.name || node.label), ` ${node.op ? `= ${node.op}` : node.role} · ${shapeText(v.shape) || "one number"} ${v.dtype}`,
    !isScalar(v) && known && v.size > 0 && html("div", { class: "green" }, statistics(v)),
    !isScalar(v) && gradient && html("div", { class: "red" }, `∇ ${statistics(gradient)}`),
    !isScalar(v) && known && v.size > 0 && matrix(v, "", { most: 6 }),
    node.flags.length > 0 && html("div", { class: "warn" }, node.flags.join(", ")),
    node.ends.length > 0 && html("div", {}, `${node.ends.join(", ")} let no gradient back`),
    node.uses.length > 1 && html("div", {}, `used ${node.uses.length} times`),
    !node.op && node.grad && html("div", { class: "faint" }, "click: why this gradient?"),
  ];
}
