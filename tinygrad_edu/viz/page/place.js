// Coordinates: v by isotonic regression towards the neighbours, u rank by rank, and the curves of the links.

// The values closest to `wanted` that keep `gaps` between neighbours: pool adjacent violators.
function spaced(wanted, weights, gaps) {
  const blocks = [];
  let offset = 0;
  const offsets = wanted.map((_, i) => (offset += i ? gaps[i - 1] : 0));
  wanted.forEach((w, i) => {
    blocks.push({ total: (w - offsets[i]) * weights[i], weight: weights[i], count: 1 });
    while (blocks.length > 1) {
      const [a, b] = blocks.slice(-2);
      if (a.total / a.weight <= b.total / b.weight) break;
      blocks.splice(-2, 2, { total: a.total + b.total, weight: a.weight + b.weight, count: a.count + b.count });
    }
  });
  const values = blocks.flatMap((b) => Array(b.count).fill(b.total / b.weight));
  return values.map((v, i) => v + offsets[i]);
}

const gapBetween = (a, b) => (a.dummy || b.dummy || a.side || b.side ? 12 : ITEM_GAP) + a.down + b.up;

function positions(ranks, pieces) {
  const around = new Map();
  const add = (item, other, shift, weight, back) => push(around, item, { other, shift, weight, back });
  for (const p of pieces) {
    const a = portShift(p.from, p.fromPort), b = portShift(p.to, p.toPort);
    const weight = p.from.dummy && p.to.dummy ? 6 : p.from.dummy || p.to.dummy ? 3 : p.main ? 1e5 : 1;
    add(p.to, p.from, a - b, weight, true);
    add(p.from, p.to, b - a, weight, false);
  }
  for (const rank of ranks) {
    const gaps = rank.slice(1).map((item, i) => gapBetween(rank[i], item));
    const total = sum(gaps);
    let at = -total / 2;
    rank.forEach((item, i) => { item.v = at; at += gaps[i] || 0; });
  }
  const sweep = (list, use) => {
    for (const rank of list) {
      const gaps = rank.slice(1).map((item, i) => gapBetween(rank[i], item));
      const wanted = [], weights = [];
      for (const item of rank) {
        const near = (around.get(item) || []).filter((n) => use === null || n.back === use);
        const weight = sum(near.map((n) => n.weight));
        wanted.push(weight ? sum(near.map((n) => n.weight * (n.other.v + n.shift))) / weight : item.v);
        weights.push(weight || 0.1);
      }
      spaced(wanted, weights, gaps).forEach((v, i) => { rank[i].v = v; });
    }
  };
  const back = [...ranks].reverse();
  for (let i = 0; i < 4; i++) {
    sweep(ranks, true);
    sweep(back, false);
  }
  for (let i = 0; i < 8; i++) sweep(i % 2 ? back : ranks, null);
  sweep(ranks, true);
}

// Where each rank lies in u; the room between two ranks is what the labels of the links there need.
function across(ranks, segments, context) {
  const room = ranks.map(() => PAD);
  for (const s of segments) {
    const outside = (link) => Math.max(MODULE_GAP, context.gapOf(link) - PAD * (link.pieces.length - 1));
    const needed = s.from.side || s.to.side ? [PAD] : s.links.map((link) => (link.pieces.length > 1 ? outside(link) : context.gapOf(link)));
    room[s.to.rank] = Math.max(room[s.to.rank], ...needed);
  }
  let u = 0;
  ranks.forEach((rank, r) => {
    const width = Math.max(0, ...rank.map((item) => item.span));
    if (r) u += room[r];
    for (const item of rank) {
      item.left = u;
      item.right = u + width;
      item.u = u + width / 2;
    }
    u += width;
  });
}

// The size of a container, and of its ports as seen from outside.
function bounds(container, ranks, context) {
  const solid = ranks.flat().filter((item) => !item.side);
  const low = Math.min(...solid.map((i) => i.v - i.up)), high = Math.max(...solid.map((i) => i.v + i.down));
  const ports = ranks.flat().filter((item) => item.side);
  container.low = Math.min(low, ...ports.map((i) => i.v)) - PAD - (context.turned ? 0 : TITLE);
  container.high = Math.max(high, ...ports.map((i) => i.v)) + PAD;
  container.start = Math.min(...solid.map((i) => i.u - i.span / 2)) - PAD - (context.turned ? TITLE : 0);
  container.end = Math.max(...solid.map((i) => i.u + i.span / 2)) + PAD;
  for (const port of ports) {
    port.u = port.side === "in" ? container.start : container.end;
    port.left = port.right = port.u;
  }
  if (container.call === null) return;
  const words = container.title || 0, width = context.turned ? container.high - container.low : container.end - container.start;
  if (width < words) container[context.turned ? "high" : "end"] += words - width;
  for (const port of ports) if (port.side === "out") port.u = port.left = port.right = container.end;
}

function measureBox(item) {
  const box = item.box;
  item.up = -box.low;
  item.down = box.high;
  item.span = item.du = box.end - box.start;
  for (const port of box.items.values()) if (port.side === "in" || port.side === "out") item.ports.set(port.key, port.v);
}

// From the coordinates within a container to those of the picture.
function place(container, u, v) {
  Object.assign(container, { baseU: u, baseV: v });
  for (const item of container.items.values()) {
    if (item.beside) continue;
    item.absolute = [u + item.u, v + item.v];
    for (const s of item.satellites || []) s.absolute = [item.absolute[0], item.absolute[1] + s.shift];
    if (item.box) place(item.box, u + item.u - item.span / 2 - item.box.start, v + item.v);
  }
}

