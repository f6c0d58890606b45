// Walking: the state of the page, the controls and keys, and what changes in the picture from step to step.
const frames = page.frames.map(makeFrame);
const state = { iteration: 0, frame: frames[0], step: 0, why: null, paths: new Set(), folded: new Set(), turned: null, heat: true, scene: null, playing: null };
const drawn = new Map(); // what each card and link showed last: only what has changed is painted again
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

// Everything from the beginning: after folding, turning, or another iteration.
function redraw() {
  const { frame } = state;
  frame.scale = frame.scale || makeScale(frame);
  const scene = () => {
    const found = shown(frame, state.folded);
    for (const card of found.cards) measure(card, frame);
    return found;
  };
  const room = (link) => 26 + Math.max(link.ghost && link.target.kind !== "stub" ? widthOf(ghostText(link), 10) : 0, ...link.edges.map((e) => widthOf(link.edges.length > 1 ? "" : e.rule || "", 11)));
  const asideOf = (link) => (link.ghost || link.edges.length > 1 || !link.edges[0].rule ? 0 : Math.min(LONGEST_ASIDE, widthOf(link.edges[0].rule, 11)));
  const arrange = (turned) => layout(frame, scene(), turned, turned ? () => 44 : (link) => Math.min(LONGEST_WORDS + 22, Math.max(44, room(link))), asideOf);
  if (state.turned === null) {
    const across = arrange(false), down = frame.nodes.length > 600 ? null : arrange(true);
    state.turned = Boolean(down) && fitScale(down) > fitScale(across) * 1.12;
    state.scene = state.turned ? down : across;
  } else state.scene = arrange(state.turned);
  build();
  update();
}

function build() {
  const { scene, frame } = state;
  drawn.clear();
  const nested = (call) => (call === null ? 0 : 1 + nested(frame.calls[call].parent));
  const outerFirst = [...scene.boxes].sort((a, b) => nested(a.call) - nested(b.call) || a.call - b.call);
  const boxes = outerFirst.map((box) => svg("rect", { class: "box", "data-call": box.call, x: box.x, y: box.y, width: box.w, height: box.h, rx: 10 }));
  const titles = outerFirst.map((box) => { // above the arrows, which may enter a box where its title stands
    const call = frame.calls[box.call], words = [[`▾ ${call.path}`, "name"], [`${call.path ? " " : ""}${call.class}`, "op"]];
    return svg("g", { class: "box-title", "data-title": box.call, role: "button", tabindex: 0, "aria-label": `fold ${call.path} ${call.class}`, onclick: () => toggle(box.call) },
      svg("rect", { x: box.x, y: box.y, width: titleWidth(call), height: 22 }), text(box.x + 9, box.y + 15, "", ...words));
  });
  const on = { click: clicked, enter: showTip, leave: hideTip };
  const links = scene.links.map((link) => (link.element = linkElement(link)));
  const cards = scene.cards.map((card) => (card.element = cardElement(card, on)));
  view.world = svg("g", {}, boxes, svg("g", {}, links), titles, svg("g", { class: "words" }), cards);
  picture.replaceChildren(view.world);
  $("dotted").toggleAttribute("hidden", !scene.links.some(isDotted));
  applyView();
}

// What the current step changes in the picture.
function update() {
  const { scene, frame } = state, step = frame.steps[state.step], node = step.node;
  if (state.why !== null) whyPaths();
  const active = state.why !== null ? scene.of.get(state.why) : node && scene.of.get(node.id);
  for (const card of scene.cards) paintCard(card, active);
  const words = view.world.querySelector(".words");
  words.replaceChildren();
  for (const link of scene.links) paintLink(link, step, words);
  showPanel();
  showControls(step);
  drawMinimap(active ? [active] : []);
  if (active) follow(active);
  writeHash();
}

function whyPaths() {
  const counts = pathCounts(state.frame);
  state.paths = new Set(pathsFrom(state.frame.nodes[state.why], state.frame, counts).flat());
}

