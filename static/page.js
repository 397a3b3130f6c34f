// The page's header, and the keyboard and live typing that Gradio has no part for.

import { h, loadWords, say } from './dom.js';

const LIVE_AFTER = 350; // ms without a key before a live run starts

export async function mount(element) {
  const language = await loadWords(null);
  const head = element.querySelector('.page-head') ?? element;
  const other = language === 'ko' ? 'en' : 'ko';
  const theme = h('button', { type: 'button', title: say('page.theme'), 'aria-label': say('page.theme'), onclick: switchTheme }, '☾');
  const speak = h(
    'button',
    {
      type: 'button',
      lang: other,
      onclick: () => {
        localStorage.setItem('inspector-language', other);
        location.reload();
      },
    },
    other === 'ko' ? '한국어' : 'English',
  );
  const present = h('button', { type: 'button', id: 'present', onclick: switchPresent }, say('page.present'));
  head.replaceChildren(h('div.title', {}, h('h1', {}, 'Inspector'), h('p', {}, say('page.tagline'))), h('nav', {}, theme, speak, present));
  wire();
}

function switchTheme() {
  const dark = document.body.classList.toggle('dark');
  localStorage.setItem('inspector-theme', dark ? 'dark' : 'light');
}

function switchPresent() {
  const on = document.body.classList.toggle('present');
  const address = new URL(location.href);
  if (on) address.searchParams.set('present', '1');
  else address.searchParams.delete('present');
  history.replaceState(null, '', address);
}

function wire() {
  if (window.INSPECTOR_WIRED) return;
  window.INSPECTOR_WIRED = true;
  let timer = null;
  const inSource = (event) => event.target.matches?.('#source textarea');
  const live = () => document.querySelector('#live input[type="checkbox"]')?.checked;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => live() && document.querySelector('#source textarea')?.value.trim() && press('live-run'), LIVE_AFTER);
  };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && (inSource(event) || event.target.closest?.('#compressors'))) {
      event.preventDefault();
      clearTimeout(timer);
      // Gradio hands a typed text on with a short delay; a click right away would send the one before.
      setTimeout(() => press('compare'), 60);
    }
  });
  document.addEventListener('input', (event) => {
    if (!inSource(event)) return;
    document.querySelector('#look')?.classList.add('past'); // what to look at belongs to the example, not to another text
    if (live()) soon();
  });
  document.addEventListener('click', (event) => event.target.closest?.('#presets') && document.querySelector('#look')?.classList.remove('past'));
  document.addEventListener('change', (event) => event.target.matches?.('#live input') && soon());
}

const press = (id) => (document.querySelector(`button#${id}`) ?? document.querySelector(`#${id} button`))?.click();
