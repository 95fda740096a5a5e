// One session: its windows are fetched as they are scrolled to and let go when they are far
// away, new lines are put below as they are stored, and everything can be reached by keys.
"use strict";

(() => {
  const page = document.querySelector("[data-session]");
  const talk = page.querySelector("[data-talk]");
  const found = page.querySelector("[data-found]");
  const KEEP = 16; // windows that stay loaded
  const AT_ONCE = 3; // windows that are fetched at the same time

  function address(part, query) {
    const asked = new URLSearchParams({ file: page.dataset.file, ...query });
    return `${page.dataset.parts}/${part}?${asked}`;
  }

  function say(text) {
    page.querySelector("[data-said]").textContent = text;
  }

  async function fetchText(url, options) {
    const answer = await fetch(url, { cache: "no-store", ...options });
    if (answer.status === 401) location.reload();
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.text();
  }

  function fragment(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  }

  // Times are the reader's own ------------------------------------------------------------
  const hours = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

  function localise(within) {
    for (const time of within.querySelectorAll("[data-clock]")) {
      const moment = new Date(time.dateTime);
      time.textContent = hours.format(moment);
      time.title = whole.format(moment);
    }
  }

  // Results that came apart from their calls ------------------------------------------------
  function join(content) {
    for (const result of content.querySelectorAll("[data-result]")) {
      const id = CSS.escape(result.dataset.result);
      const find = (place) => place.querySelector(`[data-call="${id}"]`);
      const call = id && (find(content) || find(talk));
      if (!call) continue;
      const article = result.closest("article");
      const body = result.querySelector(".result");
      body.id = article.id;
      body.dataset.line = article.dataset.line;
      call.querySelector(".body").append(body);
      if (body.classList.contains("error") && !call.querySelector("summary .bad")) {
        const badge = document.createElement("span");
        badge.className = "badge bad";
        badge.textContent = "failed";
        call.querySelector("summary .end").append(badge);
      }
      result.remove();
      if (!article.querySelector(":scope > .prose, :scope > details, :scope > figure, :scope > .note")) {
        article.remove();
      }
    }
  }

  // A heading that repeats the one above says nothing.
  function smooth(place) {
    const first = place.querySelector("article");
    let before = place.previousElementSibling;
    while (before && before.classList.contains("loaded") && !before.querySelector("article")) {
      before = before.previousElementSibling;
    }
    const articles = before ? before.querySelectorAll(":scope > article") : [];
    const last = articles[articles.length - 1];
    if (first && last && last.dataset.role !== "quiet" && last.dataset.role === first.dataset.role) {
      first.classList.add("goes-on");
    }
  }

  // Windows -------------------------------------------------------------------------------
  const near = new Set();
  const loading = new Map();
  let everything = false; // whether all is unfolded

  const observer = new IntersectionObserver((seen) => {
    for (const entry of seen) {
      if (entry.isIntersecting) near.add(entry.target);
      else near.delete(entry.target);
    }
    work();
  }, { rootMargin: "120% 0px" });

  function windows() {
    return [...talk.querySelectorAll(":scope > .window")];
  }

  function distance(place) {
    const box = place.getBoundingClientRect();
    if (box.bottom < 0) return -box.bottom;
    return Math.max(0, box.top - innerHeight);
  }

  function work() {
    for (const [place, request] of loading) {
      if (!near.has(place) && !request.wanted) request.abort.abort();
    }
    const wanted = [...near].filter((place) => !place.classList.contains("loaded") && !loading.has(place));
    wanted.sort((a, b) => distance(a) - distance(b));
    for (const place of wanted.slice(0, Math.max(0, AT_ONCE - loading.size))) load(place);
  }

  // Puts what is said into a window; what is looked at stays where it is.
  function fill(place, content) {
    const box = place.getBoundingClientRect();
    const isAbove = box.bottom <= 0 || (box.top < 0 && !place.classList.contains("loaded") && box.bottom < innerHeight / 2);
    join(content);
    place.replaceChildren(content);
    place.classList.add("loaded");
    place.style.minHeight = "";
    smooth(place);
    prepare(place);
    if (follow.stick) scrollTo(0, document.documentElement.scrollHeight);
    else if (isAbove) scrollBy(0, place.getBoundingClientRect().height - box.height);
  }

  function prepare(place) {
    localise(place);
    if (everything) unfold(place, true);
    mark(place);
  }

  function load(place, wanted = false) {
    if (place.classList.contains("loaded")) return Promise.resolve();
    const known = loading.get(place);
    if (known) {
      known.wanted ||= wanted;
      return known.done;
    }
    const abort = new AbortController();
    const url = address("lines", { from: place.dataset.from, to: place.dataset.to });
    const done = fetchText(url, { signal: abort.signal }).then((html) => {
      loading.delete(place);
      fill(place, fragment(html));
      letGo();
    }, (error) => {
      loading.delete(place);
      if (error.name === "AbortError") return;
      near.delete(place);
      const retry = fragment('<p class="note"><button type="button">This part could not be fetched; try again</button></p>');
      retry.querySelector("button").addEventListener("click", () => { place.replaceChildren(); load(place); });
      place.replaceChildren(retry);
    }).finally(work);
    loading.set(place, { abort, done, wanted });
    return done;
  }

  function letGo() {
    const loaded = windows().filter((place) => place.classList.contains("loaded"));
    if (loaded.length <= KEEP) return;
    const farthest = loaded
      .filter((place) => !near.has(place) && !place.contains(document.activeElement) && !place.querySelector(".here"))
      .sort((a, b) => distance(b) - distance(a));
    for (const place of farthest.slice(0, loaded.length - KEEP)) {
      place.style.minHeight = `${place.getBoundingClientRect().height}px`;
      place.classList.remove("loaded");
      place.replaceChildren();
    }
  }

  function holding(line) {
    const all = windows();
    return all.find((place) => line <= Number(place.dataset.to)) || all[all.length - 1];
  }

  // Going to a line -------------------------------------------------------------------------
  function top() {
    const bar = page.querySelector("[data-bar]");
    const panel = found.hidden ? 0 : found.offsetHeight;
    return parseFloat(getComputedStyle(bar).top) + bar.offsetHeight + panel + 12;
  }

  function show(element) {
    scrollTo(0, scrollY + element.getBoundingClientRect().top - top());
  }

  // The article of a line, or of the next line that says something.
  function articleOf(place, line) {
    const all = [...place.querySelectorAll("[data-line]")].filter((each) => each.closest(".branch-body") === null);
    const exact = all.find((each) => Number(each.dataset.line) === line);
    const following = all.filter((each) => Number(each.dataset.line) > line);
    following.sort((a, b) => a.dataset.line - b.dataset.line);
    return exact || following[0] || all[all.length - 1];
  }

  let here = null;

  function choose(element) {
    if (here) here.classList.remove("here");
    here = element.closest("article") || element;
    here.classList.add("here");
    here.focus({ preventScroll: true });
  }

  let going = 0;

  async function go(line, keep = true) {
    const turn = ++going;
    const place = holding(line);
    if (!place) return;
    follow.stick = false;
    if (!place.classList.contains("loaded")) {
      place.scrollIntoView();
      await load(place, true);
    }
    // The windows around it change their heights as they come.
    for (const beside of [place.previousElementSibling, place.nextElementSibling]) {
      if (beside) await load(beside, true);
    }
    if (turn !== going) return;
    const element = articleOf(place, line);
    if (!element) return;
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    choose(element);
    show(element);
    if (keep) history.replaceState(null, "", `${withLine(line)}#L${line}`);
  }

  function withLine(line) {
    const query = new URLSearchParams(location.search);
    if (line) query.set("line", line);
    else query.delete("line");
    const text = query.toString();
    return text ? `?${text}` : location.pathname;
  }

  async function goToEnd() {
    going += 1;
    const all = windows();
    const last = all[all.length - 1];
    if (!last) return;
    scrollTo(0, document.documentElement.scrollHeight);
    await load(last, true);
    if (last.previousElementSibling) await load(last.previousElementSibling, true);
    scrollTo(0, document.documentElement.scrollHeight);
    follow.stick = true;
    const articles = last.querySelectorAll(":scope > article");
    if (articles.length) choose(articles[articles.length - 1]);
    scrollTo(0, document.documentElement.scrollHeight);
    told(0);
  }

  function goToTop() {
    going += 1;
    follow.stick = false;
    if (here) here.classList.remove("here");
    here = null;
    scrollTo(0, 0);
    history.replaceState(null, "", location.pathname + withLine(0).replace(/^[^?]*/, ""));
  }

  // Moving by keys --------------------------------------------------------------------------
  function current(articles) {
    if (here && here.isConnected) {
      const box = here.getBoundingClientRect();
      if (box.bottom > 0 && box.top < innerHeight) return articles.findIndex((each) => each === here || each.contains(here));
    }
    return -1;
  }

  async function step(by, selector) {
    const articles = [...talk.querySelectorAll(":scope > .window > article")];
    const steps = articles.filter((each) => each === here || each.matches(selector));
    let at = current(steps);
    if (at < 0) {
      const first = steps.findIndex((each) => each.getBoundingClientRect().top >= top() - 20);
      at = by > 0 ? first - 1 : first;
      if (first < 0) at = by > 0 ? steps.length - 1 : steps.length;
    }
    const next = steps[at + by];
    if (next) {
      follow.stick = false;
      choose(next);
      show(next);
      return;
    }
    const edge = by > 0 ? windows().reverse().find((place) => place.classList.contains("loaded")) : windows().find((place) => place.classList.contains("loaded"));
    const beyond = edge && (by > 0 ? edge.nextElementSibling : edge.previousElementSibling);
    if (beyond && !beyond.classList.contains("loaded")) {
      await load(beyond, true);
      step(by, selector);
    }
  }

  function foldHere() {
    const target = here || talk.querySelector("article");
    if (!target) return;
    const folds = [...target.querySelectorAll(":scope > details, :scope .prose > details")];
    // The answer of a model is spread over lines: the folds of all of them belong to it.
    for (let next = target.nextElementSibling; next && next.classList.contains("goes-on"); next = next.nextElementSibling) {
      folds.push(...next.querySelectorAll(":scope > details"));
    }
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
    if (here) show(here);
  }

  function unfold(within, open) {
    for (const fold of within.querySelectorAll("details.fold")) fold.open = open;
  }

  const foldButton = page.querySelector("[data-fold]");

  function foldAll() {
    const anchor = here && here.isConnected ? here : [...talk.querySelectorAll("article")].find((each) => each.getBoundingClientRect().bottom > top());
    const before = anchor ? anchor.getBoundingClientRect().top : 0;
    everything = !everything;
    unfold(talk, everything);
    foldButton.textContent = everything ? "Fold all" : "Unfold all";
    foldButton.setAttribute("aria-pressed", String(everything));
    if (anchor) scrollBy(0, anchor.getBoundingClientRect().top - before);
  }

  // Long texts, branches, links, copying ------------------------------------------------------
  talk.addEventListener("click", async (event) => {
    const rest = event.target.closest("[data-rest]");
    if (rest) {
      event.preventDefault();
      const place = rest.closest(".rest");
      rest.textContent = "Fetching…";
      try {
        const content = fragment(await fetchText(rest.href));
        place.replaceWith(content);
      } catch {
        rest.textContent = "It could not be fetched; try again";
      }
      return;
    }
    const link = event.target.closest("[data-link]");
    if (link) {
      event.preventDefault();
      const article = link.closest("article");
      choose(article);
      if (article.id.startsWith("L")) history.replaceState(null, "", `${withLine(article.dataset.line)}#${article.id}`);
    }
  });

  talk.addEventListener("toggle", async (event) => {
    const branch = event.target;
    if (!branch.matches?.("[data-branch]") || !branch.open || branch.dataset.loaded) return;
    branch.dataset.loaded = "yes";
    const body = branch.querySelector(".branch-body");
    try {
      const content = fragment(await fetchText(branch.dataset.branch));
      join(content);
      body.replaceChildren(content);
      prepare(body);
    } catch {
      delete branch.dataset.loaded;
      branch.open = false;
      say("The subagent's conversation could not be fetched.");
    }
  }, true);

  page.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const text = copy.firstChild;
      const before = text.data;
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        text.data = "Copied ";
        say("Copied");
      } catch {
        prompt("Copy this:", copy.dataset.copy);
      }
      setTimeout(() => { text.data = before; }, 1500);
      copy.closest(".menu")?.removeAttribute("open");
      return;
    }
    const to = event.target.closest("a[data-to]");
    if (to && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      go(Number(to.dataset.to));
    }
  });

  // Finding -----------------------------------------------------------------------------------
  const find = page.querySelector("[data-find]");
  const count = page.querySelector("[data-find-count]");
  const steps = page.querySelectorAll("[data-find-step]");
  let hits = [];
  let hit = -1;
  let words = "";
  let asked = 0;

  // What is below the panel has room below it, and what is looked at stays where it is.
  function panel(isOpen) {
    if (found.hidden !== isOpen) return;
    const isStuck = talk.getBoundingClientRect().top < top();
    const before = talk.getBoundingClientRect().bottom;
    found.hidden = !isOpen;
    talk.classList.toggle("below-panel", isOpen);
    if (isStuck) scrollBy(0, talk.getBoundingClientRect().bottom - before);
  }

  async function search() {
    const text = find.q.value.trim();
    const turn = ++asked;
    words = text;
    if (!text) {
      panel(false);
      found.replaceChildren();
      hits = [];
      count.textContent = "";
      for (const button of steps) button.hidden = true;
      mark(talk);
      return;
    }
    count.textContent = "…";
    try {
      const content = fragment(await fetchText(address("find", { q: text })));
      if (turn !== asked) return;
      found.replaceChildren(content);
      panel(true);
      hits = [...found.querySelectorAll("[data-hit]")];
      hit = -1;
      count.textContent = hits.length ? `${hits.length} found` : "none";
      for (const button of steps) button.hidden = !hits.length;
      mark(talk);
      if (found.querySelector("[data-pending]")) setTimeout(() => { if (turn === asked && hit < 0) search(); }, 1500);
    } catch {
      count.textContent = "failed";
    }
  }

  function stepHit(by) {
    if (!hits.length) return;
    hit = (hit + by + hits.length) % hits.length;
    openHit(hits[hit]);
  }

  function openHit(link) {
    hit = hits.indexOf(link);
    for (const each of hits) each.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    panel(true);
    found.scrollTop = link.parentElement.offsetTop - found.clientHeight / 2;
    count.textContent = `${hit + 1} of ${hits.length}`;
    if (link.dataset.line) go(Number(link.dataset.line));
    else location.assign(link.href);
  }

  // The words are shown with the highlight API: the page's own text is left alone.
  function mark(within) {
    if (!globalThis.Highlight) return;
    const list = words.split(/["\s]+/).map((word) => word.replace(/[*]$/, "")).filter((word) => word && !word.startsWith("-"));
    const known = CSS.highlights.get("found") || new Highlight();
    if (within === talk) known.clear();
    CSS.highlights.set("found", known);
    if (!list.length) return;
    const pattern = new RegExp(list.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi");
    const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
    let left = 2000;
    while (left > 0 && walker.nextNode()) {
      for (const match of walker.currentNode.data.matchAll(pattern)) {
        const range = new Range();
        range.setStart(walker.currentNode, match.index);
        range.setEnd(walker.currentNode, match.index + match[0].length);
        known.add(range);
        left -= 1;
        if (left <= 0) break;
      }
    }
  }

  find.addEventListener("submit", (event) => {
    event.preventDefault();
    if (find.q.value.trim() === words && hits.length) stepHit(1);
    else search().then(() => stepHit(1));
  });
  find.q.addEventListener("search", () => { if (!find.q.value) search(); });
  find.q.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      find.q.value = "";
      search();
      find.q.blur();
      event.stopPropagation();
    }
  });
  for (const button of steps) button.addEventListener("click", () => stepHit(Number(button.dataset.findStep)));
  found.addEventListener("click", (event) => {
    const link = event.target.closest("[data-hit]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    openHit(link);
  });

  page.querySelector("[data-jump]").addEventListener("submit", (event) => {
    event.preventDefault();
    const line = Number(event.target.line.value);
    if (Number.isInteger(line) && line > 0) go(Math.min(line, follow.lines));
    event.target.line.blur();
  });

  // Following a living session -------------------------------------------------------------------
  const news = page.querySelector("[data-news]");
  const follow = { lines: Number(page.dataset.lines), stick: false, unseen: 0, outline: 0 };

  function isAtEnd() {
    return scrollY + innerHeight >= document.documentElement.scrollHeight - 60;
  }

  function told(number) {
    follow.unseen = number;
    news.hidden = !number;
    news.textContent = `${number} new ${number === 1 ? "line" : "lines"} ↓`;
  }

  function lastWindow(first, last) {
    const all = windows();
    let place = all[all.length - 1];
    const size = place ? Number(place.dataset.to) - Number(place.dataset.from) : 0;
    if (place && size < 80 && last - Number(place.dataset.from) < 400) {
      place.dataset.to = last;
      return place;
    }
    place = document.createElement("div");
    place.className = "window loaded";
    place.dataset.from = first;
    place.dataset.to = last;
    page.querySelector(".main-column > .empty")?.remove();
    talk.append(place);
    observer.observe(place);
    return place;
  }

  function take(data) {
    const message = JSON.parse(data);
    if (message.gone || message.restart) {
      ended(message.gone);
      return;
    }
    state(message.state);
    if (message.lines <= follow.lines) return;
    const first = follow.lines + 1;
    const added = message.lines - follow.lines;
    const atEnd = follow.stick || isAtEnd();
    follow.lines = message.lines;
    page.querySelector("[data-line-count]").textContent = message.lines.toLocaleString("en").replaceAll(",", "\u202f");
    if (message.html && message.from === first) {
      append(fragment(message.html), first, message.lines);
    } else {
      // Too many to send, or the stream began anew: they are fetched when they are scrolled to.
      for (let from = first; from <= message.lines; from += 80) {
        const place = document.createElement("div");
        place.className = "window";
        place.dataset.from = from;
        place.dataset.to = Math.min(message.lines, from + 79);
        talk.append(place);
        observer.observe(place);
      }
    }
    if (atEnd) {
      follow.stick = true;
      scrollTo(0, document.documentElement.scrollHeight);
      told(0);
    } else {
      told(follow.unseen + added);
    }
    later();
  }

  function append(content, first, last) {
    join(content);
    const place = lastWindow(first, last);
    if (!place.classList.contains("loaded")) return; // it is fetched with them
    const before = [...place.querySelectorAll(":scope > article")].pop();
    for (const article of [...content.querySelectorAll("article")]) {
      if (document.getElementById(article.id)) article.remove();
      else article.classList.add("arrived");
    }
    const added = [...content.children];
    place.append(content);
    if (added.length && before && before.dataset.role !== "quiet" && before.dataset.role === added[0].dataset.role) {
      added[0].classList.add("goes-on");
    } else if (added.length && !before) {
      smooth(place);
    }
    prepare(place);
  }

  function state(now) {
    if (page.dataset.state === now) return;
    page.dataset.state = now;
    const badge = page.querySelector("[data-state-badge]");
    badge.innerHTML = now === "live"
      ? '<span class="badge good"><span class="dot"></span>live</span>'
      : `<span class="muted">${now === "ended" ? "ended" : "quiet"}</span>`;
  }

  function ended(gone) {
    stop();
    news.hidden = false;
    news.textContent = gone ? "This session was deleted" : "The file was written anew: show it";
    news.onclick = () => { if (gone) location.assign("/sessions"); else location.reload(); };
  }

  // The outline is asked for again a little after the last news.
  const outlinePlace = page.querySelector("[data-outline-place]");

  function later() {
    if (!follow.outline) follow.outline = setTimeout(outline, 4000);
  }

  async function outline() {
    follow.outline = 0;
    if (document.hidden) return;
    try {
      const content = fragment(await fetchText(outlinePlace.dataset.address));
      const before = outlinePlace.querySelector(".side-inner");
      const scrolled = before ? before.scrollTop : 0;
      outlinePlace.replaceChildren(content);
      const after = outlinePlace.querySelector(".side-inner");
      if (after) after.scrollTop = scrolled;
      seen();
    } catch {
      const pending = outlinePlace.querySelector(".pending p");
      if (pending) pending.textContent = "The timeline could not be made.";
    }
  }

  const stop = confab.stream({
    toString: () => address("follow", { after: follow.lines, generation: page.dataset.generation }),
  }, take);

  news.addEventListener("click", () => goToEnd());
  addEventListener("wheel", (event) => { if (event.deltaY < 0) follow.stick = false; }, { passive: true });
  addEventListener("touchmove", () => { follow.stick = false; }, { passive: true });

  // Where one is on the timeline and among the turns ------------------------------------------------
  let looking = 0;
  let lastPlace = 0;

  function seen() {
    looking = 0;
    // Whoever scrolls up, by whatever means, wants to stay there.
    if (scrollY < lastPlace && !isAtEnd()) follow.stick = false;
    lastPlace = scrollY;
    const sight = outlinePlace.querySelector("[data-seen]");
    const edge = top();
    let first = 0;
    let last = 0;
    for (const place of windows()) {
      const box = place.getBoundingClientRect();
      if (box.bottom < edge || box.height === 0) continue;
      if (box.top > innerHeight) break;
      const from = Number(place.dataset.from);
      const span = Number(place.dataset.to) - from + 1;
      const share = (y) => from + span * Math.min(1, Math.max(0, (y - box.top) / box.height));
      first ||= share(edge);
      last = share(innerHeight);
    }
    if (sight && follow.lines) {
      const x = (1000 * Math.max(0, first - 1)) / follow.lines;
      const width = Math.max(3, (1000 * last) / follow.lines - x);
      sight.setAttribute("x", x);
      sight.setAttribute("width", width > 990 ? 0 : width);
    }
    const article = [...talk.querySelectorAll(":scope > .loaded > article")].find((each) => each.getBoundingClientRect().bottom > edge + 8);
    const at = article ? Number(article.dataset.line) : first;
    const turns = [...outlinePlace.querySelectorAll(".turns a")];
    const turn = turns.filter((link) => Number(link.dataset.to) <= at).pop();
    const marked = outlinePlace.querySelector(".turns [aria-current]");
    if (turn !== marked) {
      marked?.removeAttribute("aria-current");
      if (turn) {
        turn.setAttribute("aria-current", "true");
        const list = turn.closest(".side-inner");
        if (list && getComputedStyle(list).position === "sticky") {
          const box = turn.getBoundingClientRect();
          const frame = list.getBoundingClientRect();
          if (box.top < frame.top || box.bottom > frame.bottom) list.scrollTop += box.top - frame.top - frame.height / 3;
        }
      }
    }
    if (isAtEnd()) told(0);
  }

  addEventListener("scroll", () => { looking ||= requestAnimationFrame(seen); }, { passive: true });
  addEventListener("resize", () => { looking ||= requestAnimationFrame(seen); });

  // Keys ----------------------------------------------------------------------------------------------
  const speakers = "article:not(.goes-on):not(.quiet)";
  const persons = "article.user:not(.goes-on):not(.quiet)";
  let lastG = 0;
  confab.key("j", () => step(1, speakers));
  confab.key("k", () => step(-1, speakers));
  confab.key("J", () => step(1, persons));
  confab.key("K", () => step(-1, persons));
  confab.key("o", foldHere);
  confab.key("O", foldAll);
  confab.key("Escape", () => panel(false));
  confab.key("n", () => stepHit(1));
  confab.key("N", () => stepHit(-1));
  confab.key("G", goToEnd);
  confab.key(":", () => page.querySelector("#line").focus());
  document.addEventListener("keydown", (event) => {
    // A second g; the first one waits for the name of a page.
    if (event.key !== "g" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.timeStamp - lastG < 1500) {
      lastG = 0;
      goToTop();
    } else {
      lastG = event.timeStamp;
    }
  });
  foldButton.addEventListener("click", foldAll);
  page.querySelector("[data-end]").addEventListener("click", goToEnd);
  addEventListener("hashchange", () => {
    const line = /^#L(\d+)$/.exec(location.hash);
    if (line) go(Number(line[1]), false);
  });

  // Begin ---------------------------------------------------------------------------------------------
  localise(talk);
  history.scrollRestoration = "manual";
  for (const place of windows()) observer.observe(place);
  const hash = /^#L(\d+)$/.exec(location.hash);
  const line = hash ? Number(hash[1]) : Number(new URLSearchParams(location.search).get("line"));
  if (line) go(line, false);
  else if (page.dataset.state === "live" && follow.lines > 40) goToEnd();
  if (outlinePlace.querySelector(".pending")) outline();
  seen();
})();
