// The player: the page's own <audio>, with controls, a transcript that follows, and links to every moment.
// All words come from the page (#airdate); nothing is asked of any other server.
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const page = JSON.parse($("#airdate").textContent);
const words = page.words;
const place = $(".player-place");
const player = $(".player");
const audio = $("audio", player);
const seek = $(".seek", player);
const rail = $(".rail", player);
const ghost = $(".ghost", player);
const speed = $("[data-do=speed]", player);
const trouble = $(".trouble", player);
const transcript = $("#transcript");
const cues = $$(".cue");
const chapterLinks = $$(".chapter");
const rtl = document.documentElement.dir === "rtl";

// ---- words and times
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
// As a voice says it: "12 minutes 34 seconds", in the page's language.
const amount = (number, unit) => new Intl.NumberFormat(document.documentElement.lang || undefined, { style: "unit", unit, unitDisplay: "long" }).format(number);
function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor(whole / 60) % 60, "minute"], [whole % 60, "second"]].filter(([number]) => number);
  return (parts.length ? parts : [[0, "second"]]).map(([number, unit]) => amount(number, unit)).join(" ");
}
function parseTime(text) {
  if (/^\d+(\.\d+)?s?$/.test(text)) return parseFloat(text);
  const parts = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(text);
  if (parts) return Number(parts[1] || 0) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
  const units = /^(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  return units ? Number(units[1] || 0) * 3600 + Number(units[2] || 0) * 60 + Number(units[3] || 0) : NaN;
}
// `#t=1085`, `?t=18:05`, `#t=1085,1120`, `#t=npt:18:05` (W3C, Media Fragments): where to start and, for a range, where to stop.
function addressed() {
  const found = /^#t=([^&]+)/.exec(location.hash)?.[1] ?? new URLSearchParams(location.search).get("t");
  if (!found) return null;
  const [from, to] = found.replace(/%2C/gi, ",").replace(/%3A/gi, ":").replace(/^npt:/i, "").split(/[,-]/).map((part) => parseTime(part.trim()));
  const start = Number.isFinite(from) ? from : 0;
  if (!Number.isFinite(from) && !Number.isFinite(to)) return null;
  return { start: exactly(start), stop: to > start ? to : Infinity };
}
const say = (text) => { const live = $("#say"); live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); };
const spots = {}; // sought once: a long page has ten thousand elements
for (const spot of $$("[data-show]")) (spots[spot.dataset.show] ??= []).push(spot);
const show = (name, text) => { for (const spot of spots[name] ?? []) if (spot.textContent !== text) spot.textContent = text; };
const remember = {
  get(key) { try { return JSON.parse(localStorage.getItem(`airdate:${key}`)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(`airdate:${key}`, JSON.stringify(value)); } catch { /* storage may be off or full */ } },
  drop(key) { try { localStorage.removeItem(`airdate:${key}`); } catch { /* as above */ } },
};

// ---- where we are
let cued = 0; // where playing will start; before the recording is loaded there is no other place to keep it
let stopAt = Infinity;
let sleepAt = 0; // performance.now() when the sleep timer ends
let sleepChapter = -1;
let dragging = false;
let saved = 0;
const position = `position:${page.guid}`;
const duration = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : page.duration);
const now = () => audio.currentTime || cued; // a recording is loaded a moment before it stands where playing will start
const last = (list, time, start) => { // index of the last entry that starts at or before `time`, by halving
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (start(list[middle]) <= time + 0.05) low = middle + 1; else high = middle;
  }
  return low - 1;
};
const chapterAt = (time) => last(page.chapters, time, (chapter) => chapter[0]);
const cueAt = (time) => last(page.cues, time, (cue) => cue[0]);
// Addresses hold whole seconds: what begins within that second is what is meant.
const exactly = (second) => (second % 1 ? undefined : [...page.chapters, ...page.cues].find(([begin]) => begin >= second && begin < second + 1)?.[0]) ?? second;

