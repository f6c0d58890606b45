// "Why is this gradient 44?": all paths to the output, the product of local derivatives along each, and their sum.
// And what the output does when the number is really nudged.
const MOST_PATHS = 6;

// How many paths lead from each node to the output, by dynamic programming, newest first.
function pathCounts(frame) {
  const counts = new Map(frame.nodes.map((n) => [n, 0]));
  counts.set(frame.root, 1);
  for (const node of [...frame.nodes].reverse())
    if (node !== frame.root) counts.set(node, sum(node.uses.filter((e) => e.part).map((e) => counts.get(e.target))));
  return counts;
}

// The first few paths, each as its edges, found without following what never arrives.
function pathsFrom(node, frame, counts) {
  const found = [], waiting = [{ node, path: [] }];
  while (waiting.length && found.length < MOST_PATHS) {
    const { node: here, path } = waiting.pop();
    if (here === frame.root) {
      found.push(path);
      continue;
    }
    const ways = here.uses.filter((e) => e.part && counts.get(e.target) > 0);
    for (const edge of ways.reverse()) waiting.push({ node: edge.target, path: [...path, edge] });
  }
  return found;
}

function whyPanel(node) {
  const { frame } = state, root = frame.root, counts = pathCounts(frame), count = counts.get(node);
  const scalar = node.grad && isScalar(node.grad);
  const title = heading2("Why is ", fraction(root.label, node.label), scalar ? ` = ${number(node.grad.data[0])}?` : " what it is?");
  if (!node.grad) return [tag("why", "back"), title, html("p", {}, frame.hasGradients ? "No gradient arrives: no path leads from here to the output." : "There are no gradients in this picture."), nudge(node)];
  const paths = pathsFrom(node, frame, counts);
  state.paths = new Set(paths.flat());
  const many = count > 1e15 ? "more than 10¹⁵" : count.toLocaleString("en");
  return [
    tag("why", "back"), title,
    html("p", { class: "faint" }, count === 1 ? `One path from ${node.label} to ${root.label}.` : `${many} paths from ${node.label} to ${root.label}; the gradient is the sum over all of them.${count > MOST_PATHS ? ` The first ${MOST_PATHS}:` : ""}`),
    paths.map((path) => pathSheet(path, node)),
    total(node, paths, count), nudge(node), about(node),
  ];
}

function pathSheet(path, node) {
  const names = [node.label, ...path.map((e) => e.target.label)];
  const way = html("div", { class: "faint" }, names.length > 9 ? [...names.slice(0, 4), "…", ...names.slice(-4)].join(" → ") : names.join(" → "));
  if (!path.every((e) => typeof e.local === "number" && isScalar(e.target.value) && isScalar(e.source.value))) return html("div", { class: "sheet" }, way, profile(path, node));
  const back = [...path].reverse(), locals = back.map((e) => e.local);
  const written = back.length <= 8;
  return html("div", { class: "sheet", "data-path": "" }, way,
    written && line(back.flatMap((e, i) => [i ? "·" : null, fraction(e.target.label, e.source.label, "purple")])),
    html("p", { class: "big" }, "= ", written ? locals.flatMap((v, i) => [i ? " × " : "", valueOf(v, "purple result")]) : `${locals.length} factors`, " = ", valueOf(product1(locals) * seedOf(), "red result")));
}
const product1 = (list) => list.reduce((a, b) => a * b, 1);
const seedOf = () => state.frame.root.grad.data[0];

// Along one path of arrays: how large the gradient is at each value, on a scale of powers of ten.
function profile(path, node) {
  const places = [...path.map((e) => e.target).reverse(), node].filter((n) => n.grad);
  const sizes = places.map((n) => n.grad.rms), known = sizes.filter((s) => s > 0).map(Math.log10);
  const low = Math.min(...known) - 0.3, high = Math.max(...known);
  const shownPlaces = places.length > 14 ? evenly(places.length, 14).map((i) => places[i]) : places;
  return html("div", { class: "rows" }, shownPlaces.map((n) => {
    const share = n.grad.rms ? Math.max(0.02, (Math.log10(n.grad.rms) - low) / (high - low || 1)) : 0;
    return [span("", n.label), svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "bar", width: 100, height: 8, rx: 2 }), svg("rect", { class: "bar full", width: 100 * share, height: 8, rx: 2 })), span("red", `rms ${number(n.grad.rms, 2)}`)];
  }));
}

