// Moving through a session by keys and buttons, and to the line that the address names.
"use strict";

(() => {
  const { page, talk, state, unfold, windows, load, go, goToEnd, goToTop, show, choose, top } = session;

  // Moving by keys --------------------------------------------------------------------------
  function current(articles) {
    if (state.here && state.here.isConnected) {
      const box = state.here.getBoundingClientRect();
      if (box.bottom > 0 && box.top < innerHeight) return articles.findIndex((each) => each === state.here || each.contains(state.here));
    }
    return -1;
  }

  async function step(by, selector) {
    const articles = [...talk.querySelectorAll(":scope > .window > article")];
    const steps = articles.filter((each) => each === state.here || each.matches(selector));
    let at = current(steps);
    if (at < 0) {
      const first = steps.findIndex((each) => each.getBoundingClientRect().top >= top() - 20);
      at = by > 0 ? first - 1 : first;
      if (first < 0) at = by > 0 ? steps.length - 1 : steps.length;
    }
    const next = steps[at + by];
    if (next) {
      state.stick = false;
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
    const target = state.here || talk.querySelector("article");
    if (!target) return;
    const folds = [...target.querySelectorAll(":scope > details, :scope .prose > details")];
    // The answer of a model is spread over lines: the folds of all of them belong to it.
    for (let next = target.nextElementSibling; next && next.classList.contains("goes-on"); next = next.nextElementSibling) {
      folds.push(...next.querySelectorAll(":scope > details"));
    }
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
    if (state.here) show(state.here);
  }

  const foldButton = page.querySelector("[data-fold]");

  function foldAll() {
    const anchor = state.here && state.here.isConnected ? state.here : [...talk.querySelectorAll("article")].find((each) => each.getBoundingClientRect().bottom > top());
    const before = anchor ? anchor.getBoundingClientRect().top : 0;
    state.isUnfolded = !state.isUnfolded;
    unfold(talk);
    foldButton.textContent = state.isUnfolded ? "Fold all" : "Unfold all";
    foldButton.setAttribute("aria-pressed", String(state.isUnfolded));
    if (anchor) scrollBy(0, anchor.getBoundingClientRect().top - before);
  }

  page.querySelector("[data-jump]").addEventListener("submit", (event) => {
    event.preventDefault();
    const line = Number(event.target.line.value);
    if (Number.isInteger(line) && line > 0) go(Math.min(line, state.lines));
    event.target.line.blur();
  });

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

  // What is read when the page is left, for when it is come back to.
  addEventListener("pagehide", () => {
    const read = [...talk.querySelectorAll(":scope > .loaded > article")].find((each) => each.getBoundingClientRect().bottom > top());
    const isKept = read && scrollY > 0 && !state.stick;
    try {
      sessionStorage.setItem(`confab-read ${location.href}`, isKept ? read.dataset.line : "");
    } catch {
      // Then one comes back to where the address says.
    }
  });

  function wasRead() {
    const [arrival] = performance.getEntriesByType("navigation");
    if (!arrival || !/^(reload|back_forward)$/.test(arrival.type)) return 0;
    try {
      return Number(sessionStorage.getItem(`confab-read ${location.href}`));
    } catch {
      return 0;
    }
  }

  // Begin ---------------------------------------------------------------------------------------------
  history.scrollRestoration = "manual";
  const hash = /^#L(\d+)$/.exec(location.hash);
  const asked = hash ? Number(hash[1]) : Number(new URLSearchParams(location.search).get("line"));
  const line = wasRead() || asked;
  if (line) go(line, false);
  else if (page.dataset.state === "live" && state.lines > 40) goToEnd();
})();
