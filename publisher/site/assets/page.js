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

// Apps of this device come first; those of others stay, below.
const device = /iPhone|iPad/.test(navigator.userAgent) ? "ios" : /Android/.test(navigator.userAgent) ? "android" : /Macintosh/.test(navigator.userAgent) ? (navigator.maxTouchPoints > 1 ? "ios" : "mac") : "";
for (const list of device ? document.querySelectorAll("[data-apps]") : []) {
  const [here, elsewhere] = [true, false].map((fits) => [...list.children].filter((item) => item.dataset.platforms.split(" ").includes(device) === fits));
  for (const item of here) item.classList.add("here");
  list.replaceChildren(...here, ...elsewhere);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = button.dataset.copied;
  });
}
