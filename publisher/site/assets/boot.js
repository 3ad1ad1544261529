// Runs before the first paint: pages with a script get the full player at once, and a chosen appearance does not flash.
(function (root) {
  root.classList.add("js");
  try {
    // In a frame the page around it may ask for one: `?theme=dark`.
    const asked = root.classList.contains("embedded") && new URLSearchParams(location.search).get("theme");
    const chosen = asked || localStorage.getItem("airdate:appearance");
    if (chosen === "light" || chosen === "dark") root.dataset.appearance = chosen;
    root.dataset.text = localStorage.getItem("airdate:text") || "0";
  } catch { /* storage may be off */ }
})(document.documentElement);
