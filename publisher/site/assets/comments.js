// Comments: shown from files beside the pages, written by the service that takes them; a little Markdown, all else is text. What a reader
// writes stays in this browser until it was taken. Names that are not made here are the player's.
(function () {
  const section = $("#comments");
  const list = $("#thread", section);
  const form = $(".saying", section);
  const { thread, service, dates, closes } = section.dataset;
  const made = (name, values = {}, ...inside) => {
    const element = Object.assign(document.createElement(name), values);
    element.append(...inside);
    return element;
  };

  // ---- reading: by the same rules as from the show's folder
  const controls = /[\0-\t\v-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g;
  const written = /^((19|20)\d\d-\d\d-\d\d)([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?)?$/;
  const whole = (text) => (typeof text === "string" ? text.replace(/\p{Cs}/gu, "") : "");
  const cut = (text, most) => [...text].slice(0, most).join("");
  const nameOf = (text) => cut(whole(text).replace(controls, " ").trim().split(/\s+/).join(" "), 50);
  const partsOf = (text) => cut(whole(text), 5000).replace(/\r\n/g, "\n").replace(controls, " ").split(/\n *\n/).map((part) => part.trim()).filter(Boolean);
  const idOf = (id) => (typeof id === "string" ? id : Number.isSafeInteger(id) ? String(id) : "");
  const days = new Intl.DateTimeFormat(dates, { dateStyle: "long", timeZone: "UTC" });
  const dayOf = (text) => {
    const [, day] = (typeof text === "string" && written.exec(text)) || [];
    const date = day && new Date(day);
    return date && date.toJSON()?.startsWith(day) ? made("time", { dateTime: text }, days.format(date)) : "";
  };
  const momentOf = (at) => (typeof at === "number" && at >= 0 && at < 360000 ? made("a", { className: "at", href: `#t=${Math.floor(at)}` }, clock(at)) : "");
  const marking = /`([^`\n]+)`|\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*|\*([^\s*](?:[^*\n]*[^\s*])?)\*|(https?:\/\/[a-z0-9][^\s<>"'`*]*)/gi;
  const leads = (address) => {
    try {
      return Boolean(new URL(address));
    } catch {
      return false;
    }
  };
  function marked(text) {
    const parts = [];
    let last = 0;
    for (const { 0: all, 1: code, 2: strong, 3: em, 4: link, index } of text.matchAll(marking)) {
      const href = link?.replace(/[.,;:!?)\]}…»”]+$/, "");
      if (link && !leads(href)) continue;
      parts.push(text.slice(last, index), link ? made("a", { href, rel: "nofollow ugc noopener" }, href) : made(code ? "code" : strong ? "strong" : "em", {}, code ?? strong ?? em));
      last = index + (href ?? all).length;
    }
    return [...parts, text.slice(last)];
  }
  function row(comment, parts, deeds, waiting) {
    const id = idOf(comment.id);
    const name = nameOf(comment.name);
    const badge = comment.by_show === true && made("span", { className: "badge" }, words.comment_by_show);
    const facts = [name && made("bdi", {}, name), badge, dayOf(comment.date), momentOf(comment.at)].filter(Boolean).flatMap((fact, index) => (index ? [fact === badge ? " " : " · ", fact] : [fact]));
    const item = made("li", /^[\w-]{1,64}$/.test(id) ? { id: `comment-${id}` } : {});
    if (waiting) item.className = "waits";
    if (waiting && !comment.approved) item.append(made("p", { className: "badge" }, words.comment_waits));
    if (facts.length) item.append(made("p", { className: "soft" }, ...facts));
    item.append(...parts.map((part) => made("p", { dir: "auto" }, ...marked(part))));
    if (deeds.length) item.append(made("p", { className: "does" }, ...deeds.map(([label, onclick]) => made("button", { type: "button", className: "quiet", onclick }, label))));
    return item;
  }

  // ---- the thread: what the service published, and what waits of this reader's
  let found = null;
  let older = "";
  let total = 0;
  let more = 0;
  let shown = 0;
  const tops = new Map();
  const loose = new Map(); // answers to what stands in an older file
  const said = `said:${page.guid}`;
  const own = () => [remember.get(said) ?? []].flat().filter((one) => Date.now() - Date.parse(one?.date) < 30 * 864e5);
  async function read(address) {
    const answer = await fetch(address, { cache: "no-cache" }).catch(() => null);
    const file = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!Array.isArray(file?.comments)) return found ? undefined : draw();
    older = typeof file.older === "string" && /^[\w-][\w.-]*\.json$/.test(file.older) ? file.older : "";
    total ||= Number.isSafeInteger(file.total) && file.total <= 1e7 ? file.total : 0;
    more += Math.max(0, file.comments.length - 500);
    const fresh = file.comments.slice(-500);
    if (found) list.prepend(rows(fresh));
    found = [...fresh, ...(found ?? [])];
    if (found.length === fresh.length) draw();
    else tell();
  }
  function rows(comments, waiting = false) {
    const part = new DocumentFragment();
    const unknown = [];
    const known = own();
    for (const comment of comments) {
      const id = idOf(comment?.id);
      const parts = partsOf(comment?.text);
      const mine = known.find((one) => one.id === id);
      if (!parts.length || (waiting && (tops.has(id) || document.getElementById(`comment-${id}`)))) continue;
      const above = idOf(comment.reply_to);
      const parent = tops.get(above);
      const deeds = [
        form && id && !parent && !waiting && [words.comment_answer, () => begin(comment)],
        form && mine && Date.now() - Date.parse(mine.date) < 9e5 && [words.comment_edit, () => begin(mine, mine)],
        mine && [words.comment_delete, () => erase(mine)],
      ].filter(Boolean);
      const item = row(comment, parts, deeds, waiting);
      if (parent) below(parent, item);
      else part.append(item);
      if (id) tops.set(id, parent ?? item); // an answer to an answer stands in the same row
      for (const answer of loose.get(id) ?? []) below(parent ?? item, answer);
      if (above && !parent) unknown.push([above, item]);
      if (!waiting) shown += 1;
    }
    for (const [above, item] of unknown) loose.set(above, [...(loose.get(above) ?? []), item]);
    return part;
  }
  const below = (item, answer) => (item.lastElementChild.matches("ol") ? item.lastElementChild : item.appendChild(made("ol"))).append(answer);
  function draw() {
    for (const item of $$(".waits", list)) item.remove();
    tops.clear(); // what waits of this reader's is drawn again, whether or not there is a file
    loose.clear();
    if (found) {
      shown = 0;
      list.replaceChildren(rows(found));
    }
    list.append(rows(own(), true));
    tell();
  }
  // Answers from elsewhere stand in the page as it was published, which is as new as they are; they keep their places among the others.
  const away = $$(":scope > .away", list);
  const whenOf = (item) => Date.parse($(":scope > p time", item)?.dateTime.replace(/[ T][\d:.]+$/, "$&Z"));
  function weave() {
    const left = [...away];
    let last = 0;
    for (const item of $$(":scope > :not(.away, .waits)", list)) {
      last = whenOf(item) || last;
      while (left.length && whenOf(left[0]) < last) item.before(left.shift());
    }
    for (const item of left) list.insertBefore(item, $(":scope > .waits", list));
  }
  function tell() {
    weave();
    const number = (total >= shown ? total : shown + more) + $$(".away", list).length;
    const forms = words.count_comments;
    const top = $("[data-count]");
    if (top && found) top.textContent = !number ? $("#comments-title").textContent : fill(forms[new Intl.PluralRules(dates).select(number)] ?? forms.other, { n: number.toLocaleString(dates) });
    $(".older", section).hidden = !older;
    mark();
  }
  // On the player's bar: one mark for what lies together.
  const marks = made("div", { className: "marks", ariaHidden: "true" });
  rail.append(marks);
  function mark() {
    const places = new Map();
    for (const link of $$("a.at", list)) {
      const at = Number(link.hash.slice(3));
      const spot = Math.round((100 * at) / page.duration);
      if (at <= page.duration && !places.has(spot)) places.set(spot, link);
    }
    marks.replaceChildren(...[...places].map(([spot, link]) => {
      const place = made("a", { href: link.hash, tabIndex: -1, title: $("p[dir]", link.closest("li")).textContent.slice(0, 99) });
      place.style.insetInlineStart = `${spot}%`;
      return place;
    }));
  }
  let asked = false;
  const load = () => { if (thread && !asked) { asked = true; read(thread); } };
  new IntersectionObserver(([entry]) => { if (entry.isIntersecting) load(); }, { rootMargin: "600px" }).observe(section);
  audio.addEventListener("play", load);
  if (/^#comment/.test(location.hash)) load();
  $(".older button", section)?.addEventListener("click", () => read(thread.replace(/[^/]*$/, older)));
  mark();
  if (!service) return;

  // ---- one's own
  const token = `token:${service}`;
  const call = async (address, method, body, headers) => {
    const answer = await fetch(address, { method, body, headers: { Accept: "application/json", ...headers } });
    return [answer.ok, (await answer.json().catch(() => null)) ?? {}];
  };
  const change = (method, id, body) => call(service.replace(/\/?$/, `/${id}`), method, body, { Authorization: `Bearer ${remember.get(token)}` });
  const keepOwn = (all) => { remember.set(said, all); draw(); };
  async function erase(comment) {
    if (!confirm(words.comment_delete_sure)) return;
    const [done, { error }] = await change("DELETE", comment.id).catch(() => [false, {}]);
    if (!done) { alert(error || words.comment_trouble); return; }
    found = found?.filter((one) => idOf(one?.id) !== comment.id);
    keepOwn(own().filter((one) => one.id !== comment.id));
    say(words.comment_deleted);
  }
  if (!form) return;

  // ---- the form: what is half written is kept, until it was taken
  const { name, text, consent, episode, at, reply_to: above } = form.elements;
  const moment = $(".at-moment", form);
  const mode = $(".mode", form);
  const state = $("#comment-state");
  const draft = `comment:${page.guid}`;
  let pass = null; // the nonce of this page load: { nonce, since, wait, altcha }
  let editing = null;
  let pending = false;
  const letters = (value) => [...value].length;

  function count() {
    const n = text.minLength - letters(text.value.replace(/\s/g, ""));
    $("#comment-count").textContent = n > 0 ? fill(words.comment_missing, { n }) : `${letters(text.value)} / ${text.maxLength}`;
    text.setCustomValidity(n > 0 ? $("#comment-least").textContent : "");
  }
  function about(second, chosen = false) {
    at.value = Math.floor(second);
    at.checked = chosen;
    $("span", moment).textContent = fill(words.comment_at, { time: clock(second) });
    moment.hidden = false;
  }
  const follow = () => { if (!at.checked && now() >= 1) about(now()); };
  function begin(comment, changing = null) { // nothing: a comment of its own
    if (editing || changing) text.value = (changing ?? remember.get(draft))?.text ?? "";
    editing = changing;
    form.noValidate = Boolean(editing);
    form.classList.toggle("editing", form.noValidate);
    above.disabled = !comment || form.noValidate;
    above.value = idOf(comment?.id);
    $("span", mode).textContent = editing ? words.comment_edit : fill(words.comment_answering, { name: nameOf(comment?.name) });
    mode.hidden = !comment;
    keep();
    if (!comment) return;
    put("", "");
    text.focus();
  }
  function keep() {
    if (!form.isConnected) return;
    count();
    remember.set("commenter", name.value);
    if (editing) return;
    if (text.value.trim()) remember.set(draft, { text: text.value, at: at.checked && at.value, above: !above.disabled && { id: above.value, name: $("span", mode).textContent }, pass, pending });
    else remember.drop(draft);
  }
  function close(sentence) {
    form.replaceWith(made("p", { className: "closed", role: "status" }, sentence));
    remember.drop(draft);
  }
  async function ask() {
    if (pass && Date.now() - pass.since < 3e6) return;
    const [, said] = await call(new URL(`nonce?episode=${episode.value}`, service)).catch(() => [false, {}]);
    if (said.code === "closed") close(said.error);
    pass = said.nonce ? { nonce: said.nonce, since: Date.now(), wait: said.wait ?? 3, altcha: said.altcha } : null;
    keep();
  }
  let asking = null;
  const begun = () => (asking ??= ask().finally(() => { asking = null; }));

  // The work that a service may ask for: which number, behind the salt, has this digest.
  async function solve({ algorithm, challenge, salt, signature, maxNumber }) {
    for (let number = 0; number <= maxNumber; number += 1) {
      const digest = new Uint8Array(await crypto.subtle.digest(algorithm, new TextEncoder().encode(salt + number)));
      if ([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === challenge) return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    }
    return "";
  }

  async function send(again = true) {
    await begun();
    if (pass) await new Promise((done) => { setTimeout(done, pass.since + pass.wait * 1000 + 100 - Date.now()); });
    const body = new URLSearchParams(new FormData(form));
    if (pass) body.set("nonce", pass.nonce);
    if (pass?.altcha) body.set("altcha", await solve(pass.altcha));
    if (remember.get(token)) body.set("token", remember.get(token));
    const [done, said] = await call(service, "POST", body);
    if (done || said.code !== "nonce" || !again) return [done, said];
    pass = null;
    return send(false);
  }
  function taken(said) {
    const one = { id: said.id, name: name.value, text: text.value, at: at.checked ? Number(at.value) : null, reply_to: !above.disabled && above.value, date: new Date().toISOString(), approved: said.state === "approved" };
    if (said.token) remember.set(token, said.token);
    text.value = "";
    at.checked = consent.checked = false;
    pass = null;
    begin();
    if (said.id) keepOwn([...own(), one]);
    return one.approved ? words.comment_published : words.comment_sent;
  }
  function changed() {
    const { value } = text;
    const { id } = editing;
    for (const one of found ?? []) if (idOf(one?.id) === id) one.text = value;
    begin();
    keepOwn(own().map((one) => (one.id === id ? { ...one, text: value } : one)));
    return words.comment_changed;
  }
  const put = (kind, sentence) => { state.dataset.state = kind; state.textContent = sentence; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy) return;
    form.ariaBusy = "true";
    put("sending", words.comment_sending);
    pending = false;
    try {
      const [done, said] = await (editing ? change("PATCH", editing.id, new URLSearchParams({ text: text.value })) : send());
      if (said.code === "closed") close(said.error);
      else put(done ? said.state ?? "held" : "failed", !done ? said.error || words.comment_trouble : editing ? changed() : taken(said));
    } catch {
      pending = !navigator.onLine && !editing;
      put(pending ? "offline" : "failed", pending ? words.comment_offline : words.comment_trouble);
    }
    form.ariaBusy = null;
    keep();
  });
  addEventListener("online", () => { if (pending) form.requestSubmit(); });

  form.addEventListener("input", () => { begun(); keep(); });
  for (const sign of ["timeupdate", "seeked"]) audio.addEventListener(sign, follow);
  form.addEventListener("focusin", follow);
  $("button", mode).addEventListener("click", () => begin());
  $("[data-comment]")?.addEventListener("click", () => {
    const quote = quoted();
    if (quote) about(quote.start, true);
    quoting.hidden = true;
    text.focus();
    keep();
  });

  const kept = remember.get(draft);
  name.value ||= remember.get("commenter") ?? "";
  if (kept?.text && !text.value) {
    text.value = kept.text;
    pass = kept.pass;
    if (kept.at) about(kept.at, true);
    if (kept.above) { above.disabled = mode.hidden = false; above.value = kept.above.id; $("span", mode).textContent = kept.above.name; }
    if (kept.pending) { consent.checked = pending = true; if (navigator.onLine) form.requestSubmit(); else put("offline", words.comment_offline); }
  }
  count();
  if (closes && Date.now() > Date.parse(closes)) close(words.comment_refused_closed);
})();