function paintCard(card, active) {
  const node = last(card.nodes), at = state.step;
  const ahead = !card.nodes.some((n) => valueKnown(n, at)) || (card.kind === "module" && !card.nodes.some((n) => n.op && valueKnown(n, at)));
  const onPath = state.why !== null && card.kind !== "stub" && [...state.paths].some((e) => card.nodes.includes(e.target) || card.nodes.includes(e.source));
  const kinds = [ahead && "ahead", card === active && "active", onPath && "onpath"].filter(Boolean).join(" ");
  const gradients = card.nodes.map((n) => (n.grad ? arrived(n, at).length : 0)).join();
  const key = `${kinds}|${valueKnown(node, at)}|${gradients}|${node === state.frame.root && at > 0 && gradientAt(node, at, state.frame) !== null}`;
  if (drawn.get(card.key) === key) return;
  drawn.set(card.key, key);
  const role = card.kind === "module" ? "module" : node.role;
  card.element.setAttribute("class", `card ${card.kind} ${role} ${kinds}`);
  card.element.replaceChildren(...cardContent(card, at, state.frame).filter(Boolean));
}

function paintLink(link, step, words) {
  const at = state.step, back = link.edges.some((e) => partKnown(e, at));
  const live = state.why === null && step.node && link.target.kind !== "stub" && link.edges.some((e) => e.target === step.node) && (step.kind === "forward" || (step.kind === "backward" && back));
  const onPath = state.why !== null && link.edges.some((e) => state.paths.has(e));
  const size = Math.max(...link.edges.map((e) => (e.part ? e.part.rms : 0)));
  const ahead = !link.edges.some((e) => valueKnown(e.target, at));
  const heat = back && state.heat ? (size ? ` heat s${Math.max(1, Math.ceil(state.frame.scale(size) * 7))}` : " zero") : "";
  const kinds = `${ahead ? " ahead" : ""}${back ? " back" : ""}${live ? " live" : ""}${onPath ? " onpath" : ""}${heat}`;
  const { points } = link, n = points.length, { turned } = state.scene;
  const reverse = back && (live || onPath || state.frame.steps[at].kind === "backward");
  if (drawn.get(link.key) !== kinds + reverse) {
    drawn.set(link.key, kinds + reverse);
    link.element.setAttribute("class", `link${kindOf(link)}${kinds}`);
    const tip = reverse ? head(points[0], direction(points[1], points[0], turned, link.aside), live ? 11 : 8)
      : head(points[n - 1], direction(points[n - 2], points[n - 1], turned, link.aside), live ? 11 : 8);
    link.element.querySelector(".tip").setAttribute("d", tip);
    for (const dot of link.element.querySelectorAll(".dot")) dot.remove();
    if (live && !still) runDots(link, back);
  }
  if (live && back && link.edges.length === 1 && link.edges[0].rule) words.append(wordsOf(link, state.scene, link.edges[0].rule));
}

function runDots(link, back) {
  for (const delay of [0, 0.25, 0.5]) {
    const motion = svg("animateMotion", { dur: "0.75s", begin: "indefinite", path: link.path, fill: "freeze", ...(back ? { keyPoints: "1;0", keyTimes: "0;1", calcMode: "linear" } : {}) });
    const dot = svg("circle", { class: `dot${back ? " back" : ""}`, r: 3.2, opacity: 0 }, motion,
      svg("set", { attributeName: "opacity", to: 1, begin: "indefinite", dur: "0.75s" }));
    link.element.append(dot);
    for (const a of dot.children) if (a.beginElementAt) a.beginElementAt(delay);
  }
}

