// The outline of a session: made anew when it has grown, and where one is on it.
"use strict";

(() => {
  const { page, talk, state, tell, fetchText, fragment, windows, top, isAtEnd } = session;

  // The outline is asked for again a little after the last news.
  const outlinePlace = page.querySelector("[data-outline-place]");

  let waiting = 0;
  let isStale = false;

  function later() {
    if (!waiting) waiting = setTimeout(outline, 4000);
  }

  async function outline() {
    waiting = 0;
    isStale = document.hidden;
    if (isStale) return;
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

  // Where one is on the timeline and among the turns ------------------------------------------------
  let looking = 0;
  let lastPlace = 0;

  function seen() {
    looking = 0;
    // Whoever scrolls up, by whatever means, wants to stay there.
    if (scrollY < lastPlace && !isAtEnd()) state.stick = false;
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
    if (sight && state.lines) {
      const x = (1000 * Math.max(0, first - 1)) / state.lines;
      const width = Math.max(3, (1000 * last) / state.lines - x);
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
  }

  addEventListener("scroll", () => { looking ||= requestAnimationFrame(seen); }, { passive: true });
  addEventListener("resize", () => { looking ||= requestAnimationFrame(seen); });

  tell.grown.push(later);
  // What grew just before the tab was hidden is not told again.
  document.addEventListener("visibilitychange", () => { if (isStale && !document.hidden) outline(); });
  if (outlinePlace.querySelector(".pending")) outline();
  seen();
})();