// ---- play and go
function go(time, { play = false, keepRange = false } = {}) {
  cued = Math.min(Math.max(0, time), Math.max(0, duration() - 0.2));
  if (!keepRange) stopAt = Infinity;
  if (audio.readyState > 0) audio.currentTime = cued;
  if (player.dataset.state === "idle") show("status", ""); // where it would have begun is no longer true
  player.classList.remove("ended");
  $(".after", player)?.setAttribute("hidden", "");
  render(true);
  if (play) start();
}
function start() {
  if (audio.error) audio.load();
  if (player.classList.contains("ended")) go(0);
  setState("loading");
  audio.play().catch((fault) => { if (fault.name !== "AbortError" && audio.error === null) setState("idle"); });
}
const toggle = () => { if (audio.paused) start(); else audio.pause(); };
const skip = (seconds) => { go(now() + seconds); say(clock(now())); };
function chapterStep(step) {
  if (!page.chapters.length) return;
  const here = chapterAt(now());
  const back = step < 0 && here >= 0 && now() - page.chapters[here][0] > 3 ? here : here + step; // first to this chapter's start, then before it
  const target = page.chapters[Math.min(Math.max(0, back), page.chapters.length - 1)];
  go(target[0]);
  say(target[1]);
}
function cueStep(step) {
  if (!page.cues.length) return;
  const here = Math.min(Math.max(0, cueAt(now()) + step), page.cues.length - 1);
  go(page.cues[here][0]);
  say(textOf(cues[here]));
}
function setSpeed(rate) {
  audio.playbackRate = audio.defaultPlaybackRate = rate;
  speed.value = String(rate);
  remember.set("speed", rate);
}
function speedStep(step) {
  const next = speed.options[speed.selectedIndex + step];
  if (!next) return;
  setSpeed(Number(next.value));
  say(fill(words.speed_is, { speed: next.value }));
}

// ---- what is seen
let shownCue = -2;
let shownChapter = -2;
function setState(state) {
  if (audio.error) state = "error"; // until it is loaded again
  player.dataset.state = state;
  const playing = state === "playing" || state === "buffering";
  $("[data-do=play]", player).ariaLabel = playing ? words.pause : now() > 0 ? words.play : words.play_episode;
  trouble.hidden = state !== "error" && !cut;
  show("status", state === "loading" ? words.loading : state === "buffering" ? words.buffering : "");
  if (session) session.playbackState = playing ? "playing" : "paused";
}
function render(moved = false) {
  const time = now();
  const whole = duration();
  if (!dragging) seek.value = Math.floor(time);
  paint(dragging ? Number(seek.value) : time);
  show("elapsed", clock(time));
  show("left", `−${clock(whole - time)}`);
  show("share-at", fill(words.share_at, { time: clock(time) }));
  const chapter = chapterAt(time);
  const values = { position: spoken(time), duration: spoken(whole), chapter: page.chapters[chapter]?.[1] };
  seek.setAttribute("aria-valuetext", fill(chapter < 0 ? words.valuetext : words.valuetext_chapter, values));
  const idle = time === 0 && audio.paused; // nothing is current before the first play
  if (chapter !== shownChapter || moved) {
    chapterLinks[shownChapter]?.removeAttribute("aria-current");
    if (!idle) chapterLinks[chapter]?.setAttribute("aria-current", "true");
    if (chapter !== shownChapter) listChapter(chapterLinks[chapter]);
    show("title", chapter < 0 || idle ? page.title : page.chapters[chapter][1]);
    if (sleepChapter >= 0 && chapter !== sleepChapter) endSleep();
    shownChapter = chapter;
  }
  const begin = page.chapters[chapter]?.[0];
  chapterLinks[chapter]?.style.setProperty("--part", (time - begin) / ((page.chapters[chapter + 1]?.[0] ?? whole) - begin));
  const cue = idle ? -1 : cueAt(time);
  if (cue !== shownCue) {
    cues[shownCue]?.removeAttribute("aria-current");
    cues[cue]?.setAttribute("aria-current", "true");
    shownCue = cue;
    if (!audio.paused || moved) followCue();
  }
}
// Where the list of chapters scrolls by itself, the current one stays in sight.
function listChapter(link) {
  const list = link?.closest("nav");
  if (!list || list.scrollHeight <= list.clientHeight) return;
  const [box, row] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
  if (row.top < box.top + 48 || row.bottom > box.bottom) list.scrollTop += row.top - box.top - box.height / 3;
}
function paint(time) {
  rail.style.setProperty("--done", `${(100 * time) / duration()}%`);
  const buffered = audio.buffered;
  let ready = time;
  for (let index = 0; index < buffered.length; index += 1) if (buffered.start(index) <= time) ready = Math.max(ready, buffered.end(index));
  rail.style.setProperty("--ready", `${(100 * ready) / duration()}%`);
}
for (const [begin] of page.chapters.slice(page.chapters[0]?.[0] < 1 ? 1 : 0)) {
  const tick = document.createElement("i");
  tick.style.insetInlineStart = `${(100 * begin) / page.duration}%`;
  $(".ticks", player).append(tick);
}

