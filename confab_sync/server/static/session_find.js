// Finding words in a session: a list of places, and the words marked where they stand.
"use strict";

(() => {
  const { page, talk, tell, address, fetchText, fragment, go, top } = session;
  const found = page.querySelector("[data-found]");

  const find = page.querySelector("[data-find]");
  const count = page.querySelector("[data-find-count]");
  const steps = page.querySelectorAll("[data-find-step]");
  let hits = [];
  let hit = -1;
  let words = "";
  let asked = 0;

  // What is below the panel has room below it, and what is looked at stays where it is.
  function panel(isOpen) {
    const isStuck = talk.getBoundingClientRect().top < top();
    const before = talk.getBoundingClientRect().bottom;
    found.hidden = !isOpen;
    talk.style.paddingTop = isOpen ? `${found.offsetHeight}px` : "";
    if (isStuck) scrollBy(0, talk.getBoundingClientRect().bottom - before);
  }

  async function search() {
    const text = find.q.value.trim();
    const turn = ++asked;
    const kept = text === words && hits[hit] ? hits[hit].href : "";
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
    if (!kept) count.textContent = "…";
    try {
      const content = fragment(await fetchText(address("find", { q: text })));
      if (turn !== asked) return;
      const scrolled = kept ? found.scrollTop : 0;
      found.replaceChildren(content);
      panel(true);
      found.scrollTop = scrolled;
      hits = [...found.querySelectorAll("[data-hit]")];
      hit = hits.findIndex((each) => each.href === kept);
      if (hit >= 0) hits[hit].setAttribute("aria-current", "true");
      count.textContent = hit >= 0 ? `${hit + 1} of ${hits.length}` : hits.length ? `${hits.length} found` : "none";
      for (const button of steps) button.hidden = !hits.length;
      mark(talk);
      if (found.querySelector("[data-pending]")) setTimeout(() => { if (turn === asked) search(); }, 1500);
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
    if (found.hidden) panel(true);
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

  tell.shown.push(mark);
  confab.key("Escape", () => panel(false));
  confab.key("n", () => stepHit(1));
  confab.key("N", () => stepHit(-1));
})();
