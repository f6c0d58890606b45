// The picture: boxes, arrows and cards of a scene, and what of them changes from step to step.
const picture = $("graph");

const cardTitle = (node) => (node.name ? subscript(node.name) : "");

// Width and height of a card, such that nothing in it moves when numbers arrive.
function measure(card, frame) {
  if (card.kind === "chip") {
    const words = cut(card.nodes[0].label, 11, 90);
    return Object.assign(card, { words, w: widthOf(words, 11) + 20, h: 20 });
  }
  if (card.kind === "stub") {
    const words = cut(`${[...new Set(card.ends.map((g) => g.ghost))].join(", ")} ⊣`, 11, 130);
    return Object.assign(card, { words, w: widthOf(words, 11) + 20, h: 20 });
  }
  return card.kind === "module" ? measureModule(card, frame) : measureValue(card);
}

function measureValue(card) {
  const node = last(card.nodes), name = cut(cardTitle(node), 12, 130, 600), op = node.op ? cut(opText(node), 12, 110) : "";
  const shape = isScalar(node.value) && !node.value.shape.length ? "" : shapeText(node.value.shape);
  const heading = [op && widthOf(op, 12), name && widthOf(name, 12, 600)].filter(Boolean);
  Object.assign(card, { name, op, shape, small: node.tracked === undefined && node.value.size <= 6 && node.value.whole && node.value.shape.length < 2 });
  const title = sum(heading) + 5 * (heading.length - 1);
  if (card.small || isScalar(node.value)) {
    const value = card.small ? listText(node.value) : number(node.value.data[0]);
    const lines = [[title + (shape ? 10 + widthOf(shape, 9) : 0), 0], [widthOf(value, 15), 20]];
    if (node.tracked) lines.push([widthOf(`∇ ${number(node.grad ? node.grad.data[0] : 0)}`, 12), 17]);
    if (sumText(node)) lines.push([widthOf(sumText(node), 10), 14]);
    card.lines = lines.length;
    card.untitled = !heading.length && !shape;
    card.w = Math.max(54, ...lines.map((l) => l[0] + 20));
    card.h = (card.untitled ? 13 : 26) + sum(lines.map((l) => l[1]));
    return card;
  }
  const [mw, mh] = heatSize(node.value), maps = node.tracked ? 2 : 1;
  const column = Math.max(mw, widthOf(`∇ ${node.grad ? spread(node.grad) : "–"}`, 9) + 2, widthOf(spread(node.value), 9) + 2);
  card.column = column;
  card.w = Math.max(64, title + (shape ? 14 + widthOf(shape, 9) : 0) + 18, maps * column + (maps - 1) * 12 + 18);
  card.h = 24 + mh + 20;
  return card;
}

function measureModule(card, frame) {
  const call = frame.calls[card.module], out = last(card.nodes.filter((n) => n.op)) || last(card.nodes);
  card.title = cut(call.path || call.class, 12, 150, 600);
  card.about = call.path ? cut(call.class, 11, 110) : "";
  const parameters = card.nodes.filter(isParameter);
  const count = sum(parameters.map((n) => n.value.size));
  card.detail = [chainOf(card.nodes), `→ ${shapeText(out.value.shape) || "one number"}`];
  if (count) card.detail.push(`${count.toLocaleString("en")} parameter${count > 1 ? "s" : ""}`);
  card.detail = card.detail.map((t) => cut(t, 10, 190));
  card.gradients = parameters.filter((n) => n.grad);
  const top = widthOf(card.title, 12, 600) + (card.about ? 6 + widthOf(card.about, 11) : 0) + 16;
  card.w = Math.max(96, top + 20, ...card.detail.map((t) => widthOf(t, 10) + 20));
  card.h = 28 + card.detail.length * 14 + (card.gradients.length ? 22 : 4);
  return card;
}

const titleWidth = (call) => widthOf(call.path, 11, 600) + widthOf(call.class, 11) + 44;
const listText = (array) => (array.shape.length ? `[${array.data.map((v) => number(v, 2)).join(", ")}]` : number(array.data[0]));

