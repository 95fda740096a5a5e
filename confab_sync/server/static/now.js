// Keeps the first page true: only what is different is replaced, and softly marked.
"use strict";

(() => {
  const shown = document.getElementById("now");
  const news = document.getElementById("now-news");
  const title = document.title;

  // What a cell says, but for ages, which base.js keeps true.
  const said = (cell) => cell.innerHTML.replace(/<time[^]*?<\/time>/g, "");
  const key = (element) => element.dataset.key;
  const keyed = (parent) => [...parent.children].filter((child) => child.dataset && child.dataset.key);

  // Make the children of `old` those of `fresh`, keeping the elements of equal keys.
  function arrange(old, fresh, update) {
    const known = new Map(keyed(old).map((child) => [key(child), child]));
    let before = null;
    for (const child of [...fresh.children]) {
      const kept = known.get(key(child));
      known.delete(key(child));
      if (kept) update(kept, child);
      const element = kept || child;
      const place = before ? before.nextElementSibling : old.firstElementChild;
      if (place !== element) old.insertBefore(element, place);
      before = element;
      if (!kept) mark(element);
    }
    for (const gone of known.values()) gone.remove();
  }

  function mark(element) {
    element.classList.remove("changed");
    void element.offsetWidth; // begins the animation anew
    element.classList.add("changed");
  }

  function updateRow(old, fresh) {
    old.classList.toggle("over", fresh.classList.contains("over"));
    const cells = [...old.children];
    [...fresh.children].forEach((cell, place) => {
      const is = said(cells[place]) === said(cell);
      if (cells[place].innerHTML !== cell.innerHTML) cells[place].innerHTML = cell.innerHTML;
      if (!is && cell.dataset.cell) mark(cells[place]);
    });
  }

  function updatePart(old, fresh) {
    const body = old.querySelector("tbody");
    const other = fresh.querySelector("tbody");
    if (!body || !other) {
      if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
      return;
    }
    arrange(body, other, updateRow);
    const [head, head2] = [old, fresh].map((part) => part.querySelector(".machine-head"));
    if (head.innerHTML !== head2.innerHTML) head.innerHTML = head2.innerHTML;
    old.querySelector(".more")?.remove();
    const more = fresh.querySelector(".more");
    if (more) old.append(more);
  }

  let alive = null;
  confab.stream(shown.dataset.live, (data) => {
    const { alive: number, html } = JSON.parse(data);
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    arrange(shown, fresh.content, updatePart);
    confab.tick(shown);
    document.title = number ? `(${number}) ${title}` : title;
    if (alive !== null && alive !== number) news.textContent = `${number} live sessions`;
    alive = number;
  });
})();
