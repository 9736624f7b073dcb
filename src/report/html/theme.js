'use strict';
// Light and dark: what the system says, or what was chosen here. Where nothing may be kept, it is chosen anew each time.
(() => {
  const KEY = 'itembridge-theme';
  const root = document.documentElement;
  const apply = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const kept = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  apply(kept());
  document.addEventListener('DOMContentLoaded', () => {
    const themes = document.querySelector('.themes');
    const now = root.dataset.theme ?? 'auto';
    for (const input of themes.querySelectorAll('input')) {
      input.checked = input.value === now;
      input.addEventListener('change', () => {
        apply(input.value);
        try { localStorage.setItem(KEY, input.value); } catch { /* it holds for this visit */ }
        document.dispatchEvent(new Event('themechange'));
      });
    }
    themes.hidden = false;
  });
})();
