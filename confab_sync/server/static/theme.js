// Applies the chosen theme before anything is drawn.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("confab-theme");
  } catch {
    // Storage may be forbidden; the system's theme is then the one.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
