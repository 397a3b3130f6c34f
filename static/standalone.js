// A file that stands alone: draws the comparisons written into it with the page's own modules, and asks nobody for anything.

import { mount } from './compare.js';
import { h, loadWords, say } from './dom.js';
import { react } from './plot.js';

const data = JSON.parse(document.querySelector('#inspector-data').textContent);
const { slides, talk } = data;
window.INSPECTOR_WORDS = data.words;
window.INSPECTOR_LANGUAGE = data.language ?? ((navigator.language || 'en').startsWith('ko') ? 'ko' : 'en');
window.Plotly ??= { react };

const watched = [];
const bar = h('header.bar');
const host = h('main');
let at = 0;

const shown = () => {
  const { id, payload } = slides[at];
  return { ...payload, run: at + 1, language: window.INSPECTOR_LANGUAGE, stored: id && { case: id, state: 'kept' } };
};

function head() {
  document.documentElement.lang = window.INSPECTOR_LANGUAGE;
  const speak = (language, label) => h('button', { type: 'button', lang: language, 'aria-pressed': String(window.INSPECTOR_LANGUAGE === language), onclick: () => turn(language) }, label);
  const step = (by, sign, key) => h('button', { type: 'button', 'aria-label': say(key), title: say(key), onclick: () => go(at + by) }, sign);
  bar.replaceChildren(
    h('h1', {}, 'Inspector'),
    ...(talk && slides.length > 1 ? [h('span.steps', {}, step(-1, '‹', 'gallery.previous'), h('span', { role: 'status' }, ` ${at + 1} / ${slides.length} `), step(1, '›', 'gallery.next'))] : []),
    h('nav', {}, h('button', { type: 'button', 'aria-label': say('page.theme'), title: say('page.theme'), onclick: () => document.body.classList.toggle('dark') }, '☾'), speak('en', 'EN'), speak('ko', '한국어')),
  );
}

async function draw() {
  head();
  for (const told of watched) await told();
}

async function turn(language) {
  window.INSPECTOR_LANGUAGE = language;
  await loadWords(language);
  await draw();
}

async function go(to) {
  at = (to + slides.length) % slides.length;
  await draw();
  scrollTo({ top: 0 });
}

document.body.classList.toggle('present', talk);
document.body.classList.toggle('dark', !talk && matchMedia('(prefers-color-scheme: dark)').matches);
document.body.append(bar, host);
await loadWords(window.INSPECTOR_LANGUAGE);
head();
await mount(
  host,
  {
    get value() {
      return shown();
    },
  },
  () => {},
  (_, told) => watched.push(told),
);

// As in present mode: arrows step where no word or button has them.
document.addEventListener('keydown', (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, .w, .head, .cell, [role=slider]');
  if (!by || busy || slides.length < 2) return;
  event.preventDefault();
  go(at + by);
});