// ---- following along: until the reader scrolls away, and again when asked
const followButton = $("[data-do=follow]");
const toNow = $(".to-now");
let following = true;
function followCue(force = false) {
  const cue = cues[shownCue];
  if (!cue || (!following && !force)) return;
  if (!force && audio.paused) return;
  const box = cue.getBoundingClientRect();
  if (!force && box.top > innerHeight * 0.18 && box.bottom < innerHeight * 0.62) return;
  if (!force && !transcriptSeen()) return;
  const calm = force || matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm) settle(() => scrollTo({ top: scrollY + cue.getBoundingClientRect().top - innerHeight * 0.3, behavior: "auto" }));
  else scrollTo({ top: scrollY + box.top - innerHeight * 0.3, behavior: "smooth" });
}
// What is far in a long transcript is laid out when one comes near, higher or lower than was guessed: one goes there, and once more.
let again = 0;
function settle(go, times = 3) {
  clearTimeout(again);
  go();
  if (times > 1 && cues.length > 400) again = setTimeout(settle, 60, go, times - 1);
}
function transcriptSeen() { // who reads the notes is not torn away
  const box = transcript.getBoundingClientRect();
  return box.top < innerHeight * 0.7 && box.bottom > 0;
}
function setFollowing(on) {
  following = on;
  followButton?.setAttribute("aria-pressed", String(on));
  if (toNow) toNow.hidden = on || audio.paused || shownCue < 0;
  if (on && toNow) followCue(true);
}
// The reader scrolls: by wheel, finger, key or the scroll bar, but not in the player itself.
function letGo(event) {
  clearTimeout(again);
  if (following && cues.length && !audio.paused && transcriptSeen() && !player.contains(event.target)) setFollowing(false);
}
for (const sign of ["wheel", "touchmove"]) addEventListener(sign, letGo, { passive: true });
addEventListener("pointerdown", (event) => { if (event.clientX >= document.documentElement.clientWidth) letGo(event); });
addEventListener("keydown", (event) => { if (/^(Page(Up|Down)|Arrow(Up|Down)|Home|End)$/.test(event.key) && !event.target.matches("input, select, textarea")) letGo(event); });

// ---- what was heard is remembered, until 97 % are
function save() {
  const time = now();
  if (time / duration() > 0.97) remember.drop(position);
  else if (time > 5) remember.set(position, { time: Math.round(time), at: Date.now() });
}

// ---- the recording's own events
audio.addEventListener("loadedmetadata", () => {
  seek.max = Math.ceil(duration());
  tellSession();
  if (Math.abs(audio.currentTime - cued) > 0.5) audio.currentTime = cued;
  render();
});
audio.addEventListener("timeupdate", () => {
  if (audio.readyState === 0 || audio.seeking) return;
  cued = audio.currentTime;
  if (cued >= stopAt) { stopAt = Infinity; audio.pause(); }
  if (sleepAt && performance.now() > sleepAt) endSleep();
  render();
  if (performance.now() - saved > 5000) { saved = performance.now(); save(); }
});
audio.addEventListener("play", () => { claim(); describe(); render(); if (!following && toNow) toNow.hidden = false; });
audio.addEventListener("playing", () => { setState("playing"); render(true); });
audio.addEventListener("pause", () => { if (!audio.ended) setState("idle"); save(); if (toNow) toNow.hidden = true; });
audio.addEventListener("waiting", () => setState(audio.currentTime > 0 ? "buffering" : "loading"));
audio.addEventListener("seeked", () => { if (!audio.paused && audio.readyState > 2) setState("playing"); render(); tellSession(); });
audio.addEventListener("ratechange", tellSession);
audio.addEventListener("progress", () => paint(now()));
const wrong = $("p", trouble);
const usual = wrong.textContent;
audio.addEventListener("error", () => {
  const gone = audio.error.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED; // also what a 404 is called
  cut = false;
  wrong.textContent = !navigator.onLine ? wrong.dataset.offline : gone ? wrong.dataset.gone : usual;
  setState("error");
  say(wrong.textContent);
});
// A seek to what is not loaded, without a network: said when it does not come at once, taken back when it comes.
let cut = false;
const ready = () => audio.readyState > 2 && !audio.seeking;
function tellCut() {
  if (audio.error || cut || navigator.onLine || ready()) return;
  cut = true;
  wrong.textContent = wrong.dataset.offline;
  setState(player.dataset.state);
  say(wrong.textContent);
}
function uncut() {
  if (!cut || !ready()) return;
  cut = false;
  setState(player.dataset.state);
}
for (const sign of ["seeking", "waiting", "stalled"]) audio.addEventListener(sign, () => setTimeout(tellCut, 400));
for (const sign of ["canplay", "playing", "seeked"]) audio.addEventListener(sign, uncut);
addEventListener("offline", () => { if (audio.readyState && !audio.paused) tellCut(); });
addEventListener("online", () => { // the network is back: go on where it stopped
  if (audio.error || (cut && !audio.paused)) deeds.retry();
  else if (cut) { const time = now(); audio.load(); cued = time; }
  cut = false;
  setState(player.dataset.state);
});
audio.addEventListener("ended", () => {
  player.classList.add("ended");
  setState("ended");
  $(".after", player)?.removeAttribute("hidden");
});
addEventListener("pagehide", save);
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); }); // a phone may end the page without a word

