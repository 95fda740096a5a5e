// Keeps the usage page true; an open table stays open.
"use strict";

(() => {
  const shown = document.getElementById("usage");
  confab.stream(shown.dataset.live, (data) => {
    const open = [...shown.querySelectorAll("details")].map((each) => each.open);
    const fresh = document.createElement("template");
    fresh.innerHTML = JSON.parse(data).html;
    [...fresh.content.querySelectorAll("details")].forEach((each, place) => { each.open = Boolean(open[place]); });
    const focused = document.activeElement && shown.contains(document.activeElement);
    if (focused || shown.textContent === fresh.content.textContent) return;
    shown.replaceChildren(fresh.content);
  });
})();