function showControls(step) {
  const { frame } = state, total = frame.steps.length, forward = frame.nodes.filter((n) => n.op).length;
  const back = total - forward - 1, at = state.step;
  const words = at === 0 ? "start" : at <= forward ? `forward ${at} / ${forward}` : `backward ${at - forward} / ${back}`;
  const slider = $("slider");
  slider.max = total - 1;
  slider.value = at;
  slider.style.setProperty("--split", `${((forward + 0.5) / (total - 1)) * 100}%`);
  slider.setAttribute("aria-valuetext", `${words}${step.node ? `: ${step.node.label}` : ""}`);
  $("where").textContent = state.why !== null ? "why?" : words;
  $("back").disabled = $("first").disabled = at === 0;
  $("next").disabled = $("last").disabled = at === total - 1;
  $("backward").disabled = !back;
  $("fold").textContent = state.folded.size ? "unfold" : "fold";
  $("fold").disabled = !frame.calls.length;
  $("heat").setAttribute("aria-pressed", state.heat);
  $("play").textContent = state.playing ? "Pause" : "Play";
  $("play").setAttribute("aria-pressed", Boolean(state.playing));
  $("iterations").toggleAttribute("hidden", frames.length < 2);
  $("iteration").textContent = `iteration ${state.iteration + 1} / ${frames.length}`;
  $("earlier").disabled = state.iteration === 0;
  $("later").disabled = state.iteration === frames.length - 1;
}

function go(to) {
  state.why = null;
  state.step = Math.max(0, Math.min(state.frame.steps.length - 1, to));
  update();
}

// The next step in another module, or the next one outside of any.
function goModule(by) {
  const { steps } = state.frame, here = steps[state.step].node?.call;
  let to = state.step + by;
  while (steps[to] && steps[to].node?.call === here && here !== undefined) to += by;
  go(to);
}

function toggle(call) {
  const byKeyboard = document.activeElement.namespaceURI === SVG;
  if (!state.folded.delete(call)) state.folded.add(call);
  else if (shown(state.frame, state.folded).cards.length > MOST_CARDS) for (const c of state.frame.calls) if (c.parent === call) state.folded.add(c.id);
  redraw();
  firstView();
  if (byKeyboard) (picture.querySelector(`[data-key="m${call}"]`) || picture.querySelector(`[data-title="${call}"]`))?.focus();
}

function toggleAll() {
  if (state.folded.size) {
    state.folded.clear();
    const { cards } = shown(state.frame, state.folded);
    if (cards.length > MOST_CARDS) state.folded = foldedAtFirst(state.frame, null);
  } else state.folded = foldedMost(state.frame);
  redraw();
  firstView();
}

function goIteration(to) {
  if (to < 0 || to >= frames.length) return;
  state.iteration = to;
  state.frame = frames[to];
  state.step = Math.min(state.step, state.frame.steps.length - 1);
  if (state.why !== null && !state.frame.nodes[state.why]) state.why = null;
  redraw();
}

function clicked(card) {
  if (picture.classList.contains("dragging")) return;
  const node = last(card.nodes);
  hideTip();
  if (card.kind === "module") toggle(card.module);
  else if (!node.op) ask(node.id);
  else {
    const forward = state.step < state.frame.nodes.filter((n) => n.op).length + 1;
    go(forward || node.backwardStep === undefined ? node.forwardStep : node.backwardStep);
  }
}

// "Why?" shows the whole backward pass: its paths need every gradient.
function ask(id) {
  state.why = id;
  state.step = state.frame.steps.length - 1;
  update();
}

function play(on) {
  clearInterval(state.playing);
  state.playing = null;
  if (on) {
    if (state.step === state.frame.steps.length - 1) state.step = 0;
    state.playing = setInterval(() => (state.step < state.frame.steps.length - 1 ? go(state.step + 1) : play(false)), 1100);
  }
  showControls(state.frame.steps[state.step]);
}

function turn() {
  state.turned = !state.turned;
  redraw();
  firstView();
}

const system = matchMedia("(prefers-color-scheme: dark)");
const wear = (theme) => { document.documentElement.dataset.theme = theme === "auto" ? (system.matches ? "dark" : "light") : theme; };
function dark() {
  page.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  wear(page.theme);
}

function heat() {
  state.heat = !state.heat;
  update();
}

const backwardStart = () => state.frame.nodes.filter((n) => n.op).length + 1;

