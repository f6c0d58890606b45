// A layered layout of boxes within boxes. In u the computation goes on, in v values lie side by side; whether u runs
// to the right or down is decided at the end. Each module is laid out by itself and is then one large item around it,
// with a port in its border for every value that goes in or out: so nothing foreign ever lies inside a module.
const MODULE_GAP = 30, ITEM_GAP = 22, SIDE_GAP = 24, PAD = 14, TITLE = 20;

function layout(frame, scene, turned, gapOf, wordsOf) {
  const size = (card) => (turned ? { du: card.h, dv: card.w } : { du: card.w, dv: card.h });
  const context = { frame, turned, gapOf, wordsOf, containers: new Map() };
  const container = (call) => {
    if (!context.containers.has(call)) {
      const made = { call, items: new Map(), segments: new Map(), parent: null, title: call === null ? 0 : titleWidth(frame.calls[call]) };
      context.containers.set(call, made);
      if (call !== null) {
        made.parent = container(frame.calls[call].parent ?? null);
        made.item = addItem(made.parent, { key: `b${call}`, box: made, ports: new Map() });
      }
    }
    return context.containers.get(call);
  };
  container(null);
  for (const card of scene.cards) card.item = addItem(container(card.call), { key: card.key, card, ...size(card) });
  for (const link of scene.links) link.pieces = route(link, container);
  settle(container(null), context);
  place(container(null), 0, 0);
  return finish(scene, context);
}

function addItem(container, item) {
  item.order = container.items.size;
  item.ports = item.ports || new Map();
  container.items.set(item.key, item);
  return item;
}

// The pieces of a link: out of the boxes around its source, across, and into those around its target.
function route(link, container) {
  const chain = (card) => {
    const found = [];
    for (let c = container(card.call); c; c = c.parent) found.push(c);
    return found;
  };
  const up = chain(link.source), down = chain(link.target);
  const common = up.find((c) => down.includes(c));
  const pieces = [];
  let from = link.source.item, port = null;
  for (const c of up.slice(0, up.indexOf(common))) {
    const key = `out:${link.source.key}`;
    const exit = c.items.get(key) || addItem(c, { key, side: "out", du: 0, dv: 0 });
    pieces.push(segment(c, from, port, exit, null, link));
    from = c.item;
    port = key;
  }
  const inner = down.slice(0, down.indexOf(common)).reverse();
  let at = common;
  for (const c of inner) {
    const key = `in:${link.source.key}`;
    const entry = c.items.get(key) || addItem(c, { key, side: "in", du: 0, dv: 0 });
    pieces.push(segment(at, from, port, c.item, key, link));
    from = entry;
    port = null;
    at = c;
  }
  pieces.push(segment(at, from, port, link.target.item, null, link));
  return pieces;
}

function segment(container, from, fromPort, to, toPort, link) {
  const twin = from.card && to.card ? link.twin : 0;
  const key = `${link.ghost ? "ghost " : ""}${from.key}/${fromPort}>${to.key}/${toPort}#${twin}`;
  if (!container.segments.has(key))
    container.segments.set(key, { key, container, from, fromPort, to, toPort, links: [], dummies: [] });
  const found = container.segments.get(key);
  found.links.push(link);
  return found;
}

// Lay out the insides first, then this container.
function settle(container, context) {
  for (const item of container.items.values()) if (item.box) settle(item.box, context);
  for (const item of container.items.values()) if (item.box) measureBox(item, context);
  const segments = setAside(container, context);
  const items = [...container.items.values()].filter((item) => !item.beside);
  for (const item of items) extents(item, context.turned);
  const ranks = ranked(items, segments, container.call !== null);
  const pieces = withDummies(ranks, segments);
  order(ranks, pieces);
  positions(ranks, pieces, context);
  across(ranks, segments, context);
  bounds(container, ranks, context);
}

// A leaf with a single use stands beside that use, so that the main line of the computation stays straight.
function setAside(container, { turned, wordsOf }) {
  const into = new Map(), out = new Map();
  for (const s of container.segments.values()) {
    push(into, s.to, s);
    push(out, s.from, s);
  }
  const aside = new Set();
  for (const [item, list] of into) {
    if (!item.card) continue;
    const leaves = list.filter((s) => s.from.card && isLeafCard(s.from.card) && out.get(s.from).length === 1 && !into.has(s.from));
    let movable = leaves;
    if (leaves.length === list.length) {
      const equals = list.every((s) => isScalar(last(s.from.card.nodes).value));
      const main = leaves.find((s) => last(s.from.card.nodes).role === "input") || leaves[0];
      movable = equals ? leaves.filter((s) => s.from.card.kind === "chip" && s !== main) : leaves.filter((s) => s !== main);
    }
    movable.slice(0, 2).forEach((s, i) => {
      s.from.beside = item;
      s.from.side = (i === 0) !== turned ? 1 : -1;
      s.from.words = Math.max(...s.links.map(wordsOf));
      s.aside = true;
      aside.add(s);
      (item.satellites = item.satellites || []).push(s.from);
    });
  }
  for (const s of container.segments.values()) {
    if (s.to.card?.kind !== "stub" || s.from.beside) continue;
    const side = [turned ? -1 : 1, turned ? 1 : -1].find((way) => !(s.from.satellites || []).some((other) => other.side === way));
    if (!side) continue;
    Object.assign(s.to, { beside: s.from, side, words: 0 });
    s.aside = true;
    aside.add(s);
    (s.from.satellites = s.from.satellites || []).push(s.to);
  }
  return [...container.segments.values()].filter((s) => !aside.has(s));
}

