// Modules that the page adds where there would be too many cards: around repeated siblings, and around runs of values.
const MOST_CARDS = 400, CROWDED = 100, GROUPS = 60, MOST_SIBLINGS = 5;

// What is laid out side by side in a module, in the order of execution: its own values, and its calls as one item each.
function itemsOf(nodes, calls) {
  const levels = new Map();
  for (const node of nodes) {
    let item = node, call = node.call ?? null;
    for (;;) {
      if (!levels.has(call)) levels.set(call, new Map());
      const level = levels.get(call);
      if (!level.has(item)) level.set(item, level.size);
      if (call === null) break;
      item = calls[call];
      call = item.parent;
    }
  }
  return levels;
}

// Six siblings of one class or more, one after the other: all but the first two and the last become "+3 more Block".
// With them goes what is computed between them: whatever is in a row in the order of execution makes no cycle.
function addRepeats(nodes, calls) {
  for (const [parent, level] of itemsOf(nodes, calls)) {
    const items = [...level.keys()], inside = [...items.keys()].filter((i) => items[i].class !== undefined);
    const runs = [];
    for (const i of inside) {
      if (runs.length && items[last(last(runs))].class === items[i].class) last(runs).push(i);
      else runs.push([i]);
    }
    for (const run of runs.filter((r) => r.length > MOST_SIBLINGS)) {
      const [from, to] = [run[2], run[run.length - 2]], id = calls.length;
      const within = (node) => {
        let item = node, call = node.call ?? null;
        for (; call !== parent && call !== null; call = item.parent) item = calls[call];
        return call === parent && level.get(item) >= from && level.get(item) <= to;
      };
      const held = items.slice(from, to + 1).filter((item) => item.class !== undefined || item.op || item.uses.every((e) => within(e.target)));
      calls.push({ id, path: "", class: `+${run.length - 3} more ${items[from].class}`, parent, repeats: true });
      for (const item of held) item[item.class === undefined ? "call" : "parent"] = id;
    }
  }
}

// Where there would be too many cards even with all modules folded: runs of values, in the order of execution, as
// modules around them. A leaf that many use stays outside: chips stand for it.
function addGroups(nodes, calls) {
  const outermost = (call) => (calls[call].parent === null ? call : outermost(calls[call].parent));
  const items = new Map();
  for (const node of nodes) {
    const shared = !node.op && node.call === undefined && node.uses.length > MOST_ARROWS;
    if (!shared) push(items, node.call === undefined ? `n${node.id}` : outermost(node.call), node);
  }
  if (items.size <= MOST_CARDS) return;
  const all = [...items], size = Math.ceil(all.length / GROUPS);
  for (let i = 0; i < all.length; i += size) {
    const id = calls.length, run = all.slice(i, i + size), ops = sum(run.map(([, list]) => list.filter((n) => n.op).length));
    calls.push({ id, path: "", class: `${ops} ops`, parent: null });
    for (const [key, list] of run) {
      if (typeof key === "number") calls[key].parent = id;
      else list[0].call = id;
    }
  }
}
