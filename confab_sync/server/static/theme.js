// Applies the chosen theme before anything is drawn, and tells the server whose days to show.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("confab-theme");
  } catch {
    // Storage may be forbidden; the system's theme is then the one.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (zone) document.cookie = `confab_zone=${zone}; path=/; max-age=31536000; samesite=strict${secure}`;
})();
