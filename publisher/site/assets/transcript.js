// The transcript of an episode's page: search in it, and its sentences by keyboard. player.js comes before.
{ // names of their own, beside the player's
// ---- search in the transcript
const hitsLabel = $(".hits");
let hits = []; // [from, to] in the folded text
let hit = -1;
let asked = 0; // which search is meant: an older one gives way
const BATCH = 100; // cues looked at in one go
// Folded for comparing, as feed/words.py does: case, accents and apostrophes off, full width as usual, ß is ss, every hyphen one sign.
// Spelled `out` in full, ä ö ü are ae oe ue, as people write them who have no such keys. Sign by sign it gives the same.
const OWN = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ς: "σ" };
const plain = (text) => text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f\u064b-\u065f\u0670\p{Cf}'’‘ʼ′`´]/gu, "").replace(/[ßæœøłđðþıς]/g, (sign) => OWN[sign]).replace(/[\p{Pd}\u2212]/gu, "-").replace(/\s/g, " ");
const folded = (text, full) => plain(full ? text.normalize("NFC").replace(/[äöüø]/gi, "$&e") : text);
const forms = {}; // the whole transcript, folded in either way: its text, where each cue begins in it, how many cues are in it
const spaced = $(".cue + .cue")?.previousSibling?.nodeType === 3;
const rest = () => new Promise((done) => { setTimeout(done); });
async function text(full) {
  const form = (forms[full] ??= { text: "", starts: [] });
  form.making ??= (async () => {
    while (form.starts.length < cues.length) {
      for (const cue of cues.slice(form.starts.length, form.starts.length + BATCH)) {
        const before = cues[form.starts.length - 1];
        if (before) form.text += before.parentNode !== cue.parentNode ? "\n" : spaced ? " " : "";
        form.starts.push(form.text.length);
        form.text += folded(cue.lastChild.data.trim(), full);
      }
      await rest();
    }
    return form;
  })();
  return form.making;
}
// Between two letters a hyphen may stand or lack, a blank may be a hyphen; `loosely`, blanks too may stand or lack.
function pattern(wanted, loosely) {
  const join = loosely ? "[- ]*" : "-?";
  return new RegExp(wanted.split(/[- ]+/).filter(Boolean).map((word) => [...word].map((sign) => sign.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&")).join(join)).join(loosely || wanted.includes("-") ? "[- ]*" : "[- ]+"), "gu");
}
async function search() {
  const mine = ++asked;
  const wanted = plain(find.value.trim().slice(0, 200));
  const used = /[^- ]/.test(wanted);
  let found = [];
  let form = null;
  for (const [full, loosely] of used ? [[false, false], [true, false], [false, true], [true, true]] : []) {
    if (found.length || (full && !/[aou]e/.test(wanted))) continue;
    form = await text(full);
    if (mine !== asked) return;
    found = [...form.text.matchAll(pattern(wanted, loosely))].map((match) => [match.index, match.index + match[0].length]);
  }
  unmark();
  hits = found;
  hit = -1;
  shown = { form, full: form === forms.true };
  for (const button of $$("[data-do^=hit-]", find.form)) button.disabled = !hits.length;
  watchHits();
  if (hits.length) showHit(0);
  else hitsLabel.value = used ? words.no_hits : "";
}
// ---- what was found is marked where it is in sight: in a layer of the browser's (Highlight), no element is made for it
let shown = { form: null, full: false };
const layers = window.Highlight && CSS.highlights ? { found: new Highlight(), here: new Highlight() } : null;
if (layers) { layers.here.priority = 1; for (const name of Object.keys(layers)) CSS.highlights.set(name, layers[name]); }
const cueOf = (at) => last(shown.form.starts, at, (start) => start);
const firstHit = (from) => last(hits, from - 1, ([at]) => at) + 1;
// Of each letter that a cue is folded to, where its sign begins and ends in the cue's text; made when something in it is marked.
const maps = { false: new Map(), true: new Map() };
function mapOf(index) {
  const known = maps[shown.full];
  if (!known.has(index)) {
    const whole = cues[index].lastChild.data;
    const signs = [];
    let at = whole.length - whole.trimStart().length;
    for (const sign of whole.trim()) {
      const size = folded(sign, shown.full).length;
      if (!size && signs.length) signs[signs.length - 1][1] = at + sign.length; // an accent of its own belongs to its letter
      for (let count = 0; count < size; count += 1) signs.push([at, at + sign.length]);
      at += sign.length;
    }
    known.set(index, signs);
  }
  return known.get(index);
}
function rangeOf([from, to]) {
  const [first, last] = [cueOf(from), cueOf(to - 1)];
  const range = new Range();
  range.setStart(cues[first].lastChild, mapOf(first)[from - shown.form.starts[first]]?.[0] ?? 0);
  range.setEnd(cues[last].lastChild, mapOf(last)[to - 1 - shown.form.starts[last]]?.[1] ?? 0);
  return range;
}
const near = new Map(); // paragraphs in sight, and the ranges marked in each
const sight = layers && "IntersectionObserver" in window ? new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    for (const range of near.get(target) ?? []) layers.found.delete(range);
    near.delete(target);
    if (!isIntersecting) continue;
    const [first, last] = [target.querySelector(".cue"), [...target.querySelectorAll(".cue")].at(-1)].map((cue) => cues.indexOf(cue));
    const [from, to] = [shown.form.starts[first], shown.form.starts[last + 1] ?? Infinity];
    const ranges = hits.slice(firstHit(from), firstHit(to)).map(rangeOf);
    for (const range of ranges) layers.found.add(range);
    near.set(target, ranges);
  }
}, { rootMargin: "25%" }) : null;
function watchHits() {
  let before = null;
  for (const [from] of sight ? hits : []) {
    const paragraph = cues[cueOf(from)].parentNode;
    if (paragraph !== before) sight.observe(paragraph);
    before = paragraph;
  }
}
function unmark() {
  sight?.disconnect();
  near.clear();
  layers?.found.clear();
  layers?.here.clear();
  for (const cue of $$(".cue.hit", transcript)) cue.classList.remove("hit");
}
function showHit(index) {
  hit = (index + hits.length) % hits.length;
  const range = rangeOf(hits[hit]);
  const cue = cues[cueOf(hits[hit][0])];
  hitsLabel.value = fill(words.hits, { n: hit + 1, m: hits.length });
  if (following && !audio.paused) setFollowing(false);
  if (layers) { layers.here.clear(); layers.here.add(range); } else {
    for (const other of $$(".cue.hit", transcript)) other.classList.remove("hit");
    cue.classList.add("hit");
  }
  settle(() => cue.scrollIntoView({ block: "center" }));
}
let typing = 0;
find?.addEventListener("focus", () => { text(false); }, { once: true });
find?.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(search, 120); });
find?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { find.value = ""; search(); find.blur(); }
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (hits.length) showHit(hit + (event.shiftKey ? -1 : 1));
  else search();
});
find?.form.addEventListener("submit", (event) => event.preventDefault()); // its button is told what to do below
deeds["hit-back"] = () => showHit(hit - 1);
deeds["hit-next"] = () => showHit(hit + 1);

// ---- every sentence by keyboard: ↑ ↓ lead from time to time, and from the transcript itself to where one is
deeds.sentence = (step) => {
  const here = cues.indexOf(document.activeElement.closest(".cue"));
  const target = cues[here < 0 ? Math.max(shownCue, 0) : here + step];
  const stamp = $("a.at", target ?? document.createElement("i"));
  if (!stamp) return;
  stamp.ariaLabel = `${stamp.textContent} ${textOf(target)}`;
  stamp.removeAttribute("aria-hidden");
  stamp.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
  stamp.addEventListener("blur", () => {
    stamp.ariaLabel = null;
    if (stamp.tabIndex < 0) stamp.setAttribute("aria-hidden", "true");
  }, { once: true });
};
}