function total(node, paths, count) {
  if (isScalar(node.grad) && count === 1) return null;
  const parts = arrived(node, Infinity);
  if (!isScalar(node.grad)) return html("div", { class: "sheet" }, matrix(node.grad, `∂${state.frame.root.label}/∂${node.label}`), parts.length > 1 && html("p", { class: "faint" }, `the sum of ${parts.length} contributions`));
  const sums = paths.map((path) => product1(path.map((e) => (typeof e.local === "number" ? e.local : NaN))) * seedOf());
  const shownSum = count === paths.length && count > 1 && sums.every(Number.isFinite);
  return html("div", { class: "sheet big" }, "sum", shownSum ? ` = ${sums.map((v, i) => (i ? (v < 0 ? "− " + number(-v) : "+ " + number(v)) : number(v))).join(" ")}` : "", " = ", valueOf(node.grad.data[0], "red result"));
}

// The true output under a nudge against the straight line that the gradient promises.
function nudge(node) {
  const given = node.nudge;
  if (!given || !node.grad) return null;
  const root = state.frame.root.label, place = given.index.length ? `${node.label}[${given.index.join(", ")}]` : node.label;
  const slope = node.grad.data[given.index.reduce((at, i, k) => at * node.value.shape[k] + i, 0)];
  const choice = html("input", { type: "range", class: "nudge", min: 0, max: given.eps.length - 1, value: given.eps.indexOf(0.1), "aria-label": `nudge of ${place}` });
  const words = html("p", { "aria-live": "polite" }), plot = svg("svg", { class: "plot", viewBox: "0 0 400 150", role: "img", "aria-label": `${root} against ${place}, with the line of the gradient` });
  const show = () => {
    const eps = given.eps[choice.value], loss = given.loss[choice.value], really = loss - given.base, promised = slope * eps;
    words.replaceChildren(`${place} ${eps < 0 ? "−" : "+"} ${number(Math.abs(eps))}: Δ${root} = `, valueOf(really, "green result"), ", gradient × ε = ", valueOf(promised, "red result"),
      Math.abs(really) > 1e-12 ? span("faint", ` (${number((promised / really) * 100)} %)`) : "");
    drawPlot(plot, given, slope, Number(choice.value));
  };
  choice.addEventListener("input", show);
  show();
  return [html("h3", {}, `Nudge ${place}`), html("div", { class: "sheet" }, plot, choice, words)];
}

function drawPlot(plot, given, slope, chosen) {
  const xs = [...given.eps.filter((e) => e < 0), 0, ...given.eps.filter((e) => e > 0)];
  const half = given.eps.length / 2, ys = [...given.loss.slice(0, half), given.base, ...given.loss.slice(half)];
  const ends = [...ys, given.base - slope, given.base + slope];
  const margin = (Math.max(...ys) - Math.min(...ys)) * 0.6 || 1;
  const low = Math.max(Math.min(...ends), Math.min(...ys) - margin), high = Math.min(Math.max(...ends), Math.max(...ys) + margin);
  const at = (x, y) => [200 + x * 185, 126 - ((y - low) / (high - low || 1)) * 116];
  const dot = (kind, x, y) => { const [cx, cy] = at(x, y); return svg("circle", { class: kind, cx, cy, r: 4.5 }); };
  const eps = given.eps[chosen];
  plot.replaceChildren(svg("path", { class: "axis", d: "M200 6V130" }), text(15, 148, "", "ε = −1"), text(385, 148, "end", "ε = 1"),
    svg("path", { class: "tangent", d: `M${at(-1, given.base - slope).join(" ")}L${at(1, given.base + slope).join(" ")}` }),
    svg("path", { class: "curve", d: "M" + xs.map((x, i) => at(x, ys[i]).join(" ")).join("L") }),
    dot("was", 0, given.base), dot("says", eps, given.base + slope * eps), dot("is", eps, given.loss[chosen]));
}
