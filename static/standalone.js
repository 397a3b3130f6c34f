// A file that stands alone: draws the comparisons written into it with the page's own modules, and asks nobody for anything.

import { mount } from './compare.js';
import { h, keyOf, loadWords, say } from './dom.js';
import { react } from './plot.js';
import { createStage } from './present.js';

const data = JSON.parse(document.querySelector('#inspector-data').textContent);
const { slides, talk } = data;
window.INSPECTOR_WORDS = data.words;
window.INSPECTOR_LANGUAGE = data.language ?? ((navigator.language || 'en').startsWith('ko') ? 'ko' : 'en');
window.Plotly ??= { react, newPlot: react };

const watched = [];
const bar = h('header.bar');
const host = h('main');
let at = 0;

const shown = () => {
  const { id, live, payload } = slides[at];
  return { ...payload, run: at + 1, language: window.INSPECTOR_LANGUAGE, stored: id && !live && { case: id, state: 'kept' } };
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

const told = ({ source }) => source.words.map(([gap, word]) => gap + word).join('') + source.tail;

/** The stage of present mode over the view, on which the talk begins; p and Esc leave it, p brings it back. */
function raised() {
  const node = document.body.appendChild(h('div'));
  const named = ({ id, title, look }) => (id ? { title: say(`gallery.${id}.title`), look: say(`gallery.${id}.look`) } : { title, look });
  const cases = () => slides.map((slide) => ({ ...named(slide), kept: slide.id && !slide.live, text: told(slide.payload), payload: slide.payload }));
  const lobby = () =>
    h('div.lobby.scrolls', {}, h('ol.cases', {}, cases().map(({ title }, index) => h('li', {}, h('button.case', { type: 'button', onclick: () => stage.open(index) }, title)))), h('p.hint', {}, say('present.start')));
  const ended = () => {
    document.body.classList.remove('present', 'staged');
    if (document.fullscreenElement) document.exitFullscreen();
    go(Math.max(0, stage.at));
  };
  const stage = createStage(node, { cases, lobby, ended, show: ({ payload }, tell) => tell(payload), said: ({ kept }) => kept && say('gallery.state.kept') });
  const begin = (to) => {
    document.body.classList.add('present', 'staged');
    stage.open(to);
  };
  begin(-1);
  return begin;
}

const begin = talk ? raised() : null;

// Between the cases arrows step where no word or button has them, as on the stage.
document.addEventListener('keydown', (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, .w, .head, .cell, [role=slider]');
  if (busy || document.body.classList.contains('staged')) return;
  if (begin && keyOf(event).toLowerCase() === 'p') begin(at);
  else if (by && slides.length > 1) go(at + by);
  else return;
  event.preventDefault();
});
