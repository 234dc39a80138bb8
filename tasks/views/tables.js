// The table: folding, sorting, filtering.
const Table = (() => {
  const table = document.getElementById("artifacts");
  const entries = [...table.tBodies];
  const collator = new Intl.Collator("en", { numeric: true });

  function keyOf(entry, column) {
    const cell = entry.rows[0].cells[column];
    return cell.dataset.key ?? cell.textContent;
  }

  function sort(column, header) {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const sorted = [...entries].sort(
      (one, other) => sign * collator.compare(keyOf(one, column), keyOf(other, column))
        || Number(one.dataset.node) - Number(other.dataset.node),
    );
    table.append(...sorted);
  }

  function filter(text, output) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const content = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => content.includes(word));
      if (!entry.hidden) shown += 1;
    }
    output.textContent = words.length ? `${shown} of ${entries.length}` : "";
  }

  function field() {
    const form = document.createElement("div");
    form.className = "filter";
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = "Filter by any word: id, agent, file, contract";
    input.setAttribute("aria-label", "Filter the artifacts");
    const output = document.createElement("output");
    input.addEventListener("input", () => filter(input.value, output));
    form.append(input, output);
    table.closest(".scroller").before(form);
  }

  function headings() {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.textContent = header.textContent;
      button.addEventListener("click", () => sort(column, header));
      header.replaceChildren(button);
    });
  }

  function fold(entry, open = !entry.classList.contains("open")) {
    entry.classList.toggle("open", open);
    entry.rows[0].querySelector("button").setAttribute("aria-expanded", String(open));
  }

  function folding() {
    for (const entry of entries) {
      const name = entry.querySelector(".id");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "folder";
      button.setAttribute("aria-expanded", "false");
      name.before(button);
      button.append(name);
      entry.rows[0].addEventListener("click", (event) => {
        if (!event.target.closest("a")) fold(entry);
      });
    }
  }

  field();
  headings();
  folding();
  return { fold };
})();
