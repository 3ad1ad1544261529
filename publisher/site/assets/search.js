// Search over the whole show. The indexes lie beside the pages; nothing is asked of any other server.
const place = document.getElementById("search");
const field = document.getElementById("q");
const list = document.getElementById("results");
const found = document.getElementById("found");
const more = document.getElementById("more");
const words = JSON.parse(document.getElementById("search-words").textContent);
const at = (path) => new URL(path, document.baseURI).href;
const SHOWN = 8; // episodes at a time
const MOMENTS = 3; // shown of each before the reader asks for more

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
const plural = new Intl.PluralRules(document.documentElement.lang || "en");
const count = (forms, number, open = false) => fill(forms[plural.select(number)] ?? forms.other, { n: number.toLocaleString(document.documentElement.lang || undefined) + (open ? "+" : "") });
function clock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  if (parts[0] === "00") parts.shift();
  return parts.join(":").replace(/^0(?=\d:)/, "");
}
function make(name, parent, values = {}) {
  const made = Object.assign(document.createElement(name), values);
  parent.append(made);
  return made;
}

// ---- the index: a part for each month or year, joined; what does not come at all says so in time
const PATIENCE = 30000; // milliseconds
let opening = null;
function index() {
  opening ??= (async () => {
    const first = await fetch(at(`${place.dataset.runtime}pagefind-entry.json`));
    if (!first.ok) throw new Error(first.statusText);
    const { createInstance } = await import(at(`${place.dataset.runtime}pagefind.js`));
    const made = createInstance({ basePath: at(place.dataset.runtime), noWorker: true, excerptLength: 24 });
    await made.init();
    const joined = Promise.all(place.dataset.bundles.split(" ").filter(Boolean).map((bundle) => made.mergeIndex(at(bundle), { excerptLength: 24 })));
    await Promise.race([joined, new Promise((_, reject) => { setTimeout(reject, PATIENCE); })]);
    return made;
  })();
  opening.catch(() => { opening = null; });
  return opening;
}

