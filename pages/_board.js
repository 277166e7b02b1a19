// The weight board: shows what Python says, reports what the hand does, computes no score and no weight.
//
// In:  data.rows (id, name, group, help, importance, made, weight, acts, locked, plain), data.seq, canUndo, canRedo, changed.
//      A plain row (a cut-off) has no lock.
// Out: state `moved` { values, dragging, seq } while a slider moves and once it rests; trigger `action` { verb, id, seq }.
// Every report carries a number; an answer to an older report than the last one is not shown, so that no slider jumps back.

const EVERY_MS = 60;
const OPEN = '<svg class="open" viewBox="0 0 24 24"><rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V7a4 4 0 0 1 7.5-2"/></svg>';
const SHUT = '<svg class="shut" viewBox="0 0 24 24"><rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V7a4 4 0 0 1 8 0v4"/></svg>';
const BACK = '<svg viewBox="0 0 24 24"><path d="M4 10h10a5 5 0 0 1 0 10h-3"/><path d="M8 6l-4 4 4 4"/></svg>';
const boards = new WeakMap();

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function iconButton(className, picture, label) {
  const button = make("button", `icon ${className}`);
  button.type = "button";
  button.innerHTML = picture; // our own constant, never a word from data
  button.setAttribute("aria-label", label);
  button.title = label;
  return button;
}

class Board {
  constructor(root) {
    this.root = root;
    this.rows = new Map();
    this.seq = 0;
    this.held = null; // the criterion under the finger
    this.timer = null;
    this.last = 0;
  }

  report(dragging) {
    this.seq += 1;
    this.last = performance.now();
    const values = {};
    for (const [id, row] of this.rows) values[id] = row.value;
    this.api.setStateValue("moved", { values, dragging, seq: this.seq });
  }

  // At most one report in EVERY_MS while dragging; the last position is always reported.
  throttled() {
    const wait = EVERY_MS - (performance.now() - this.last);
    if (wait <= 0) this.report(true);
    else if (!this.timer) this.timer = setTimeout(() => { this.timer = null; if (this.held) this.report(true); }, wait);
  }

  rest() {
    clearTimeout(this.timer);
    this.timer = null;
    this.held = null;
    this.report(false);
  }

  act(verb, id) {
    clearTimeout(this.timer);
    this.timer = null;
    this.held = null;
    this.seq += 1;
    this.api.setTriggerValue("action", { verb, id: id ?? "", seq: this.seq });
  }

  build(data) {
    this.root.replaceChildren();
    this.rows.clear();
    this.root.append(this.bar());
    let group = null;
    for (const item of data.rows) {
      if (item.group !== group) {
        group = item.group;
        this.root.append(make("div", "group", group));
      }
      this.root.append(this.row(item));
    }
    this.shape = data.rows.map((item) => item.id).join(" ");
  }

  bar() {
    const bar = make("div", "bar");
    this.buttons = {};
    for (const [verb, label] of [["undo", "Undo"], ["redo", "Redo"], ["equal", "Equal weights"], ["reset", "Reset all"]]) {
      const button = make("button", verb, label);
      button.type = "button";
      button.onclick = () => this.act(verb);
      this.buttons[verb] = button;
      bar.append(button);
    }
    return bar;
  }

  row(item) {
    const element = make("div", "row");
    const head = make("div", "head");
    const name = make("div", "name", item.name);
    name.title = item.help ? `${item.name}: ${item.help}` : item.name;
    const weight = make("div", "weight");
    const lock = iconButton("lock", OPEN + SHUT, `Lock the weight of ${item.name}`);
    const back = iconButton("back", BACK, `Reset ${item.name}`);
    lock.style.visibility = item.plain ? "hidden" : "visible";
    head.append(name, weight, lock, back);
    const range = make("input");
    Object.assign(range, { type: "range", min: 0, max: 100, step: item.plain ? 0.5 : 1 });
    const what = item.plain ? `Cut-off of ${item.name}` : `Importance of ${item.name}`;
    range.setAttribute("aria-label", what);
    const number = make("input");
    Object.assign(number, { type: "number", min: 0, max: 100, step: "any" });
    number.setAttribute("aria-label", `${what}, typed`);
    const track = make("div", "track");
    const made = make("div", "made");
    made.title = "as the model has it";
    track.append(made, range);
    const drag = make("div", "drag");
    drag.append(track, number);
    const acts = make("div", "acts");
    element.append(head, drag, acts);
    const row = { element, weight, lock, back, range, number, made, acts, value: item.importance };
    this.rows.set(item.id, row);
    const set = (value) => { row.value = Math.min(100, Math.max(0, value)); this.paint(row); };
    range.oninput = () => { this.held = item.id; set(Number(range.value)); number.value = range.value; this.throttled(); };
    range.onchange = () => { set(Number(range.value)); this.rest(); };
    number.onchange = () => {
      if (number.value === "" || Number.isNaN(Number(number.value))) { number.value = String(row.value); return; }
      set(Number(number.value));
      this.rest();
    };
    lock.onclick = () => this.act(row.element.classList.contains("locked") ? "unlock" : "lock", item.id);
    back.onclick = () => this.act("reset", item.id);
    return element;
  }

  paint(row) {
    row.range.style.setProperty("--at", `${row.value}%`);
  }

  show(data) {
    if (this.shape !== data.rows.map((item) => item.id).join(" ")) this.build(data);
    const old = data.seq < this.seq;
    if (!old) this.seq = data.seq;
    this.buttons.undo.disabled = !data.canUndo;
    this.buttons.redo.disabled = !data.canRedo;
    this.buttons.reset.disabled = !data.changed;
    for (const item of data.rows) {
      const row = this.rows.get(item.id);
      if (!old && this.held !== item.id) {
        row.value = item.importance;
        row.range.value = String(item.importance);
        if (this.root.getRootNode().activeElement !== row.number) row.number.value = String(Math.round(item.importance * 100) / 100);
        this.paint(row);
      }
      row.element.classList.toggle("locked", item.locked);
      row.lock.setAttribute("aria-pressed", String(item.locked));
      row.lock.title = item.locked ? "Unlock: the weight moves again" : "Lock: the weight keeps its percentage";
      row.range.disabled = item.locked;
      row.number.disabled = item.locked;
      row.back.disabled = !item.locked && item.importance === item.made;
      row.weight.textContent = item.weight;
      row.range.setAttribute("aria-valuetext", item.plain ? item.weight : `importance ${Math.round(row.value)}, weight ${item.weight}`);
      row.made.style.left = `calc(0.5625rem + (100% - 1.125rem) * ${item.made / 100})`;
      row.acts.textContent = item.acts;
    }
  }
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".board");
  if (!root || !data) return;
  let board = boards.get(root);
  if (!board) {
    board = new Board(root);
    boards.set(root, board);
  }
  board.api = component;
  board.show(data);
}
