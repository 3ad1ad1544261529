// On every page: the choice of appearance, and buttons that copy.
const root = document.documentElement;
const appearance = document.getElementById("appearance");
const order = ["auto", "light", "dark"];

function showAppearance() {
  const now = root.dataset.appearance || "auto";
  appearance.ariaLabel = appearance.title = appearance.dataset[now];
}

appearance?.addEventListener("click", () => {
  const next = order[(order.indexOf(root.dataset.appearance || "auto") + 1) % order.length];
  if (next === "auto") delete root.dataset.appearance;
  else root.dataset.appearance = next;
  try { localStorage.setItem("airdate:appearance", next); } catch { /* only remembered */ }
  showAppearance();
});
if (appearance) showAppearance();

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = button.dataset.copied;
  });
}
