// Comments: shown from a file beside the pages, written by the service that takes them; everything in it is text.
(function () {
  const section = document.getElementById("comments");
  const list = document.getElementById("thread");
  const form = section.querySelector("form");
  const moment = form.querySelector(".at-moment");
  const at = document.getElementById("comment-at");
  const sound = document.querySelector("audio");
  const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(seconds < 3600 ? 14 : 11, 19).replace(/^0/, "");

  const made = (name, text, values = {}) => Object.assign(document.createElement(name), { textContent: text, ...values });
  function article(comment) {
    const item = document.createElement("li");
    const head = made("p", "", { className: "soft" });
    head.append(made("bdi", String(comment.name).slice(0, 50)));
    const day = new Date(comment.date);
    if (!Number.isNaN(day.getTime())) head.append(" · ", made("time", day.toLocaleDateString(document.documentElement.lang, { dateStyle: "long" }), { dateTime: day.toISOString() }));
    if (comment.at >= 0 && comment.at < 360000) head.append(" · ", made("a", clock(comment.at), { className: "at", href: `#t=${Math.floor(comment.at)}` }));
    item.append(head, ...String(comment.text).slice(0, 5000).split(/\n\s*\n/).map((part) => made("p", part, { dir: "auto" })));
    return item;
  }
  async function load() {
    const answer = await fetch(section.dataset.thread).catch(() => null);
    const found = answer?.ok ? (await answer.json().catch(() => null))?.comments : null;
    if (!Array.isArray(found)) return;
    const items = new Map();
    list.replaceChildren(); // what was known when the page was made
    for (const comment of found.slice(0, 500)) {
      if (!comment?.text) continue;
      const item = article(comment);
      const parent = items.get(comment.reply_to);
      if (parent && !parent.lastElementChild.matches("ol")) parent.append(document.createElement("ol"));
      (parent ? parent.lastElementChild : list).append(item);
      if (comment.id) items.set(comment.id, parent ?? item); // an answer to an answer stands in the same row
    }
  }
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    load();
  }, { rootMargin: "600px" }).observe(section);

  function about(second, chosen) {
    at.value = Math.floor(second);
    at.checked = chosen;
    const label = moment.querySelector("[data-template]");
    label.textContent = label.dataset.template.replace("{time}", clock(second));
    moment.hidden = false;
  }
  sound.addEventListener("timeupdate", () => { if (!at.checked) about(sound.currentTime, false); });
  document.querySelector("[data-comment]").addEventListener("click", () => { // quoted() is the player's
    const quote = quoted();
    if (quote) about(quote.start, true);
    document.querySelector(".quoting").hidden = true;
    form.elements.text.focus();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const state = document.getElementById("comment-state");
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) form.elements.text.value = "";
      state.textContent = answer.ok ? form.dataset.sent : said.error || form.dataset.trouble;
    } catch {
      state.textContent = form.dataset.trouble;
    }
    button.disabled = false;
  });
})();
