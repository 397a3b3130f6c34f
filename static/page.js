// The page's header, and the presets, keyboard and live typing that Gradio has no part for.

import { h, keep, loadWords, say, theirWords } from './dom.js';
import { presentAtStart, presentButtons } from './present-page.js';
import { restore, shareButton } from './share.js';

const LIVE_AFTER = 350; // ms without a key before a live run starts
const PAGES = ['compare', 'pair', 'probe', 'gallery', 'training', 'studies', 'annotate', 'compressors'];
const BOXES = ['#source', '#pair-source', '#pair-rewriting'];
const box = (place) => document.querySelector(`${place} textarea`);
const source = () => box('#source');
const onPair = () => document.body.dataset.page === 'pair';
const onCompare = () => document.body.dataset.page === PAGES[0];

export async function mount(element) {
  const language = await loadWords(null);
  const head = element.querySelector('.page-head') ?? element;
  const theme = h('button', { type: 'button', id: 'theme', title: say('page.theme'), 'aria-label': say('page.theme'), onclick: switchTheme }, '☾');
  const languages = h('span.languages', { role: 'group', 'aria-label': say('page.language') }, [
    speak('en', 'EN', language),
    speak('ko', '한국어', language),
  ]);
  const [add, present] = presentButtons(); // the first is there on one page alone: the others stay where they are
  head.replaceChildren(h('div.title', {}, h('h1', {}, 'Inspector'), h('p', {}, say('page.tagline'))), pages(), h('nav', {}, add, theme, languages, shareButton(), present));
  turn(asked());
  window.inspector.apply();
  window.inspector.ready({ preset, turn: visit });
  wire();
  notices();
  takeBack();
  await whenThere('#link-open', '#present-go', '#source textarea', '#pair-rewriting textarea');
  presentAtStart();
  restore();
  document.querySelector('#choices')?.click(); // labels in this language, of what is on this machine now
}

/** Gradio's own notices, such as that the queue is full, in the page's language. */
async function notices() {
  await whenThere('.toast-wrap');
  const wrap = document.querySelector('.toast-wrap');
  const words = theirWords('notice');
  const tell = () => {
    for (const { firstChild: text } of wrap.querySelectorAll('.toast-title, [data-testid="toast-text"]')) {
      const told = words[text?.data?.trim()];
      if (told && told !== text.data) text.data = told;
    }
  };
  new MutationObserver(tell).observe(wrap, { childList: true, subtree: true });
}

/** Gradio's parts come a moment after the header. */
async function whenThere(...places) {
  while (!places.every((place) => document.querySelector(place))) await new Promise((resolve) => setTimeout(resolve, 50));
}

const asked = () => PAGES.find((page) => page === new URLSearchParams(location.search).get('tab')) ?? PAGES[0];

/** Links to the pages: addresses that can be shared, but the texts in the boxes stay when one is followed. */
function pages() {
  const link = (page) => {
    const follow = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      visit(page);
    };
    return h('a', { href: addressOf(page).href, data: { page }, onclick: follow }, say(`page.name.${page}`));
  };
  return h('nav.pages', { 'aria-label': say('page.pages') }, PAGES.map(link));
}

function addressOf(page) {
  const address = new URL(location.href);
  if (page === PAGES[0]) address.searchParams.delete('tab');
  else address.searchParams.set('tab', page);
  return address;
}

/** Turn to a page, so that the browser's back button leads here again. */
function visit(page) {
  if (asked() !== page) history.pushState(null, '', addressOf(page));
  turn(page);
}

function turn(page) {
  document.body.dataset.page = page;
  const links = [...document.querySelectorAll('.pages a')];
  links.forEach((a) => (a.dataset.page === page ? a.setAttribute('aria-current', 'page') : a.removeAttribute('aria-current')));
  const [row, here] = [links[0]?.parentElement, links.find((a) => a.dataset.page === page)];
  if (row) row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2; // on a phone the row scrolls
}

function speak(language, label, now) {
  const choose = () => {
    if (language === now) return;
    keep('language', language);
    const address = new URL(location.href);
    address.searchParams.delete('lang');
    history.replaceState({ texts: BOXES.map((place) => box(place)?.value ?? '') }, '', address); // they outlive the reload, in this tab alone
    location.reload();
  };
  return h('button', { type: 'button', lang: language, 'aria-pressed': String(language === now), onclick: choose }, label);
}

function takeBack() {
  const texts = history.state?.texts;
  if (!Array.isArray(texts)) return;
  BOXES.forEach((place, index) => {
    if (!texts[index] || !box(place)) return;
    box(place).value = texts[index];
    box(place).dispatchEvent(new Event('input', { bubbles: true }));
  });
  history.replaceState(null, '');
}

function switchTheme() {
  const dark = document.body.classList.toggle('dark');
  keep('theme', dark ? 'dark' : 'light');
}

let given = null; // compressors that a preset set: those that the person chose stay

/** Fill in a preset's text, say what to look at, and run. Returns text and compressors for Gradio's components. */
function preset(chosen, names) {
  const wrong = say(`page.preset.${chosen.id}.false`);
  const note = document.querySelector('#look');
  note.replaceChildren(say(`page.preset.${chosen.id}.look`));
  if (!wrong.startsWith('page.')) note.append(' ', h('strong', {}, wrong));
  const own = given && JSON.stringify(names) !== JSON.stringify(given);
  const next = own || !chosen.compressors ? names : chosen.compressors;
  if (!own) given = next;
  window.inspector.go('preset', { text: chosen.text, names: next });
  return [chosen.text, next];
}

function wire() {
  if (window.INSPECTOR_WIRED) return;
  window.INSPECTOR_WIRED = true;
  let timer = null;
  const live = () => document.querySelector('#live input[type="checkbox"]')?.checked;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => live() && source()?.value.trim() && window.inspector.go('live'), LIVE_AFTER);
  };
  const keys = (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(timer);
    if (onPair()) window.inspector.goPair();
    else if (onCompare()) window.inspector.go('keys');
    else if (document.body.dataset.page === 'probe') document.querySelector('#probe-run')?.click();
  };
  window.addEventListener('popstate', () => turn(asked()));
  window.addEventListener('hashchange', () => restore());
  document.addEventListener('keydown', keys, true);
  document.addEventListener('input', (event) => event.target === source() && live() && soon());
  document.addEventListener('change', (event) => event.target.matches?.('#live input') && soon());
}
