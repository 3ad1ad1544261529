// On every page: the choice of appearance and of the size of text, menus, and buttons that copy.
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

{ // names of their own, beside the player's
// A menu closes when one presses elsewhere, or Escape.
const closeMenus = (event) => {
  for (const menu of document.querySelectorAll(".drop[open]")) {
    if (event.type === "keydown" ? event.key !== "Escape" : menu.contains(event.target)) continue;
    menu.open = false;
    if (event.type === "keydown") menu.firstElementChild.focus();
  }
};
addEventListener("click", closeMenus);
addEventListener("keydown", closeMenus);

// ---- on an episode's page
const sound = document.querySelector("audio");
document.addEventListener("click", (event) => {
  const at = (name) => event.target.closest(`[data-${name}]`);
  if (event.target.closest("button[data-text]")) {
    root.dataset.text = (Number(root.dataset.text) + 1) % 3;
    try { localStorage.setItem("airdate:text", root.dataset.text); } catch { /* only remembered */ }
  }
  if (at("link")) copy(page.page + at("link").dataset.link); // the player's
  if (at("report")) { // the second where the reader is
    const heard = sound.currentTime || /^#t=(\d+)/.exec(location.hash)?.[1] || 0;
    at("report").href = at("report").href.replace(/%23t%3D\d+/, `%23t%3D${Math.floor(heard)}`);
  }
});
document.querySelector("[data-heights]")?.addEventListener("change", ({ target }) => {
  const field = document.getElementById(target.dataset.heights);
  field.value = field.value.replace(/height="\d+"/, `height="${target.value}"`);
});
}