// ---- what was found
let results = [];
let next = 0;
let asked = "";
let sought = ""; // as it was found
// Signs of scripts without spaces stand apart in an index of another language.
const SIGN = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]\\p{M}*";
const BETWEEN = new RegExp(`(?<=${SIGN}(?:</mark>)?) (?=(?:<mark>)?(?:${SIGN}|[\u3000-\u303f\uff01-\uff60]))`, "gu");
// An excerpt comes as text with <mark> around the words and < > escaped: it is taken apart, never trusted as HTML.
function excerpt(target, text) {
  const plain = text.replace(/¶\.?\s*/g, "").replace(/\u200b/g, "").replace(BETWEEN, "");
  for (const piece of plain.split(/(<mark>.*?<\/mark>)/)) {
    const marked = /^<mark>(.*)<\/mark>$/.exec(piece);
    const clean = (marked ? marked[1] : piece).replace(/&lt;/g, "<").replace(/&gt;/g, ">");
    if (marked) make("mark", target).append(clean); else target.append(clean);
  }
}
// An index that lacks a word offers the longest beginning of it that it has ("in" for "indigo"). Half of a word must be there.
const letters = (text) => text.normalize("NFD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
function close(wanted, word) {
  let same = 0;
  while (same < wanted.length && wanted[same] === word[same]) same += 1;
  return same * 2 >= wanted.length;
}
function meant(data) {
  const text = data.raw_content ?? data.content;
  if (text.includes("\u200b")) return data;
  const said = text.split(/\s+/);
  const wanted = sought.split(/\s+/).map(letters).filter(Boolean);
  const fits = (place) => wanted.some((word) => close(word, letters(said[place] ?? "")));
  const hits = data.sub_results.filter((hit) => hit.locations.some(fits));
  return hits.length ? { ...data, sub_results: hits } : null;
}
const address = (data, anchor) => at(place.dataset.root + (data.raw_url ?? data.url).replace(/^\//, "")) + (anchor ? `#${anchor.id}` : "");
function moment(target, data, hit) {
  const seconds = hit.anchor ? Number(hit.anchor.id.slice(2)) : null;
  const link = make("a", make("li", target), { href: address(data, hit.anchor), className: "moment" });
  if (seconds !== null) make("span", link, { className: "when", textContent: clock(seconds) });
  excerpt(make("span", link, { className: "heard" }), hit.excerpt);
}
function shown(data) {
  const entry = make("article", make("li", list));
  const head = make("h2", entry);
  make("a", head, { href: address(data), textContent: data.meta.title, dir: "auto" });
  if (data.meta.date) {
    const day = new Date(`${data.meta.date}T12:00:00Z`);
    make("p", entry, { className: "soft", textContent: day.toLocaleDateString(document.documentElement.lang || undefined, { dateStyle: "long", timeZone: "UTC" }) });
  }
  const heard = data.sub_results.filter((hit) => hit.anchor);
  const hits = heard.length ? heard : data.sub_results;
  const top = make("ul", entry);
  for (const hit of hits.slice(0, MOMENTS)) moment(top, data, hit);
  if (hits.length > MOMENTS) {
    const rest = make("details", entry);
    make("summary", rest, { textContent: count(words.moments, hits.length - MOMENTS) });
    const inner = make("ul", rest);
    for (const hit of hits.slice(MOMENTS)) moment(inner, data, hit);
  }
}
async function page() {
  const from = results;
  const enough = list.children.length + SHOWN;
  while (next < results.length && list.children.length < enough) {
    const part = await Promise.all(results.slice(next, next + SHOWN).map((result) => result.data()));
    if (from !== results) return;
    next += part.length;
    for (const data of part.map(meant)) if (data) shown(data);
  }
  more.hidden = next >= results.length;
  const seen = list.children.length;
  found.textContent = seen ? count(words.results, seen, !more.hidden) : fill(words.no_results, { query: asked });
}
// Letters of their own, which an index holds as they are, and how people type them.
const OWN = [["l", "ł"], ["o", "ø"], ["d", "đ"], ["d", "ð"], ["ae", "æ"], ["oe", "œ"], ["oe", "ø"], ["th", "þ"], ["i", "ı"]];
// Ways to spell what is asked, tried until one is found: ae oe ue ss for letters that a keyboard lacks, signs of a script without
// spaces one by one, as they are indexed in a show of another language, and letters of their own: all of a kind, else the first.
const UNSPACED = new RegExp(SIGN, "gu");
function spellings(text) {
  const umlauts = text.replace(/[aou]e/gi, (pair) => `${pair[0]}\u0308`.normalize("NFC"));
  const signs = text.match(UNSPACED) ?? [];
  const alone = signs.length > 1 && signs.join("") === text.replace(/\s/g, "");
  const parted = alone ? `"${signs.join(" ")}"` : text.replace(UNSPACED, (sign) => ` ${sign} `).trim();
  const low = text.toLowerCase();
  const own = OWN.flatMap(([typed, letter]) => [low.replaceAll(typed, letter), low.replace(typed, letter)]).filter((way) => way !== low);
  return [...new Set([text, umlauts, umlauts.replace(/ss/gi, "ß"), parted, ...own])];
}
async function search(text) {
  asked = text;
  results = [];
  if (!text) { list.replaceChildren(); found.textContent = ""; more.hidden = true; return; }
  try {
    if (!list.children.length) found.textContent = words.loading;
    for (const way of spellings(text)) {
      const answer = await (await index()).search(way);
      if (text !== asked) return;
      results = answer.results;
      next = 0;
      sought = way;
      list.replaceChildren();
      await page();
      if (text !== asked || list.children.length) return;
    }
  } catch {
    if (text !== asked) return;
    list.replaceChildren();
    more.hidden = true;
    found.textContent = words.search_error;
  }
}

// ---- asking: while typing, and by the address
let typing = 0;
const wish = () => field.value.trim().slice(0, 200);
function remember(text) {
  const url = new URL(location.href);
  if (text) url.searchParams.set("q", text); else url.searchParams.delete("q");
  history.replaceState(history.state, "", url);
}
field.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => { remember(wish()); search(wish()); }, 180); });
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  remember(wish());
  search(wish());
});
field.addEventListener("focus", () => { index().catch(() => {}); }, { once: true });
more.addEventListener("click", async () => {
  const before = list.children.length;
  await page();
  list.children[before]?.querySelector("a")?.focus();
});
// ↓ and ↑ walk from the field through what was found, and back.
place.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [field, ...list.querySelectorAll("a")].filter((stop) => stop.offsetParent !== null);
  const here = stops.indexOf(document.activeElement);
  const target = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (here < 0 || !target) return;
  event.preventDefault();
  target.focus();
});
field.value = new URLSearchParams(location.search).get("q") ?? "";
if (wish()) search(wish());
else field.focus();