// ---- one player at a time, in all tabs of this site
const tab = `${Date.now()}-${Math.random()}`;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("airdate") : null;
const claim = () => channel?.postMessage(tab);
channel?.addEventListener("message", (event) => { if (event.data !== tab) audio.pause(); });

// ---- the lock screen and the keys of headphones
const session = navigator.mediaSession;
function tellSession() {
  if (session?.setPositionState && audio.readyState > 0) session.setPositionState({ duration: duration(), playbackRate: audio.playbackRate, position: Math.min(audio.currentTime, duration()) });
}
function describe() {
  if (!session) return;
  const artwork = page.picture ? [{ src: new URL(page.picture, location.href).href }] : [];
  session.metadata = new MediaMetadata({ title: page.title, artist: page.author, album: page.show, artwork });
  const actions = {
    play: start,
    pause: () => audio.pause(),
    seekbackward: (details) => skip(-(details.seekOffset || 15)),
    seekforward: (details) => skip(details.seekOffset || 30),
    seekto: (details) => go(details.seekTime),
    previoustrack: page.chapters.length ? () => chapterStep(-1) : null,
    nexttrack: page.chapters.length ? () => chapterStep(1) : null,
  };
  for (const [name, action] of Object.entries(actions)) try { session.setActionHandler(name, action); } catch { /* not every browser knows every action */ }
}

// ---- sleep timer
const sleep = $("[data-do=sleep]", player);
function endSleep() {
  sleepAt = 0;
  sleepChapter = -1;
  if (sleep) sleep.value = "0";
  audio.pause();
}
sleep?.addEventListener("change", () => {
  sleepChapter = sleep.value === "chapter" ? chapterAt(now()) : -1;
  sleepAt = Number(sleep.value) ? performance.now() + Number(sleep.value) * 60000 : 0;
});

// ---- the track
seek.addEventListener("input", () => { dragging = true; paint(Number(seek.value)); });
seek.addEventListener("change", () => { dragging = false; go(Number(seek.value)); });
rail.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch" && !dragging) return;
  const box = rail.getBoundingClientRect();
  const along = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const time = (rtl ? 1 - along : along) * duration();
  const [chapter, line] = [page.chapters[chapterAt(time)]?.[1] ?? "", textOf(cues[cueAt(time)])];
  ghost.replaceChildren(`${clock(time)}  ${chapter}`, ...(line ? [document.createElement("br"), line] : []));
  const half = ghost.offsetWidth / 2;
  ghost.style.left = `${Math.min(Math.max(event.clientX - box.left, half), box.width - half)}px`;
  ghost.classList.add("shown");
});
rail.addEventListener("pointerleave", () => ghost.classList.remove("shown"));
const volume = $(".volume", player);
volume.addEventListener("input", () => { audio.volume = volume.value / 100; audio.muted = false; });
const louder = (step) => { audio.volume = Math.min(1, Math.max(0, audio.volume + step)); audio.muted = false; };
audio.addEventListener("volumechange", () => {
  volume.value = audio.muted ? 0 : Math.round(audio.volume * 100);
  $("[data-do=mute]", player).setAttribute("aria-pressed", String(audio.muted));
});
const quieter = new Audio();
quieter.volume = 0.5;
if (quieter.volume === 1) $(".loud", player).hidden = true; // the device's own keys alone change it
speed.addEventListener("change", () => setSpeed(Number(speed.value)));

