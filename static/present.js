// The stage: one thing on a screen, for a talk. It knows no Gradio: a page, or a file opened from disk, hands it a list of
// cases. The body of that page has the class `present`, which makes text large and lines thick.

import { h, keyOf, nameTag, say } from './dom.js';
import { drawStep, stepsOf, ways } from './present-steps.js';

const KEYS = {
  ' ': 'on', PageDown: 'on', ArrowDown: 'on', PageUp: 'back', ArrowUp: 'back', Backspace: 'back',
  ArrowRight: 'next', ArrowLeft: 'last', Home: 'list', l: 'list', n: 'way', N: 'wayBack', f: 'full', F5: 'full', d: 'dark', b: 'black', '.': 'black', '?': 'sheet', p: 'end', P: 'end', Escape: 'end',
};
/** Rows of the sheet: what is pressed, and the word that says what it does. */
const SHEET = [
  ['Space  PageDown  ↓', 'on'], ['Shift+Space  PageUp  ↑', 'back'], ['→  ←', 'cases'], ['1 – 4', 'compressor'], ['n  N', 'way'],
  ['Shift+↓  Shift+↑', 'scroll'], ['Home  l', 'list'], ['f  F5', 'full'], ['b  .', 'black'], ['d', 'dark'], ['p  Esc', 'end'],
];

/**
 * Fill `node` with a stage; keys work while it can be seen.
 *
 * @param talk {
 *   cases(): the list, [{ title, look, text, compressors }];
 *   show(chosen, tell): brings the payload of a case (inspector/views/compare.py) by `tell(payload)`, at once or as it grows;
 *   said(chosen, payload): a sentence on where that result comes from, or null;
 *   lobby(): an element to show before the first case, or null;
 *   ended(): the person ends the talk
 * }
 * @returns { open(at, step), draw(), at, step, payload }
 */
