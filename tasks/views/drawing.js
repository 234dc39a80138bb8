"use strict";
// The drawing: what leads to an artifact and what follows from it, the card beside it, the scale.
const Drawing = (() => {
  const svg = document.getElementById("dag");
  const viewport = document.getElementById("viewport");
  const stage = viewport.parentElement;
  const inspector = document.getElementById("inspector");
  const key = document.getElementById("key");
  const nodes = new Map([...svg.querySelectorAll(".node")].map((node) => [node.dataset.node, node]));
  const edges = [...svg.querySelectorAll(".edge")];
  const ways = { from: new Map(), to: new Map() };
  for (const edge of edges) {
    push(ways.from, edge.dataset.from, edge);
    push(ways.to, edge.dataset.to, edge);
  }
  const natural = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
  const LEAST = 0.58; // smaller, and names cannot be read
  let scale = 1;
  let chosen = null;

  function push(map, name, value) {
    if (!map.has(name)) map.set(name, []);
    map.get(name).push(value);
  }

  function trace(number) {
    clear();
    if (number === null) return;
    svg.classList.add("traced");
    nodes.get(number).classList.add("lit");
    walk(number, ways.to, "from");
    walk(number, ways.from, "to");
  }

  function walk(number, map, end) {
    const seen = new Set([number]);
    const open = [number];
    while (open.length) {
      for (const edge of map.get(open.pop()) || []) {
        edge.classList.add("lit");
        const next = edge.dataset[end];
        if (seen.has(next)) continue;
        seen.add(next);
        nodes.get(next).classList.add("lit");
        open.push(next);
      }
    }
  }

  function clear() {
    svg.classList.remove("traced");
    for (const lit of svg.querySelectorAll(".lit")) lit.classList.remove("lit");
  }

  function light(group) {
    clear();
    if (!group) return trace(chosen);
    svg.classList.add("traced");
    for (const node of nodes.values()) if (node.classList.contains(group)) node.classList.add("lit");
  }

  function choose(number) {
    chosen = number;
    for (const marked of document.querySelectorAll(".chosen")) marked.classList.remove("chosen");
    inspector.replaceChildren(key);
    trace(number);
    if (number === null) return;
    for (const shown of document.querySelectorAll(`[data-node="${number}"]`)) shown.classList.add("chosen");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "Close";
    close.addEventListener("click", () => choose(null));
    const card = document.querySelector(`#a${number} .card`).cloneNode(true);
    inspector.replaceChildren(close, card);
    inspector.scrollTop = 0;
    if (stage.classList.contains("stacked")) inspector.scrollIntoView({ block: "nearest" });
  }

  function reveal(number) {
    const box = nodes.get(number).getBoundingClientRect();
    const window_ = viewport.getBoundingClientRect();
    viewport.scrollBy({
      left: box.left < window_.left || box.right > window_.right ? (box.left + box.right - window_.left - window_.right) / 2 : 0,
      top: box.top < window_.top || box.bottom > window_.bottom ? (box.top + box.bottom - window_.top - window_.bottom) / 2 : 0,
    });
  }

  function zoom(to, x = viewport.clientWidth / 2, y = viewport.clientHeight / 2) {
    const next = Math.min(2.5, Math.max(0.12, to));
    const left = (viewport.scrollLeft + x) / scale;
    const top = (viewport.scrollTop + y) / scale;
    scale = next;
    svg.setAttribute("width", String(natural.width * scale));
    svg.setAttribute("height", String(natural.height * scale));
    viewport.scrollLeft = left * scale - x;
    viewport.scrollTop = top * scale - y;
  }

  function fitting() {
    return Math.min(viewport.clientWidth / natural.width, viewport.clientHeight / natural.height, 1);
  }

  function controls() {
    const bar = document.createElement("div");
    bar.className = "controls";
    for (const [label, name, act] of [
      ["−", "Smaller", () => zoom(scale / 1.25)],
      ["+", "Larger", () => zoom(scale * 1.25)],
      ["Fit", "Fit the drawing into its window", () => zoom(fitting())],
      ["1:1", "True size", () => zoom(1)],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", act);
      bar.append(button);
    }
    viewport.closest("section").append(bar);
  }

  function neighbour(number, direction) {
    const here = nodes.get(number).getBoundingClientRect();
    const sideways = direction === "ArrowLeft" || direction === "ArrowRight";
    const sign = direction === "ArrowLeft" || direction === "ArrowUp" ? -1 : 1;
    let best = null;
    let least = Infinity;
    for (const [name, node] of nodes) {
      const there = node.getBoundingClientRect();
      const dx = there.left - here.left;
      const dy = there.top - here.top;
      const along = sign * (sideways ? dx : dy);
      const across = Math.abs(sideways ? dy : dx);
      if (along <= 1 || (!sideways && across > 1)) continue;
      const cost = along * (sideways ? 2 : 1) + across;
      if (cost < least) [best, least] = [name, cost];
    }
    return best;
  }

  function drag() {
    let from = null;
    viewport.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("a, button")) return;
      from = { x: event.clientX + viewport.scrollLeft, y: event.clientY + viewport.scrollTop };
      viewport.classList.add("dragging");
    });
    window.addEventListener("pointermove", (event) => {
      if (!from) return;
      viewport.scrollLeft = from.x - event.clientX;
      viewport.scrollTop = from.y - event.clientY;
    });
    window.addEventListener("pointerup", () => {
      from = null;
      viewport.classList.remove("dragging");
    });
  }

  function listen() {
    for (const [number, node] of nodes) {
      node.addEventListener("pointerenter", () => trace(number));
      node.addEventListener("pointerleave", () => trace(chosen));
      node.addEventListener("focus", () => { trace(number); reveal(number); });
      node.addEventListener("blur", () => trace(chosen));
    }
    viewport.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = viewport.getBoundingClientRect();
      zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    viewport.addEventListener("keydown", (event) => {
      const node = event.target.closest(".node");
      if (node && event.key.startsWith("Arrow")) {
        const next = neighbour(node.dataset.node, event.key);
        event.preventDefault();
        if (next !== null) nodes.get(next).focus({ preventScroll: true });
      }
      if (event.key === "+" || event.key === "=") zoom(scale * 1.25);
      if (event.key === "-") zoom(scale / 1.25);
      if (event.key === "0") zoom(fitting());
    });
    for (const item of key.querySelectorAll("[data-group]")) {
      item.addEventListener("pointerenter", () => light(item.dataset.group));
      item.addEventListener("pointerleave", () => light(null));
    }
    drag();
  }

  controls();
  listen();
  // Small plans are shown whole; one too wide to stand beside its key above it; none so small that it cannot be read.
  if (viewport.clientWidth / natural.width < LEAST) stage.classList.add("stacked");
  zoom(Math.max(Math.min(viewport.clientWidth / natural.width, 1), Math.min(fitting(), 1), LEAST));
  return { choose, reveal, has: (number) => nodes.has(number) };
})();