// Where a value is used several times: 4 + 20 + 20.
function sumText(node, at = Infinity) {
  const parts = arrived(node, at);
  if (!node.grad || expected(node).length < 2 || parts.length < 2 || !isScalar(node.value)) return "";
  const terms = parts.length <= 4 ? parts : parts.slice(0, 3);
  const shownTerms = terms.map((e, i) => {
    const v = e.part.data[0];
    return i && v < 0 ? `− ${number(-v)}` : i ? `+ ${number(v)}` : number(v);
  });
  return `= ${shownTerms.join(" ")}${parts.length > 4 ? ` + … (${parts.length})` : ""}`;
}

function cardElement(card, on) {
  const { w, h } = card, node = last(card.nodes);
  const role = card.kind === "module" ? "module" : node.role;
  const names = { value: describe(node), chip: `${node.label}, used again`, stub: `${card.words} no gradient comes back to ${node.label}`, module: `module ${card.title || ""} ${card.about || ""}, folded` };
  return svg("g", {
    class: `card ${card.kind} ${role}`, transform: `translate(${card.x - w / 2} ${card.y - h / 2})`, tabindex: 0,
    role: "button", "aria-label": names[card.kind], "data-key": card.key,
    onclick: () => on.click(card), onpointerenter: (e) => on.enter(card, e), onpointerleave: on.leave,
    onfocus: (e) => on.enter(card, e), onblur: on.leave,
  });
}

const describe = (node) => [isParameter(node) ? "parameter" : node.op ? `result of ${node.op}` : node.role, node.name || "",
  isScalar(node.value) ? number(node.value.data[0]) : `of shape ${shapeText(node.value.shape)}`].filter(Boolean).join(" ");

// What a card says at a step.
function cardContent(card, at, frame) {
  const node = last(card.nodes), { w, h } = card;
  const frameRect = svg("rect", { width: w, height: h, rx: card.words ? 10 : 9, class: "plate" });
  if (card.words) return [frameRect, text(w / 2, 14, "chip-name middle", card.words)];
  if (card.kind === "module") return [frameRect, ...moduleContent(card, at, frame)];
  const known = valueKnown(node, at), gradient = gradientAt(node, at, frame);
  return [frameRect, ...(card.lines ? numberContent(card, node, known, gradient, at) : mapContent(card, node, known, gradient)), ...flagMark(card, node, at)];
}

function heading(card, kind, x) {
  const parts = [];
  if (card.op) parts.push([card.op, "op"]);
  if (card.op && card.name) parts.push([" ", ""]);
  if (card.name) parts.push([card.name, "name"]);
  return text(x, 17, `heading ${kind}`, ...parts);
}

function numberContent(card, node, known, gradient, at) {
  const { w } = card, found = card.shape ? [heading(card, "", 9), text(w - 9, 17, "shape end", card.shape)] : [heading(card, "middle", w / 2)];
  let y = card.untitled ? 23 : 37;
  found.push(text(w / 2, y, "middle number", known ? (card.small ? listText(node.value) : number(node.value.data[0])) : "·"));
  if (!node.tracked) return found;
  y += 17;
  found.push(text(w / 2, y, "middle gradient", `∇ ${gradient ? number(gradient.data[0]) : "–"}`));
  const terms = gradient ? sumText(node, at) : "";
  if (terms) found.push(text(w / 2, y + 14, "middle terms", terms));
  return found;
}

function mapContent(card, node, known, gradient) {
  const { w } = card, [mw, mh] = heatSize(node.value), y = 24, found = [heading(card, "", 9), text(w - 9, 17, "shape end", card.shape)];
  const maps = node.tracked ? 2 : 1, room = (w - maps * card.column - (maps - 1) * 12) / 2;
  const centres = [room + card.column / 2, room + card.column * 1.5 + 12];
  found.push(heatMap(known ? node.value : null, centres[0] - mw / 2, y, node.value));
  found.push(text(centres[0], y + mh + 12, "middle small green", known ? spread(node.value) : "·"));
  if (!node.tracked) return found;
  found.push(heatMap(gradient, centres[1] - mw / 2, y, node.value));
  found.push(text(centres[1], y + mh + 12, "middle small red", `∇ ${gradient ? spread(gradient) : "–"}`));
  return found;
}

function flagMark(card, node, at) {
  const seen = node.flags.filter((f) => !f.startsWith("detached")).filter((f) => (f === "zero gradient" ? gradientAt(node, at, state.frame) : valueKnown(node, at)));
  if (!seen.length) return [];
  return [svg("circle", { class: "flag", cx: card.w - 2, cy: 2, r: 7 }), text(card.w - 2, 6, "flag-sign middle", "!")];
}

