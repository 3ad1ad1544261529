// Runs before the first paint: pages with a script get the full player at once, and a chosen appearance does not flash.
(function (root) {
  root.classList.add("js");
  try {
    const chosen = localStorage.getItem("airdate:appearance");
    if (chosen === "light" || chosen === "dark") root.dataset.appearance = chosen;
  } catch { /* storage may be off */ }
})(document.documentElement);