function showTip(card, event) {
  const tip = $("tip"), box = $("stage").getBoundingClientRect();
  if (card.kind === "chip" || (event.type === "pointerenter" && event.buttons)) return;
  tip.replaceChildren(...tipContent(card).flat(Infinity).filter(Boolean));
  tip.hidden = false;
  const at = card.element.getBoundingClientRect();
  const x = Math.min(at.left - box.left, box.width - tip.offsetWidth - 8), below = at.bottom - box.top + 8;
  const y = below + tip.offsetHeight < box.height ? below : Math.max(4, at.top - box.top - tip.offsetHeight - 8);
  tip.style.left = `${Math.max(4, x)}px`;
  tip.style.top = `${y}px`;
}
function hideTip() {
  $("tip").hidden = true;
}

// Not at every step of a fast walk: browsers refuse an address that changes hundreds of times.
let writing = null;
function writeHash() {
  clearTimeout(writing);
  writing = setTimeout(writeHashNow, 100);
}
function writeHashNow() {
  const parts = [`step=${state.step}`];
  if (state.why !== null) parts.push(`why=${encodeURIComponent(state.frame.nodes[state.why].name || `n${state.why}`)}`);
  if (state.iteration) parts.push(`iteration=${state.iteration + 1}`);
  try {
    history.replaceState(null, "", `#${parts.join("&")}`);
  } catch { /* a page inside a notebook has no address of its own */ }
}

function readHash() {
  const given = new URLSearchParams(location.hash.slice(1)), to = Number(given.get("iteration") || 1) - 1;
  if (frames[to]) Object.assign(state, { iteration: to, frame: frames[to] });
  const wanted = Number(given.get("step"));
  state.step = Math.max(0, Math.min(state.frame.steps.length - 1, Number.isInteger(wanted) ? wanted : 0));
  const name = given.get("why");
  if (name === null) return;
  const node = state.frame.nodes.find((n) => n.name === name) || state.frame.nodes.find((n) => `n${n.id}` === name);
  if (node) Object.assign(state, { why: node.id, step: state.frame.steps.length - 1 });
}

const KEYS = {
  ArrowRight: (e) => (e.shiftKey ? goModule(1) : go(state.step + 1)),
  ArrowLeft: (e) => (e.shiftKey ? goModule(-1) : go(state.step - 1)),
  Home: () => go(0), End: () => go(Infinity), " ": () => play(!state.playing), b: () => go(backwardStart()),
  h: heat, c: toggleAll, r: turn, d: dark, 0: fitAll, Escape: () => state.why !== null && go(state.step),
  "+": () => zoom(1.25, ...stageSize().map((v) => v / 2)), "-": () => zoom(0.8, ...stageSize().map((v) => v / 2)),
  "[": () => goIteration(state.iteration - 1), "]": () => goIteration(state.iteration + 1),
  Enter: () => document.activeElement.dispatchEvent(new MouseEvent("click", { bubbles: true })),
};

function listen() {
  const clicks = { first: () => go(0), back: () => go(state.step - 1), next: () => go(state.step + 1), last: () => go(Infinity), backward: () => go(backwardStart()),
    play: () => play(!state.playing), heat, fold: toggleAll, fit: fitAll, turn, dark, copy: copyPicture,
    earlier: () => goIteration(state.iteration - 1), later: () => goIteration(state.iteration + 1) };
  for (const [id, action] of Object.entries(clicks)) $(id).addEventListener("click", action);
  $("slider").addEventListener("input", (e) => go(Number(e.target.value)));
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.classList?.contains("nudge")) return;
    const onControl = ["BUTTON", "INPUT"].includes(e.target.tagName);
    if (onControl && [" ", "Enter"].includes(e.key)) return;
    if (e.key === "Enter" && e.target.namespaceURI !== SVG) return;
    const action = KEYS[e.key] || KEYS[e.key.toLowerCase()];
    if (!action) return;
    e.preventDefault();
    action(e);
  });
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
  matchMedia("print").addEventListener("change", (e) => printing(e.matches));
  window.addEventListener("hashchange", () => { state.why = null; readHash(); redraw(); });
  listenToPointer();
}

wear(page.theme);
system.addEventListener("change", () => wear(page.theme));
document.title = $("title").textContent = $("title").title = page.title;
state.folded = foldedAtFirst(state.frame, page.depth);
listen();
readHash();
redraw();
firstView();
update();
printing(matchMedia("print").matches);
