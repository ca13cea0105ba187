// The time line of a chain: one row a step, its bar to scale within its burst of work.
// Every text goes through textContent: nothing from the data is ever read as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const list = parentElement.querySelector(".list");
  const before = list.scrollTop, known = list.selected;
  list.replaceChildren(...data.lines.flatMap((line) => rows(line, data.selected, (id) => setTriggerValue("picked", id))));
  list.scrollTop = before;
  list.selected = data.selected;
  if (known === data.selected) return;
  const row = list.querySelector(".row.selected");
  if (!row) return;
  const top = row.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 2;
  }
}

function rows(line, selected, pick) {
  const row = made("button", `row ${line.tone}${line.id === selected ? " selected" : ""}`);
  row.dataset.step = line.id;
  row.title = line.error || line.name;
  row.append(made("span", "number", String(line.id)), made("span", "kind", line.kind), made("span", "name", line.name));
  const lane = made("span", "lane"), bar = made("span", "bar");
  bar.style.left = `${line.left}%`;
  bar.style.width = `${line.width}%`;
  lane.append(bar);
  row.append(lane, made("span", "took", line.failed ? "failed" : line.took));
  row.onclick = () => pick(line.id);
  return line.burst ? [made("div", "burst", line.burst), row] : [row];
}

function made(name, cls, text = "") {
  const element = document.createElement(name);
  element.className = cls;
  element.textContent = text;
  return element;
}
