// The drawing of a chain: boxes and lines as the server placed them, zoomed and moved inside their own frame.
// Every text goes through textContent: nothing from the data is ever read as markup.
const SVG = "http://www.w3.org/2000/svg";
const LEAST = 0.35, MOST = 2, STEP = 1.25, READABLE = 0.7, PHONE = 640, READABLE_PHONE = 0.9;

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".graph");
  const frame = root.querySelector(".frame");
  const view = (root.view ??= { zoom: 0, own: false, left: 0, top: 0, shown: null });
  const svg = draw(data, (id) => frame.dragged || setTriggerValue("picked", id));
  frame.replaceChildren(svg);

  const resize = () => {
    svg.setAttribute("width", Math.ceil(data.width * view.zoom));
    svg.setAttribute("height", Math.ceil(data.height * view.zoom));
    root.querySelector(".percent").textContent = `${Math.round(view.zoom * 100)} %`;
  };
  const fit = (least) => Math.max(least, Math.min(1, (frame.clientWidth - 2) / data.width));
  const zoom = (wanted) => {
    const next = Math.max(LEAST, Math.min(MOST, wanted));
    const x = (frame.scrollLeft + frame.clientWidth / 2) / view.zoom;
    const y = (frame.scrollTop + frame.clientHeight / 2) / view.zoom;
    Object.assign(view, { zoom: next, own: true });
    resize();
    frame.scrollTo(x * next - frame.clientWidth / 2, y * next - frame.clientHeight / 2);
  };
  const act = {
    out: () => zoom(view.zoom / STEP),
    in: () => zoom(view.zoom * STEP),
    fit: () => zoom(Math.min(fit(LEAST), (frame.clientHeight - 2) / data.height)),
  };
  for (const button of root.querySelectorAll("button[data-act]")) button.onclick = act[button.dataset.act];
  frame.onwheel = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(view.zoom * (event.deltaY < 0 ? STEP : 1 / STEP));
  };
  frame.onscroll = () => Object.assign(view, { left: frame.scrollLeft, top: frame.scrollTop });
  drag(frame);

  const first = () => fit(frame.clientWidth < PHONE ? READABLE_PHONE : READABLE);
  if (!view.own) view.zoom = first();
  resize();
  frame.scrollTo(view.left, view.top);
  const shown = `${data.selected} ${data.width} ${data.height}`;
  if (view.shown !== shown) reveal(frame, data, view);
  view.shown = shown;
  const watch = new ResizeObserver(() => {
    if (view.own || !frame.clientWidth) return;
    view.zoom = first();
    resize();
  });
  watch.observe(frame);
  return () => watch.disconnect();
}

function draw(data, pick) {
  const svg = element("svg", { viewBox: `0 0 ${data.width} ${data.height}`, role: "group" });
  svg.setAttribute("aria-label", "Graph of the steps");
  const at = new Map(data.boxes.map((box) => [box.id, box]));
  const { w, h } = data.box;
  for (const [from, to] of data.lines) {
    const a = at.get(from), b = at.get(to);
    const x0 = a.x + w, y0 = a.y + h / 2, x1 = b.x, y1 = b.y + h / 2;
    const bend = Math.max(18, Math.abs(x1 - x0) / 2);
    const lit = from === data.selected || to === data.selected;
    const d = `M${x0},${y0}C${x0 + bend},${y0} ${x1 - bend},${y1} ${x1},${y1}`;
    svg.append(element("path", { d, class: lit ? "line lit" : "line" }));
  }
  for (const box of data.boxes) svg.append(node(box, data, w, h, pick));
  return svg;
}

function node(box, data, w, h, pick) {
  const selected = box.id === data.selected;
  const group = element("g", {
    class: `node ${box.tone}${selected ? " selected" : ""}${box.own ? " own" : ""}`,
    transform: `translate(${box.x},${box.y})`, tabindex: 0, role: "button", "data-step": box.id,
  });
  group.setAttribute("aria-label", `${box.name}, ${box.note}`);
  if (box.count > 1) group.append(element("rect", { x: 4, y: 4, width: w, height: h, rx: 4, class: "behind" }));
  group.append(element("rect", { width: w, height: h, rx: 4, class: "face" }));
  group.append(element("rect", { width: 3, height: h, rx: 1.5, class: "edge" }));
  group.append(words(box.short, { x: 11, y: 17, class: "name" }));
  group.append(words(box.note, { x: 11, y: 32, class: "note" }));
  if (box.count > 1) group.append(words(`×${box.count}`, { x: w - 8, y: 32, class: "count" }));
  const title = element("title", {});
  title.textContent = box.name;
  group.append(title);
  group.onclick = () => pick(box.id);
  group.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick(box.id);
  };
  return group;
}

function words(text, attributes) {
  const made = element("text", attributes);
  made.textContent = text;
  return made;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function reveal(frame, data, view) {
  const box = data.boxes.find((one) => one.id === data.selected);
  if (!box) return;
  const x = box.x * view.zoom, y = box.y * view.zoom;
  const w = data.box.w * view.zoom, h = data.box.h * view.zoom;
  const seen = x >= frame.scrollLeft && x + w <= frame.scrollLeft + frame.clientWidth
    && y >= frame.scrollTop && y + h <= frame.scrollTop + frame.clientHeight;
  if (!seen) frame.scrollTo(x - (frame.clientWidth - w) / 2, y - (frame.clientHeight - h) / 2);
}

// With the mouse only: a finger scrolls the frame by itself. What moved is no click.
function drag(frame) {
  let from = null;
  frame.onpointerdown = (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    from = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
    frame.dragged = false;
  };
  frame.onpointermove = (event) => {
    if (!from) return;
    const dx = event.clientX - from.x, dy = event.clientY - from.y;
    if (Math.abs(dx) + Math.abs(dy) > 4) frame.dragged = true;
    if (frame.dragged) frame.scrollTo(from.left - dx, from.top - dy);
  };
  frame.onpointerup = frame.onpointerleave = () => (from = null);
}