export function createStage(node, talk) {
  const now = { at: -1, step: 0, column: 0, way: 0, payload: null };
  let drawn = '';
  let asked = 0; // how often a case was asked for: what comes for an older one is not shown
  const title = h('h2');
  const place = h('span.place');
  const tabs = h('div.tabs', { role: 'group' });
  const body = h('div.body');
  const where = h('span.where', { 'aria-live': 'polite' });
  const dots = h('span.dots', { 'aria-hidden': 'true' });
  const said = h('p.said', { role: 'status' });
  const button = (name, sign, act) => h('button', { type: 'button', title: say(`present.key.${name}`), 'aria-label': say(`present.key.${name}`), onclick: act }, sign);
  const steps = h('span.steps', {}, button('back', '‹', () => step(-1)), dots, where, button('on', '›', () => step(1)));
  const sheet = h('dialog.keys', { 'aria-label': say('present.keys') });
  const foot = h('div.foot', {}, steps, said, h('button.ask', { type: 'button', 'aria-label': say('present.keys'), title: say('present.keys'), onclick: keys }, '?'));
  node.classList.add('stage', 'cv');
  node.replaceChildren(h('div.top', {}, title, place), tabs, body, foot, sheet);

  const chosen = () => talk.cases()[now.at];
  const names = () => stepsOf(now.payload);

  /** Go to a case, and to a step of it; -1 is the lobby. */
  function open(at, to = 0) {
    const cases = talk.cases();
    if (at < (talk.lobby() ? -1 : 0) || at >= cases.length) return;
    const same = at === now.at;
    Object.assign(now, { at, step: to, way: 0 }, same ? {} : { column: 0, payload: null });
    if (at >= 0 && !same) {
      const mine = ++asked;
      talk.show(cases[at], (payload) => mine === asked && tell(payload));
    }
    draw();
  }

  function tell(payload) {
    const same = JSON.stringify(now.payload?.columns) === JSON.stringify(payload.columns); // a stored result, while it is computed again
    now.payload = payload;
    now.column = Math.min(now.column, Math.max(0, payload.columns.length - 1));
    draw(now.step === 0 || (same && payload.status !== 'error'));
  }

  /** The next step, at its end the next case; and back. */
  function step(by) {
    if (now.at < 0) return by > 0 && open(0);
    const to = now.step + by;
    if (to < 0) open(now.at - 1, now.at ? names().length - 1 : 0);
    else if (to >= names().length) open(now.at + 1);
    else {
      Object.assign(now, { step: to, way: 0 });
      draw();
    }
  }

  /** The next place on this screen: a difference, or an undecided word. */
  function way(by) {
    const count = now.at < 0 ? 0 : ways(names()[now.step], now);
    if (!count) return;
    now.way = now.way < 0 ? (by > 0 ? 0 : count - 1) : (now.way + by + count) % count;
    draw();
  }

  /** Draw what is to be seen; `still` leaves the screen, which shows nothing of what arrived. */
  function draw(still = false) {
    const cases = talk.cases();
    const lobby = now.at < 0;
    node.dataset.step = lobby ? 'lobby' : names()[now.step];
    title.textContent = lobby ? say('present.title') : chosen().title;
    place.textContent = lobby ? '' : say('present.case', { at: now.at + 1, of: cases.length });
    where.textContent = lobby ? '' : `${now.step + 1} / ${names().length} ${say(`present.step.${names()[now.step]}`)}`;
    dots.textContent = lobby ? '' : names().map((_, i) => (i <= now.step ? '●' : '○')).join('');
    steps.hidden = lobby;
    said.textContent = (!lobby && talk.said?.(chosen(), now.payload)) || '';
    const columns = now.payload?.columns ?? [];
    tabs.hidden = lobby || now.step === 0 || columns.length < 2 || names()[now.step] === 'spectrum';
    tabs.replaceChildren(
      ...columns.map((column, index) =>
        h('button', { type: 'button', 'aria-pressed': String(index === now.column), onclick: () => pick(index) }, h('kbd', {}, String(index + 1)), nameTag(column, index)),
      ),
    );
    if (still) return;
    const at = `${now.at}:${now.step}`;
    body.classList.toggle('fresh', at !== drawn); // only what is new fades in
    drawn = at;
    if (lobby) body.replaceChildren(talk.lobby());
    else drawStep(names()[now.step], body, { chosen: chosen(), now, move: (to) => (Object.assign(now, { way: to }), draw()) });
  }

  function pick(index) {
    if (now.at < 0 || index >= (now.payload?.columns.length ?? 0)) return;
    Object.assign(now, { column: index, way: 0 });
    draw();
  }

  function keys() {
    if (sheet.open) return sheet.close();
    sheet.replaceChildren(
      h('h2', {}, say('present.keys')),
      h('dl', {}, SHEET.flatMap(([pressed, name]) => [h('dt', {}, pressed.split('  ').map((key) => h('kbd', {}, key))), h('dd', {}, say(`present.key.${name}`))])),
      h('form', { method: 'dialog' }, h('button', {}, say('share.close'))),
    );
    sheet.showModal();
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {}); // a browser may refuse it
  }

  const acts = {
    on: () => step(1),
    back: () => step(-1),
    next: () => (now.at < 0 ? open(0) : open(now.at + 1)),
    last: () => now.at >= 0 && open(now.at - 1),
    list: () => open(-1),
    way: () => way(1),
    wayBack: () => way(-1),
    full,
    black: () => node.classList.toggle('black'),
    dark: () => document.body.classList.toggle('dark') || true,
    sheet: keys,
    end: () => talk.ended(),
  };

  document.addEventListener(
    'keydown',
    (event) => {
      if (!node.isConnected || node.offsetParent === null && getComputedStyle(node).display === 'none') return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input:not([type="button"]), textarea, select, dialog:not(.keys)')) return;
      const key = keyOf(event);
      if (sheet.open) {
        if (key !== '?') return; // Esc and Enter close it
        sheet.close();
      } else if (event.shiftKey && ['ArrowDown', 'ArrowUp'].includes(key)) {
        body.querySelectorAll('.scrolls').forEach((box) => box.scrollBy({ top: (key === 'ArrowDown' ? 0.8 : -0.8) * box.clientHeight }));
      } else if (/^[1-9]$/.test(key)) pick(Number(key) - 1);
      else if (key === ' ' && event.shiftKey) acts.back();
      else if (node.classList.contains('black') && KEYS[key]) node.classList.remove('black');
      else if (KEYS[key]) acts[KEYS[key]]();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the page below has keys of its own
    },
    true,
  );
  let waiting = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => node.clientHeight && now.at >= 0 && draw());
  }).observe(node);
  // Figures take their colours when they are drawn.
  new MutationObserver(() => node.clientHeight && now.at >= 0 && draw()).observe(document.body, { attributes: true, attributeFilter: ['class'] });

  return {
    open,
    draw,
    get at() {
      return now.at;
    },
    get step() {
      return now.step;
    },
    get payload() {
      return now.payload;
    },
  };
}
