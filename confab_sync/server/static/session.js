// One session's conversation: its windows are fetched as they are scrolled to and let go when
// they are far away. The other session_*.js find in it, follow it, and move through it.
"use strict";

const session = (() => {
  const page = document.querySelector("[data-session]");
  const talk = page.querySelector("[data-talk]");
  const found = page.querySelector("[data-found]");
  const KEEP = 16; // windows that stay loaded
  const AT_ONCE = 3; // windows that are fetched at the same time
  const AGAIN = 3000; // milliseconds after which one that could not be fetched is tried again

  // How many lines there are, whether the end is stuck to, and what others want to be told:
  // `shown` of each part that comes onto the page, `ended` when the end is reached, `grown` when there are new
  // lines.
  const state = { lines: Number(page.dataset.lines), stick: false, here: null, isUnfolded: false };
  const tell = { shown: [], ended: [], grown: [] };

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
  const dated = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

  function localise(within) {
    for (const time of within.querySelectorAll("[data-clock]")) {
      const moment = new Date(time.dateTime);
      const isToday = moment.toDateString() === new Date().toDateString();
      time.textContent = (isToday ? hours : dated).format(moment);
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
  const failed = new Set();

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
    const wanted = [...near].filter((place) => !place.classList.contains("loaded") && !loading.has(place) && !failed.has(place));
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
    if (state.stick) scrollTo(0, document.documentElement.scrollHeight);
    else if (isAbove) scrollBy(0, place.getBoundingClientRect().height - box.height);
  }

  function unfold(within) {
    for (const fold of within.querySelectorAll("details.fold")) fold.open = state.isUnfolded;
    reach(within);
  }

  // What has to be scrolled can be, by keys as well.
  function reach(within) {
    for (const each of within.querySelectorAll("pre, .scroll")) {
      if (each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight) each.tabIndex = 0;
    }
  }

  function prepare(place) {
    localise(place);
    if (state.isUnfolded) unfold(place);
    reach(place);
    for (const told of tell.shown) told(place);
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
      failed.add(place);
      setTimeout(() => { failed.delete(place); work(); }, AGAIN);
      const retry = fragment('<p class="note"><button type="button">This part could not be fetched; try again</button></p>');
      retry.querySelector("button").addEventListener("click", () => load(place));
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

  function isAtEnd() {
    return scrollY + innerHeight >= document.documentElement.scrollHeight - 60;
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

  function choose(element) {
    if (state.here) state.here.classList.remove("here");
    state.here = element.closest("article") || element;
    state.here.classList.add("here");
    state.here.focus({ preventScroll: true });
  }

  let going = 0;

  async function go(line, keep = true) {
    const turn = ++going;
    const place = holding(line);
    if (!place) return;
    state.stick = false;
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
    state.stick = true;
    const articles = last.querySelectorAll(":scope > article");
    if (articles.length) choose(articles[articles.length - 1]);
    scrollTo(0, document.documentElement.scrollHeight);
    for (const reached of tell.ended) reached();
  }

  function goToTop() {
    going += 1;
    state.stick = false;
    if (state.here) state.here.classList.remove("here");
    state.here = null;
    scrollTo(0, 0);
    history.replaceState(null, "", location.pathname + withLine(0).replace(/^[^?]*/, ""));
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
    if (branch.open) reach(branch);
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

  localise(talk);
  reach(talk);
  for (const place of windows()) observer.observe(place);

  return {
    page, talk, state, tell, observer,
    address, fetchText, fragment, say, join, smooth, prepare, unfold,
    windows, load, go, goToEnd, goToTop, show, choose, top, isAtEnd,
  };
})();
