// What joins the parts: links to an artifact choose it everywhere; Escape lets go.
document.documentElement.classList.add("js");
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-node], a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const number = link.dataset.node ?? link.dataset.go;
  Drawing.choose(number);
  if (!link.closest("#dag")) Drawing.reveal(number);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") Drawing.choose(null);
});
function openAddressed() {
  const entry = /^#a\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (!entry) return;
  Table.fold(entry, true);
  Drawing.choose(entry.dataset.node);
  entry.scrollIntoView();
}
window.addEventListener("hashchange", openAddressed);
openAddressed();
