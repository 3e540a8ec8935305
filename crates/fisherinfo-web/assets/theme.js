// The colours: those of the system, or the choice that was made here. Runs before the page is
// painted, so that nothing flashes.
(() => {
  const key = "fisherinfo.theme";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const read = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const write = (theme) => { try { localStorage.setItem(key, theme); } catch { /* for this page only */ } };
  let chosen = read();
  const current = () => chosen ?? (dark.matches ? "dark" : "light");
  const apply = () => {
    root.dataset.theme = current();
    const button = document.getElementById("theme");
    if (button) button.textContent = current() === "dark" ? "Light" : "Dark";
  };
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme")?.addEventListener("click", () => {
      chosen = current() === "dark" ? "light" : "dark";
      write(chosen);
      apply();
    });
  });
})();
