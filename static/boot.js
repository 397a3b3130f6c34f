// Runs before the page is built: the chosen language and theme, and present mode, so that nothing flickers.
(() => {
  const chosen = localStorage.getItem('inspector-language');
  if (chosen) {
    Object.defineProperty(navigator, 'language', { get: () => chosen });
    Object.defineProperty(navigator, 'languages', { get: () => [chosen] });
  }
  window.INSPECTOR_LANGUAGE = (navigator.language || 'en').startsWith('ko') ? 'ko' : 'en';
  document.documentElement.lang = window.INSPECTOR_LANGUAGE;
  const query = new URLSearchParams(location.search);
  const present = query.get('present') === '1' || (window.INSPECTOR_PRESENT && query.get('present') !== '0');
  const theme = query.get('__theme') || (present ? 'light' : localStorage.getItem('inspector-theme'));
  const apply = () => {
    document.body.classList.toggle('present', present);
    if (theme === 'dark' || theme === 'light') document.body.classList.toggle('dark', theme === 'dark');
  };
  // Gradio sets its own theme class while it starts; ours comes after the page is there.
  document.addEventListener('DOMContentLoaded', () => {
    apply();
    const wait = new MutationObserver(() => {
      if (document.querySelector('#page-head .page-head')) {
        wait.disconnect();
        apply();
      }
    });
    wait.observe(document.body, { childList: true, subtree: true });
  });
})();