// ---- links to moments, on the whole page
const textOf = (cue) => (cue ? [...cue.childNodes].filter((node) => !(node.nodeType === 1 && node.matches(".at"))).map((node) => node.textContent).join("").trim() : "");
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest('a[href^="#t="]');
  const cue = event.target.closest(".cue");
  if (!link && (!cue || !getSelection().isCollapsed)) return;
  if (link) {
    event.preventDefault();
    history.replaceState(history.state, "", link.getAttribute("href"));
  }
  const index = cue ? cues.indexOf(cue) : -1;
  const [from, to] = link ? link.getAttribute("href").slice(3).split(",").map(parseTime) : [];
  const time = index >= 0 ? page.cues[index][0] : exactly(from);
  if (to > time) stopAt = to; // a stretch: it plays to its end
  if (Number.isFinite(time)) go(time, { play: Boolean(link), keepRange: to > time }); // words go there, and sound stays as it is: who reads is not startled
  if (audio.paused && !link) startsHere();
});
const startsHere = () => show("status", fill(words.starts_at, { time: clock(now()) }));

// ---- the address: cue, do not play
function open() {
  const asked = addressed();
  if (!asked) return false;
  stopAt = asked.stop;
  go(asked.start, { keepRange: true });
  startsHere();
  followCue(true);
  return true;
}
addEventListener("load", () => { if (addressed()) followCue(true); }); // after the browser went to the fragment itself
addEventListener("hashchange", () => { if (location.hash.startsWith("#t=")) open(); });

const find = $("#find"); // transcript.js searches