function moduleContent(card, at, frame) {
  const { w } = card;
  const title = [[`▸ ${card.title}`, "name"]];
  if (card.about) title.push([` ${card.about}`, "op"]);
  const found = [text(w / 2, 18, "heading middle", ...title)];
  card.detail.forEach((line, i) => found.push(text(w / 2, 34 + i * 14, "middle detail", line)));
  if (!card.gradients.length) return found;
  const y = 32 + card.detail.length * 14, known = card.gradients.filter((n) => gradientAt(n, at, frame) === n.grad);
  const size = rmsOf(known), share = frame.scale(size);
  found.push(svg("rect", { class: "bar", x: 10, y: y - 2, width: w - 20, height: 4, rx: 2 }));
  if (known.length) found.push(svg("rect", { class: "bar full", x: 10, y: y - 2, width: Math.max(4, (w - 20) * share), height: 4, rx: 2 }));
  found.push(text(w / 2, y + 12, "middle small red", known.length ? `∇ rms ${number(size, 2)}` : "∇ –"));
  return found;
}

const rmsOf = (nodes) =>
  Math.sqrt(sum(nodes.map((n) => n.grad.rms ** 2 * n.grad.size)) / Math.max(1, sum(nodes.map((n) => n.grad.size))));

// From the smallest to the largest gradient of the graph, by powers of ten, as 0 to 1.
function makeScale(frame) {
  const sizes = frame.edges.map((e) => (e.part ? e.part.rms : 0)).filter((v) => v > 0);
  const low = Math.log10(Math.min(...sizes)), high = Math.log10(Math.max(...sizes));
  return (size) => (!size ? 0 : high - low < 0.02 ? 1 : Math.max(0.06, (Math.log10(size) - low) / (high - low)));
}

const isDotted = (link) => Boolean(link.ghost) || !link.edges.some((e) => e.source.tracked);
const kindOf = (link) => (link.ghost ? " ghost" : link.edges.some((e) => e.source.tracked) ? "" : " untracked");
const ghostText = (link) => cut(`${[...new Set(link.edges.map((e) => e.ghost))].join(", ")} ⊣`, 10, 130);

function linkElement(link) {
  const group = svg("g", { class: `link${kindOf(link)}`, "data-key": link.key });
  group.append(svg("path", { class: "line", d: link.path }), svg("path", { class: "tip" }));
  if (link.target.kind === "stub") return group;
  if (link.ghost) {
    const [x, y] = last(link.points), down = state.scene.turned !== Boolean(link.aside);
    group.append(down ? text(x + 8, y - 10, "count", ghostText(link)) : text(x - 10, y - 6, "count end", ghostText(link)));
  } else if (link.edges.length > 1) {
    const [x, y, upright] = middleOf(link);
    group.append(upright ? text(x + 5, y + 4, "count", `${link.edges.length}×`) : text(x, y - 5, "count middle", `${link.edges.length}×`));
  }
  return group;
}

const middleOf = (link) => {
  const i = Math.max(1, Math.floor(link.points.length / 2)), [a, b] = [link.points[i - 1], link.points[i]];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.abs(b[1] - a[1]) > Math.abs(b[0] - a[0])];
};

// Where the words of an active link stand: on its straight middle, or else on its longest piece, clear of the cards.
const LONGEST_WORDS = 190, LONGEST_ASIDE = 120;
function wordsOf(link, scene, rule) {
  const words = cut(rule, 11, link.aside ? LONGEST_ASIDE : LONGEST_WORDS);
  const { points } = link, along = scene.turned === Boolean(link.aside) ? 0 : 1, n = points.length - 1;
  const pieces = points.slice(1).map((p, i) => [points[i], p]);
  const straight = points.every((p) => Math.abs(p[1 - along] - points[0][1 - along]) < 8) && Math.abs(points[0][along] - points[n][along]) < 400;
  const length = ([a, b]) => Math.abs(a[along] - b[along]);
  const [a, b] = straight ? [points[0], points[n]] : pieces.reduce((best, p) => (length(p) > length(best) + 1 ? p : best));
  const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return along ? text(x + 7, y + 4, "local", words) : text(x, y - 7, "local middle", words);
}
