// Keeps the usage page true; an open table stays open, and the focus where it is.
"use strict";

(() => {
  const shown = document.getElementById("usage");
  const stops = () => [...shown.querySelectorAll("a[href], summary, [tabindex]")];
  const name = (stop) => stop && [stop.tagName, stop.getAttribute("href"), stop.getAttribute("aria-label"), stop.getAttribute("aria-labelledby")].join(" ");

  confab.stream(shown.dataset.live, (data) => {
    const open = [...shown.querySelectorAll("details")].map((each) => each.open);
    const scrolled = [...shown.querySelectorAll(".table-wrap")].map((each) => [each.scrollLeft, each.scrollTop]);
    const focused = name(stops().find((stop) => stop === document.activeElement));
    const fresh = document.createElement("template");
    fresh.innerHTML = JSON.parse(data).html;
    [...fresh.content.querySelectorAll("details")].forEach((each, place) => { each.open = Boolean(open[place]); });
    if (shown.textContent === fresh.content.textContent) return;
    shown.replaceChildren(fresh.content);
    [...shown.querySelectorAll(".table-wrap")].forEach((each, place) => each.scrollTo(...(scrolled[place] || [0, 0])));
    if (focused) stops().find((stop) => name(stop) === focused)?.focus({ preventScroll: true });
  });
})();
