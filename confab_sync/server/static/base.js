// What every page has: relative times, keys, the theme, and a stream that is open only while
// somebody looks.
"use strict";

const confab = (() => {
  const root = document.documentElement;

  // Relative times ------------------------------------------------------------------------
  const steps = [[60, "s", 1], [3600, "min", 60], [86400, "h", 3600], [5184000, "d", 86400]];

  function since(seconds) {
    if (seconds < 5) return "now";
    for (const [limit, unit, size] of steps) {
      if (seconds < limit) return `${Math.floor(seconds / size)} ${unit}`;
    }
    const months = Math.floor(seconds / (86400 * 30.44));
    return months < 24 ? `${months} mo` : `${Math.floor(months / 12)} y`;
  }

  function tick(within = document) {
    const now = Date.now();
    for (const time of within.querySelectorAll("time[data-ago]")) {
      const text = since(Math.max(0, (now - Date.parse(time.dateTime)) / 1000));
      if (time.textContent !== text) time.textContent = text;
    }
  }

  // Theme ---------------------------------------------------------------------------------
  function isDark() {
    return root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function switchTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("confab-theme", root.dataset.theme);
    } catch {
      // It then lasts as long as this page.
    }
  }

  // A stream of server-sent events ---------------------------------------------------------
  // `stream(url, take)` calls `take(data, event)` for each message while the tab is seen.
  // Returns a function that ends it.
  function stream(url, take) {
    let source = null;
    let retry = 0;
    let grace = 0;
    let wait = 1000;
    let over = false;
    const sign = document.querySelector("[data-connection]");

    function say(state, text) {
      clearTimeout(grace);
      grace = 0;
      if (!sign) return;
      sign.hidden = false;
      if (sign.dataset.state === state) return;
      sign.dataset.state = state;
      sign.textContent = text;
    }

    function open() {
      clearTimeout(retry);
      if (over || source || document.hidden) return;
      source = new EventSource(url);
      source.onopen = () => {
        wait = 1000;
        say("live", "Live");
      };
      source.onmessage = (event) => take(event.data, event);
      source.onerror = () => {
        // Each stream ends now and then, and is back at once: that is nothing to tell.
        grace = grace || setTimeout(() => say("lost", "Reconnecting…"), 4000);
        if (!source || source.readyState !== EventSource.CLOSED) return;
        source = null;
        retry = setTimeout(() => again(), wait);
        wait = Math.min(wait * 2, 30000);
      };
    }

    async function again() {
      try {
        const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
        if (answer.status === 401) {
          location.reload();
          return;
        }
      } catch {
        // The server is away; the stream is tried again all the same.
      }
      open();
    }

    function close() {
      clearTimeout(grace);
      grace = 0;
      if (source) source.close();
      source = null;
    }

    function look() {
      if (document.hidden) {
        clearTimeout(retry);
        close();
      } else {
        open();
      }
    }

    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", close);
    addEventListener("pageshow", look);
    open();
    return () => {
      over = true;
      clearTimeout(retry);
      close();
      document.removeEventListener("visibilitychange", look);
    };
  }

  // Keys ----------------------------------------------------------------------------------
  // `key("x", action)` gives a page a key of its own.
  const own = new Map();
  let going = 0;

  function rows() {
    return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  }

  function choose(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("chosen"));
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    if (at >= 0) all[at].classList.remove("chosen");
    next.classList.add("chosen");
    const link = next.querySelector("a[href]") || next;
    link.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    const writing = target instanceof HTMLElement
      && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
    if (writing) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (going && event.timeStamp - going < 1500) {
      going = 0;
      const link = [...document.querySelectorAll("[data-go]")].find((each) => each.dataset.go === event.key);
      if (link) {
        event.preventDefault();
        link.click();
        return;
      }
    }
    going = 0;
    const action = own.get(event.key) || keys[event.key];
    if (action) {
      event.preventDefault();
      action(event);
    }
  }

  const keys = {
    g: (event) => { going = event.timeStamp; },
    j: () => choose(1),
    k: () => choose(-1),
    t: switchTheme,
    "?": help,
    "/": () => {
      const search = document.querySelector("[data-search]");
      if (search) {
        search.focus();
        search.select();
      }
    },
  };

  function help() {
    const dialog = document.getElementById("keys");
    if (dialog) dialog.showModal();
  }

  // Begin ---------------------------------------------------------------------------------
  document.addEventListener("keydown", pressed);
  document.querySelector("[data-theme-toggle]").addEventListener("click", switchTheme);
  document.querySelector("[data-help]")?.addEventListener("click", help);
  document.addEventListener("click", (event) => {
    const menu = document.querySelector(".menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector(".menu[open]");
    if (menu && event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  tick();

  return { since, tick, stream, key: (name, action) => own.set(name, action), choose };
})();
