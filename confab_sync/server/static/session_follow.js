// Following a session that goes on: new lines are put below as they are stored.
"use strict";

(() => {
  const { page, talk, state, tell, observer, address, fragment, join, smooth, prepare, windows, goToEnd, isAtEnd } = session;

  const news = page.querySelector("[data-news]");
  let unseen = 0;

  function told(number) {
    unseen = number;
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
    tellState(message.state);
    if (message.lines <= state.lines) return;
    const first = state.lines + 1;
    const added = message.lines - state.lines;
    const atEnd = state.stick || isAtEnd();
    state.lines = message.lines;
    page.querySelector("[data-line-count]").textContent = message.lines.toLocaleString("en").replaceAll(",", "\u202f");
    page.querySelector("[data-line-word]").textContent = message.lines === 1 ? "line" : "lines";
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
      state.stick = true;
      scrollTo(0, document.documentElement.scrollHeight);
      told(0);
    } else {
      told(unseen + added);
    }
    for (const grown of tell.grown) grown();
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

  function tellState(now) {
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

  const stop = confab.stream({
    toString: () => address("follow", { after: state.lines, generation: page.dataset.generation }),
  }, take);

  news.addEventListener("click", () => goToEnd());
  addEventListener("wheel", (event) => { if (event.deltaY < 0) state.stick = false; }, { passive: true });
  addEventListener("touchmove", () => { state.stick = false; }, { passive: true });
  addEventListener("scroll", () => { if (unseen && isAtEnd()) told(0); }, { passive: true });
  tell.ended.push(() => told(0));
})();