// ---- share and quote
const shareBox = $("#share");
const shareLink = $("#share-link");
const shareAt = $("#share-at");
const momentLink = (time) => `${page.page}#t=${Math.floor(time)}`;
async function copy(text) {
  try { await navigator.clipboard.writeText(text); } catch {
    const field = document.createElement("textarea");
    field.value = text;
    (shareBox?.open ? shareBox : document.body).append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  show("status", words.copied);
  say(words.copied);
}
function fillShare() { shareLink.value = shareAt.checked ? momentLink(now()) : page.page; }
shareAt?.addEventListener("change", fillShare);
const quoting = $(".quoting");
function quoted() {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const from = range.startContainer;
  if (!transcript?.contains(from)) return null;
  let index = cues.indexOf((from.nodeType === 1 ? from : from.parentNode).closest(".cue"));
  if (index < 0) index = last(cues, 0, (cue) => (range.comparePoint(cue, 0) < 0 ? -1 : 1)) + 1; // between cues: the next one, by halving
  if (!cues[index] || !range.intersectsNode(cues[index])) return null;
  return { range, text: selection.toString().replace(/\s+/g, " ").trim(), start: page.cues[index][0] };
}
document.addEventListener("selectionchange", () => { if (quoting && !quoting.hidden && !quoted()) quoting.hidden = true; });
let fingers = false;
let choosing = 0;
addEventListener("pointerdown", (event) => { fingers = event.pointerType === "touch"; });
function offerQuote() {
  const quote = quoted();
  if (!quote || !quoting) return;
  quoting.hidden = false;
  const box = quote.range.getBoundingClientRect();
  quoting.style.left = `${Math.min(Math.max(8, box.left + box.width / 2 - quoting.offsetWidth / 2), document.documentElement.clientWidth - quoting.offsetWidth - 8)}px`;
  const below = fingers || box.top < 60; // above a finger's selection stands the device's own menu
  quoting.style.top = `${scrollY + (below ? box.bottom + (fingers ? 28 : 8) : box.top - quoting.offsetHeight - 8)}px`;
}
for (const sign of ["pointerup", "keyup"]) transcript?.addEventListener(sign, () => setTimeout(offerQuote));
document.addEventListener("selectionchange", () => { clearTimeout(choosing); if (fingers) choosing = setTimeout(offerQuote, 300); });

// ---- every button
const deeds = {
  play: toggle,
  back: () => skip(-15),
  forward: () => skip(30),
  retry: () => { const time = now(); audio.load(); cued = time; start(); },
  follow: () => setFollowing(!following),
  now: () => setFollowing(true),
  mute: () => { audio.muted = !audio.muted; },
  keys: () => $("#keys")?.showModal(),
  share: () => { if (!shareBox) return; shareAt.checked = now() > 0; fillShare(); shareBox.showModal(); },
  copy: () => { shareLink.select(); copy(shareLink.value); },
  native: () => navigator.share({ title: page.title, url: shareLink.value }).catch(() => {}), // the reader may think better of it
  close: (button) => button.closest("dialog").close(),
  quote: () => { const quote = quoted(); if (quote) copy(`“${quote.text}”\n${momentLink(quote.start)}`); quoting.hidden = true; },
  "from-here": () => { const quote = quoted(); if (quote) go(quote.start, { play: true }); quoting.hidden = true; },
};
for (const button of $$("button[data-do]")) button.addEventListener("click", () => deeds[button.dataset.do]?.(button));
quoting?.addEventListener("pointerdown", (event) => event.preventDefault()); // pressing a button keeps the selection
for (const dialog of $$("dialog")) dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// ---- keys, while nobody is typing; those of a single sign can be turned off
const letters = $("#letters");
let lettersOn = remember.get("letters") !== false;
if (letters) letters.checked = lettersOn;
letters?.addEventListener("change", () => { lettersOn = letters.checked; remember.set("letters", lettersOn); });
const keys = {
  k: toggle,
  " ": toggle,
  j: () => skip(-15),
  l: () => skip(30),
  ",": () => chapterStep(-1),
  ".": () => chapterStep(1),
  "<": () => speedStep(-1),
  ">": () => speedStep(1),
  m: deeds.mute,
  "/": () => find?.focus(),
  t: () => { transcript?.scrollIntoView(); transcript?.focus({ preventScroll: true }); },
  f: () => { if (followButton) setFollowing(!following); },
  "?": deeds.keys,
  Escape: () => { if (quoting) quoting.hidden = true; },
};
addEventListener("keydown", (event) => {
  const target = event.target;
  const onSeek = target === seek;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || $("dialog[open]")) return;
  if (!onSeek && target.matches("input:not([type=range]), textarea, select, [contenteditable]")) return;
  const ahead = { ArrowLeft: rtl ? 1 : -1, ArrowRight: rtl ? -1 : 1 }[event.key];
  let deed;
  if (ahead && (onSeek || !target.matches("input"))) deed = () => (event.altKey ? chapterStep(ahead) : event.shiftKey ? cueStep(ahead) : skip(5 * ahead));
  else if (event.altKey) return;
  else if (onSeek && (event.key === "PageUp" || event.key === "PageDown")) deed = () => skip(event.key === "PageUp" ? 60 : -60);
  else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && place.contains(target)) deed = () => louder(event.key === "ArrowUp" ? 0.05 : -0.05);
  else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && (target === transcript || target.matches(".cue .at"))) deed = () => deeds.sentence?.(event.key === "ArrowUp" ? -1 : 1);
  else if (event.key.length === 1 && event.key !== " " && !lettersOn) return;
  else if (event.key === " " && target.matches("button, a, summary, input")) deed = onSeek ? toggle : undefined;
  else deed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? (event.key > "~" ? keys[event.code.slice(3).toLowerCase()] : undefined); // letters of another script: by their place
  if (!deed || (event.repeat && deed === toggle)) return;
  if (ahead && event.altKey && !page.chapters.length) return;
  event.preventDefault();
  deed();
});

// ---- begin
audio.removeAttribute("controls");
const rate = remember.get("speed");
if (typeof rate === "number" && [...speed.options].some((option) => option.value === String(rate))) setSpeed(rate);
const kept = remember.get(position);
if (!open()) {
  if (kept && kept.time > 5 && kept.time / page.duration < 0.97) {
    cued = kept.time;
    show("status", fill(words.resume, { time: clock(kept.time) }));
    render(true);
  } else render();
}
if (navigator.share) for (const button of $$("[data-do=native]")) button.hidden = false;
// In a frame: the page around it may ask for no more height than the player needs.
if (parent !== window) new ResizeObserver(() => {
  parent.postMessage(JSON.stringify({ src: location.href, context: "iframe.resize", height: document.documentElement.scrollHeight }), "*");
}).observe(document.body);
if ("IntersectionObserver" in window && !document.documentElement.classList.contains("embedded")) {
  new IntersectionObserver(([entry]) => {
    place.classList.toggle("docked", !entry.isIntersecting && entry.boundingClientRect.top < 0);
  }).observe(place);
}
