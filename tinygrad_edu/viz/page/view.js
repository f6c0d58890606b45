// Looking at the picture: zoom and pan, fit, follow the active card, the minimap, and a copy as SVG.
const view = { x: 0, y: 0, scale: 1, world: null, printed: false };

function applyView() {
  if (view.printed) return;
  view.world.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
  drawWindow();
}

const stageSize = () => [Math.max(picture.clientWidth, 50), Math.max(picture.clientHeight, 50)];

function fitScale(scene) {
  const [w, h] = stageSize();
  return Math.min((w - 40) / scene.width, (h - 76) / scene.height, 1.9);
}

function fitAll() {
  const [w, h] = stageSize(), { left, top, width, height } = state.scene;
  view.scale = fitScale(state.scene);
  view.x = w / 2 - (left + width / 2) * view.scale;
  view.y = (h - 36) / 2 - (top + height / 2) * view.scale;
  applyView();
}

// Readable, or else the whole picture.
function firstView() {
  fitAll();
  if (view.scale < 0.6) {
    const node = state.frame.steps[state.step].node;
    view.scale = 0.85;
    centreOn((node && state.scene.of.get(node.id)) || state.scene.cards[0]);
  }
}

// Bring a card to the middle, but leave no room empty that the picture could fill.
function centreOn(card) {
  const [w, h] = stageSize(), { left, top, width, height } = state.scene, s = view.scale;
  const kept = (wanted, start, size, room, below) => {
    const [least, most] = [room - 30 - below - (start + size) * s, 30 - start * s];
    return least > most ? (least + most) / 2 : Math.min(Math.max(wanted, least), most);
  };
  view.x = kept(w / 2 - card.x * s, left, width, w, 0);
  view.y = kept(h / 2 - card.y * s, top, height, h, 40);
  applyView();
}

// Bring a card into sight if it is not.
function follow(card) {
  const [w, h] = stageSize(), x = card.x * view.scale + view.x, y = card.y * view.scale + view.y;
  const dx = (card.w / 2) * view.scale, dy = (card.h / 2) * view.scale;
  if (x - dx < 4 || y - dy < 4 || x + dx > w - 4 || y + dy > h - 4) centreOn(card);
}

function zoom(factor, x, y) {
  const scale = Math.min(6, Math.max(0.02, view.scale * factor));
  view.x = x - ((x - view.x) * scale) / view.scale;
  view.y = y - ((y - view.y) * scale) / view.scale;
  view.scale = scale;
  applyView();
}

function listenToPointer() {
  let drag = null;
  picture.addEventListener("wheel", (e) => {
    e.preventDefault();
    const box = picture.getBoundingClientRect();
    zoom(Math.exp(-e.deltaY * 0.0015), e.clientX - box.left, e.clientY - box.top);
  }, { passive: false });
  picture.addEventListener("pointerdown", (e) => { drag = { x: e.clientX - view.x, y: e.clientY - view.y, at: [e.clientX, e.clientY] }; });
  window.addEventListener("pointermove", (e) => {
    if (!drag || Math.hypot(e.clientX - drag.at[0], e.clientY - drag.at[1]) < 3) return;
    picture.classList.add("dragging");
    view.x = e.clientX - drag.x;
    view.y = e.clientY - drag.y;
    applyView();
  });
  window.addEventListener("pointerup", () => { drag = null; setTimeout(() => picture.classList.remove("dragging")); });
  const jump = (e) => {
    const box = $("minimap").getBoundingClientRect(), { left, top, width, height } = state.scene;
    const map = mapScale(), w = 170 / map, h = 120 / map;
    centreOn({ x: left + width / 2 + ((e.clientX - box.left) / box.width - 0.5) * w, y: top + height / 2 + ((e.clientY - box.top) / box.height - 0.5) * h });
  };
  $("minimap").addEventListener("pointerdown", jump);
  $("minimap").addEventListener("pointermove", (e) => e.buttons && jump(e));
  new ResizeObserver(() => state.scene && drawWindow()).observe(picture);
}

const mapScale = () => Math.min(158 / state.scene.width, 108 / state.scene.height);

function drawMinimap(active) {
  const { left, top, width, height, cards } = state.scene, scale = mapScale();
  const w = 170 / scale, h = 120 / scale;
  const map = $("minimap");
  map.setAttribute("viewBox", `${left + width / 2 - w / 2} ${top + height / 2 - h / 2} ${w} ${h}`);
  const d = (list) => list.map((c) => `M${c.x - c.w / 2} ${c.y - c.h / 2}h${c.w}v${c.h}h${-c.w}z`).join("");
  map.replaceChildren(svg("path", { class: "dot", d: d(cards) }), svg("path", { class: "now", d: d(active) }), svg("rect", { class: "window" }));
  drawWindow();
}

function drawWindow() {
  const frame = $("minimap").querySelector(".window");
  if (!frame) return;
  const [w, h] = stageSize(), { left, top, width, height } = state.scene;
  const [x0, y0] = [-view.x / view.scale, -view.y / view.scale], [x1, y1] = [x0 + w / view.scale, y0 + h / view.scale];
  const all = x0 <= left && y0 <= top && x1 >= left + width && y1 >= top + height;
  $("minimap").toggleAttribute("hidden", all);
  fill(frame, { x: x0, y: y0, width: x1 - x0, height: y1 - y0, "stroke-width": 1.5 / mapScale() }, []);
}

// On paper the whole picture is seen, dark on white.
function printing(on) {
  if (on === view.printed) return;
  view.printed = on;
  const { left, top, width, height } = state.scene;
  wear(on ? "light" : page.theme);
  if (on) fill(picture, { viewBox: `${left - 10} ${top - 10} ${width + 20} ${height + 20}` }, []);
  else picture.removeAttribute("viewBox");
  if (on) view.world.removeAttribute("transform");
  else applyView();
}

// The picture as a file of its own: every style resolved, at its natural size.
function pictureText() {
  const { left, top, width, height } = state.scene, copy = view.world.cloneNode(true);
  const wanted = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight", "font-family", "text-anchor", "paint-order"];
  const originals = view.world.querySelectorAll("*"), running = copy.querySelectorAll(".dot");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const key of wanted) if (key !== "font-family" || element.tagName === "text") element.setAttribute(key, style.getPropertyValue(key));
    for (const key of ["class", "tabindex", "role", "data-key"]) element.removeAttribute(key);
  });
  running.forEach((dot) => dot.remove()); // in a picture that stands still they would lie in its corner
  copy.removeAttribute("transform");
  const paper = getComputedStyle(document.body).backgroundColor;
  const whole = svg("svg", { viewBox: `${left - 20} ${top - 20} ${width + 40} ${height + 40}`, width: width + 40, height: height + 40 },
    svg("title", {}, page.title), svg("rect", { x: left - 20, y: top - 20, width: width + 40, height: height + 40, fill: paper }), copy);
  return new XMLSerializer().serializeToString(whole);
}

async function copyPicture() {
  const words = pictureText();
  try {
    await navigator.clipboard.writeText(words);
    say("copied");
  } catch {
    const link = html("a", { href: URL.createObjectURL(new Blob([words], { type: "image/svg+xml" })), download: `step-${state.step}.svg` });
    link.click();
    URL.revokeObjectURL(link.href);
    say("saved");
  }
}

function say(words) {
  const button = $("copy");
  button.textContent = words;
  setTimeout(() => { button.textContent = "SVG"; }, 1200);
}