// How far an item reaches to either side of its own line, and along it: with room for the words on the way to its sides.
function extents(item, turned) {
  if (item.box) return;
  item.up = item.down = item.dv / 2;
  item.span = item.du;
  for (const satellite of item.satellites || []) {
    const gap = turned ? Math.max(SIDE_GAP, satellite.words + 22) : SIDE_GAP;
    satellite.shift = satellite.side * (item.dv / 2 + gap + satellite.dv / 2);
    item[satellite.side > 0 ? "down" : "up"] += gap + satellite.dv;
    item.span = Math.max(item.span, satellite.du, turned || !satellite.words ? 0 : 2 * satellite.words + 18);
  }
}

// Longest paths give the ranks; what only waits for its consumer moves up to it; ports are the first and the last rank of a box.
function ranked(items, segments, isBox) {
  const into = new Map(), out = new Map();
  for (const s of segments) {
    push(into, s.to, s);
    push(out, s.from, s);
  }
  const waiting = new Map(items.map((item) => [item, (into.get(item) || []).length]));
  const ready = items.filter((item) => !waiting.get(item));
  const first = isBox ? 1 : 0;
  for (const item of items) item.rank = item.side === "in" ? 0 : first;
  for (const item of ready)
    for (const s of out.get(item) || []) {
      s.to.rank = Math.max(s.to.rank, item.rank + 1);
      waiting.set(s.to, waiting.get(s.to) - 1);
      if (!waiting.get(s.to)) ready.push(s.to);
    }
  for (const [item, ins] of into) { // the spine comes from the longest computation, if one is the longest
    const depths = ins.map((s) => Math.max(...s.links.map((l) => depthIn(l.source)))), deepest = Math.max(...depths);
    item.spine = depths.filter((d) => d === deepest).length === 1 ? ins[depths.indexOf(deepest)] : null;
  }
  for (const item of [...ready].reverse()) {
    const ins = into.get(item) || [], outs = out.get(item) || [];
    const movable = ins.length <= outs.length || ins.every((s) => out.get(s.from).length === 1 && s.from.side !== "in");
    if (outs.length && movable && item.side !== "in") item.rank = Math.max(first, Math.min(...outs.map((s) => s.to.rank)) - 1);
  }
  const end = Math.max(first - 1, ...items.filter((i) => i.side !== "out").map((i) => i.rank)) + 1;
  for (const item of items) if (item.side === "out") item.rank = end;
  const ranks = Array.from({ length: isBox ? end + 1 : end }, () => []);
  for (const item of items) ranks[item.rank].push(item);
  return ranks;
}

const depthIn = (card) => card.nodes.reduce((deepest, n) => Math.max(deepest, n.depth), 0);

// A segment over several ranks keeps a place free in each of those between.
function withDummies(ranks, segments) {
  const pieces = [];
  for (const s of segments) {
    let from = s.from, port = s.fromPort;
    s.dummies = [];
    for (let r = s.from.rank + 1; r < s.to.rank; r++) {
      const dummy = { key: `${s.key}@${r}`, dummy: true, rank: r, up: 5, down: 5, span: 0, ports: new Map(), order: s.from.order };
      ranks[r].push(dummy);
      s.dummies.push(dummy);
      pieces.push({ from, fromPort: port, to: dummy, toPort: null, main: false });
      from = dummy;
      port = null;
    }
    pieces.push({ from, fromPort: port, to: s.to, toPort: s.toPort, main: s.to.spine === s });
  }
  return pieces;
}

const portShift = (item, port) => (port === null ? 0 : item.ports.get(port) || 0);

// Barycentre sweeps; the order with the fewest crossings wins.
function order(ranks, pieces) {
  const before = new Map(), after = new Map();
  for (const p of pieces) {
    push(before, p.to, p);
    push(after, p.from, p);
  }
  for (const rank of ranks) {
    rank.sort((a, b) => a.order - b.order);
    rank.forEach((item, i) => { item.place = i; });
  }
  let best = null, fewest = Infinity;
  const keep = () => {
    const count = crossings(ranks, after);
    if (count < fewest) {
      fewest = count;
      best = ranks.map((rank) => [...rank]);
    }
  };
  keep();
  for (let sweep = 0; sweep < 10 && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const rank of down ? ranks : [...ranks].reverse()) {
      for (const item of rank) {
        const list = (down ? before : after).get(item) || [];
        const ends = list.map((p) => (down ? p.from.place + portShift(p.from, p.fromPort) / 1e4 : p.to.place + portShift(p.to, p.toPort) / 1e4));
        item.centre = ends.length ? sum(ends) / ends.length : item.place;
      }
      rank.sort((a, b) => a.centre - b.centre || a.place - b.place);
      rank.forEach((item, i) => { item.place = i; });
    }
    keep();
  }
  ranks.forEach((rank, r) => rank.splice(0, rank.length, ...best[r]));
}

function crossings(ranks, after) {
  let count = 0;
  for (const rank of ranks) {
    const ends = rank.flatMap((item, i) => (after.get(item) || []).map((p) => [i, p.to.place]));
    for (let i = 0; i < ends.length; i++)
      for (let j = i + 1; j < ends.length; j++)
        if ((ends[i][0] - ends[j][0]) * (ends[i][1] - ends[j][1]) < 0) count++;
  }
  return count;
}
