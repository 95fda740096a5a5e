// The list of sessions: a filter that is chosen takes effect at once.
"use strict";

(() => {
  const form = document.querySelector("[data-filters]");

  function send() {
    // What is empty has no place in the address.
    for (const field of form.querySelectorAll("input, select")) {
      if (field.name && !field.value) field.disabled = true;
    }
  }

  // While the index is behind, the list is looked at again; never under somebody's hands.
  function again() {
    const search = form.querySelector("[data-search]");
    const isIdle = !document.hidden && search.value === search.defaultValue && !document.querySelector(".chosen");
    if (isIdle) location.reload();
    else setTimeout(again, 3000);
  }

  if (document.querySelector("[data-indexing]")) setTimeout(again, 3000);

  form.querySelector("[data-apply]").hidden = true;
  form.addEventListener("submit", send);
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=date]")) form.requestSubmit();
  });
  // The browser's way back shows the page as it was, with fields that were not sent.
  addEventListener("pageshow", () => {
    for (const field of form.querySelectorAll(":disabled")) field.disabled = false;
  });
})();