// The points of a piece from border to border. Across the rank of either end it runs straight, as do its dummies:
// what stands in the same rank may be wider.
function pointsOf(piece) {
  const { baseU: u, baseV: v } = piece.container;
  const out = (item, port) => [u + item.u + (item.card ? item.du : item.span || 0) / 2, v + item.v + portShift(item, port)];
  const into = (item, port) => [u + item.u - (item.card ? item.du : item.span || 0) / 2, v + item.v + portShift(item, port)];
  const between = piece.dummies.flatMap((d) => [[u + d.left, v + d.v], [u + d.right, v + d.v]]);
  const start = out(piece.from, piece.fromPort), end = into(piece.to, piece.toPort);
  return [start, [Math.max(start[0], u + piece.from.right), start[1]], ...between, [Math.min(end[0], u + piece.to.left), end[1]], end];
}

function finish(scene, context) {
  const boxes = [...context.containers.values()].filter((c) => c.call !== null);
  for (const link of scene.links) {
    const only = link.pieces[0];
    if (only.aside) {
      const a = only.from.absolute, b = only.to.absolute, side = only.from.beside ? only.from.side : -only.to.side;
      link.points = [[a[0], a[1] - (side * only.from.dv) / 2], [b[0], b[1] + (side * only.to.dv) / 2]];
      link.aside = true;
    } else {
      link.points = link.pieces.flatMap(pointsOf);
    }
  }
  slots(scene.links.filter((l) => !l.aside));
  const flip = context.turned ? ([u, v]) => [v, u] : (p) => p;
  for (const card of scene.cards) [card.x, card.y] = flip(card.item.absolute);
  for (const link of scene.links) {
    link.points = link.points.filter((p, i, all) => !i || Math.hypot(p[0] - all[i - 1][0], p[1] - all[i - 1][1]) > 0.01);
    link.path = curve(link.points, flip, link.aside);
    link.points = link.points.map(flip);
  }
  const rects = boxes.map((c) => {
    const [x, y] = flip([c.baseU + c.start, c.baseV + c.low]);
    const [w, h] = flip([c.end - c.start, c.high - c.low]);
    return { call: c.call, x, y, w, h };
  });
  return { ...scene, boxes: rects, turned: context.turned, ...extent(scene.cards, rects) };
}

// Several arrows at one side of a card end beside each other: the spine in the middle, the others in their order.
function slots(links) {
  const sides = new Map(), seen = new Map();
  const add = (side, piece, end) => { // links that share their first piece leave the card as one
    const key = `${side} ${piece.key}`;
    if (!seen.has(key)) push(sides, side, { ...end, same: [] });
    if (!seen.has(key)) seen.set(key, last(sides.get(side)));
    seen.get(key).same.push(end);
  };
  for (const link of links) {
    const n = link.points.length;
    add(`${link.source.key}>`, link.pieces[0], { link, at: 0, edge: 1, next: 2 });
    add(`>${link.target.key}`, last(link.pieces), { link, at: n - 1, edge: n - 2, next: n - 3 });
  }
  for (const ends of sides.values()) {
    if (ends.length < 2) continue;
    const card = ends[0].at ? ends[0].link.target : ends[0].link.source;
    const slope = (e) => e.link.points[e.next][1];
    ends.sort((a, b) => slope(a) - slope(b) || a.link.twin - b.link.twin);
    const gap = Math.min(16, (card.item.dv - 12) / ends.length);
    const straight = ends.filter((e) => Math.abs(slope(e) - e.link.points[e.at][1]) < 1 && e.link.twin === 0);
    const twins = ends.some((e) => e.link.twin > 0);
    const middle = straight.length === 1 && !twins ? ends.indexOf(straight[0]) : (ends.length - 1) / 2;
    const room = Math.max(middle, ends.length - 1 - middle);
    const step = room ? Math.min(gap, (card.item.dv / 2 - 6) / room) : 0;
    ends.forEach((e, i) => { e.shift = (i - middle) * step; });
  }
  for (const ends of sides.values())
    for (const e of ends) for (const { link, at, edge } of e.same) for (const k of [at, edge]) link.points[k][1] += e.shift || 0;
}

function curve(points, flip, straight) {
  const text = (p) => flip(p).map((c) => Math.round(c * 10) / 10).join(" ");
  let path = `M${text(points[0])}`;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    if (straight || Math.abs(a[1] - b[1]) < 0.5) path += `L${text(b)}`;
    else {
      const middle = (a[0] + b[0]) / 2;
      path += `C${text([middle, a[1]])} ${text([middle, b[1]])} ${text(b)}`;
    }
  }
  return path;
}

function extent(cards, boxes) {
  const all = [...cards.map((c) => [c.x - c.w / 2, c.y - c.h / 2, c.x + c.w / 2, c.y + c.h / 2]),
    ...boxes.map((b) => [b.x, b.y, b.x + b.w, b.y + b.h])];
  const [left, top, right, bottom] = [0, 1, 2, 3].map((k) =>
    all.reduce((found, r) => (k < 2 ? Math.min(found, r[k]) : Math.max(found, r[k])), k < 2 ? Infinity : -Infinity));
  return { left, top, width: right - left, height: bottom - top };
}
