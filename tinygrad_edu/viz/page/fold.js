// What is shown: a card for each value, one for each folded module, a chip for every later use of a shared leaf.

const isParameter = (node) => node.role === "parameter";
const depthOf = (calls, call) => (call === undefined || call === null ? 0 : (calls[call].repeats ? 0 : 1) + depthOf(calls, calls[call].parent));

// The outermost folded module around a call, if any.
function hiddenBy(frame, call, folded) {
  let found = null;
  for (let c = call; c !== undefined && c !== null; c = frame.calls[c].parent) if (folded.has(c)) found = c;
  return found;
}

// Cards and links of a frame with some of its modules folded.
function shown(frame, folded) {
  const cards = new Map(), of = new Map();
  for (const node of frame.nodes) {
    if (isConstant(node)) continue;
    const module = hiddenBy(frame, node.call, folded);
    const key = module === null ? `n${node.id}` : `m${module}`;
    if (!cards.has(key)) {
      const call = module === null ? node.call : frame.calls[module].parent;
      cards.set(key, { key, kind: module === null ? "value" : "module", nodes: [], call: call ?? null, module });
    }
    cards.get(key).nodes.push(node);
    of.set(node.id, cards.get(key));
  }
  const links = linksOf(frame, of);
  addChips(cards, links);
  addStubs(frame, cards, of, links);
  return { cards: [...cards.values()], links, of };
}

// One link for each use; those between the same two cards are one where a module hides what they are.
function linksOf(frame, of) {
  const links = new Map(), twins = new Map();
  for (const edge of [...frame.edges, ...frame.ghosts.filter((g) => !g.nowhere)]) {
    const source = of.get(edge.from), target = of.get(edge.to);
    if (!source || !target || source === target) continue;
    const pair = `${edge.ghost ? "ghost " : ""}${source.key}>${target.key}`, merged = source.kind === "module" || target.kind === "module";
    const twin = merged ? 0 : twins.get(pair) || 0;
    twins.set(pair, twin + 1);
    const key = `${pair}#${twin}`;
    if (!links.has(key)) links.set(key, { key, source, target, twin, ghost: edge.ghost, edges: [] });
    links.get(key).edges.push(edge);
  }
  return [...links.values()];
}

const isLeafCard = (card) => card.kind === "chip" || (card.kind === "value" && !last(card.nodes).op);

// A leaf that many cards use would draw long arrows through the whole picture: later uses get a chip beside them.
function addChips(cards, links) {
  const uses = new Map();
  for (const link of links) {
    if (link.ghost || !isLeafCard(link.source)) continue;
    if (!uses.has(link.source)) uses.set(link.source, []);
    uses.get(link.source).push(link);
  }
  for (const [card, list] of uses) {
    if (new Set(list.map((l) => l.target)).size <= MOST_ARROWS) continue;
    list.slice(1).forEach((link, i) => {
      const chip = { key: `${card.key}c${i}`, kind: "chip", nodes: card.nodes, call: link.target.call, full: card };
      cards.set(chip.key, chip);
      link.source = chip;
    });
  }
}

// Where a gradient ends and nothing of the graph came of it: a stub beside the value.
function addStubs(frame, cards, of, links) {
  const ends = new Map();
  for (const ghost of frame.ghosts) if (ghost.nowhere && of.get(ghost.from)?.kind === "value") push(ends, of.get(ghost.from), ghost);
  for (const [source, edges] of ends) {
    const target = { key: `${source.key}g`, kind: "stub", nodes: source.nodes, call: source.call, ends: edges };
    cards.set(target.key, target);
    links.push({ key: `ghost ${target.key}`, source, target, twin: 0, ghost: edges[0].ghost, edges });
  }
}

// All modules nested so deep or deeper: 1 for the outermost.
const foldedAt = (frame, depth) => new Set(frame.calls.filter((c) => !c.repeats && depthOf(frame.calls, c.id) >= depth).map((c) => c.id));
const deepest = (frame) => Math.max(0, ...frame.calls.map((c) => depthOf(frame.calls, c.id)));

// These modules, and repeated siblings where there are many cards.
function withRepeats(frame, folded) {
  const repeats = frame.calls.filter((c) => c.repeats).map((c) => c.id);
  return repeats.length && shown(frame, folded).cards.length > CROWDED ? new Set([...folded, ...repeats]) : folded;
}

// The modules to fold at first: those at the asked depth, else as many levels as it takes to stay below the limit.
function foldedAtFirst(frame, depth) {
  for (let d = depth || deepest(frame) + 1; d > 1; d--) {
    const folded = withRepeats(frame, foldedAt(frame, d));
    if (depth || shown(frame, folded).cards.length <= MOST_CARDS) return folded;
  }
  return foldedAt(frame, 1);
}

// As much folded as still leaves a picture, and not one card for everything.
function foldedMost(frame) {
  for (let d = 1; d < deepest(frame); d++) if (shown(frame, foldedAt(frame, d)).cards.length > 3) return foldedAt(frame, d);
  return foldedAt(frame, deepest(frame));
}

// In a few words what a folded module computes: @ + relu.
function chainOf(nodes) {
  const symbols = nodes.filter((n) => n.op).map((n) => n.symbol);
  const runs = symbols.filter((s, i) => s !== symbols[i - 1]);
  return runs.length > 5 ? `${runs.slice(0, 3).join(" ")} … ${last(runs)}` : runs.join(" ");
}
