// Large compressors: what is loaded, loading or failed; asking Python for it, one question at a time; and the button that loads.

import { h, reason, say } from './dom.js';

const SOON = 700; // ms between looks while something loads
const LATER = 5_000; // else, where somebody sees it
const PATIENCE = 20_000; // for an answer

export let states = {}; // by what is loaded, an address without its ratio
const pressed = new Set(); // what this visitor asked to load
const watchers = new Set(); // { draw, seen, gone }
let waiting = null; // the question under way: { id, resolve }
let last = Promise.resolve();
let number = 0;
let timer = null;

/** Ask `inspector/pages/compressors.py`; resolves to its answer, or null where none came. */
export function ask(what) {
  last = last.then(() => send(what));
  return last;
}

function send(what) {
  return new Promise((resolve) => {
    const id = (number += 1);
    const end = (answer) => {
      clearTimeout(patience);
      waiting = null;
      resolve(answer);
    };
    const patience = setTimeout(() => end(null), PATIENCE);
    waiting = { id, end };
    window.inspector.loads = hear;
    window.inspector.probe('loads', { ...what, id });
  });
}

function hear(value) {
  const answer = JSON.parse(value?.json ?? 'null');
  if (!answer || answer.id !== waiting?.id) return;
  states = answer.states;
  waiting.end(answer);
  follow();
  for (const watcher of watchers) {
    if (watcher.gone()) watchers.delete(watcher);
    else watcher.draw();
  }
  wake();
}

/** What this visitor asked for is there, or failed: columns that waited for it run, and the list of choices is told. */
function follow() {
  for (const key of pressed) {
    const state = states[key]?.state;
    if (state === 'loading') continue;
    pressed.delete(key);
    if (state !== 'loaded') continue;
    document.querySelector('#choices')?.click();
    if (window.inspector.shown?.columns.some((column) => column.card?.key === key)) window.inspector.go('loaded');
  }
}

/** Be told of new states: `draw()` while `gone()` is false; asked for while `seen()` is true. */
export function watch(watcher) {
  watchers.add(watcher);
  wake();
}

export function wake() {
  const busy = pressed.size > 0 || Object.values(states).some((one) => one.state === 'loading');
  if (timer && !busy) return;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    timer = null;
    if (!pressed.size && (document.hidden || ![...watchers].some((one) => !one.gone() && one.seen()))) return later();
    await ask({ do: 'look' });
    wake();
  }, busy ? SOON : LATER);
}

/** Nobody looks: try again some time. */
function later() {
  if (watchers.size) timer = setTimeout(() => ((timer = null), wake()), LATER);
}

export async function load(address, key) {
  const answered = ask({ do: 'load', address });
  states = { ...states, [key]: { state: 'loading', stage: 'begin', share: 0, said: null } };
  for (const watcher of watchers) if (!watcher.gone()) watcher.draw();
  await answered;
  pressed.add(key);
  follow();
  wake();
}

export const release = (address) => ask({ do: 'release', address });

/** Size, licence and memory in a line or two: what loading takes. */
export function costs(card) {
  const licence = reason(card.licence);
  const lines = [card.download ? say('loads.download', { size: card.download, licence }) : say('loads.here', { licence })];
  lines.push(say('loads.memory', { memory: card.memory }));
  return h('p.costs', {}, lines.join(' '));
}

/** Progress, failure, or the button: it draws itself as the state changes. `ready` is what to offer once it is loaded. */
export function controls(card, ready) {
  const node = h('div.loading');
  let drawn = null;
  const draw = () => {
    const now = states[card.key] ?? { state: 'none' };
    const key = JSON.stringify(now);
    if (key === drawn) return;
    const held = node.contains(document.activeElement);
    if (drawn && now.state === 'loading' && node.dataset.state === 'loading') progress(node, now);
    else node.replaceChildren(...inside(card, now, ready).filter(Boolean));
    node.dataset.state = now.state;
    drawn = key;
    if (held && !node.contains(document.activeElement)) node.querySelector('button')?.focus({ preventScroll: true });
  };
  draw();
  const made = performance.now();
  const gone = () => !node.isConnected && performance.now() - made > 2_000; // it is put on the page a moment after it is made
  watch({ draw, gone, seen: () => node.offsetParent !== null });
  return node;
}

function inside(card, now, ready) {
  if (now.state === 'loading') {
    const parts = [h('p.how-far', { role: 'status' }), h('progress', { max: 1, 'aria-label': say('loads.progress') }), h('p.hint', {}, say('loads.meanwhile'))];
    const around = h('div', {}, parts);
    progress(around, now);
    return [around];
  }
  if (now.state === 'loaded') return ready(now);
  const failed = now.state === 'failed' ? h('p.failed', { role: 'alert' }, reason(now.said)) : null;
  const tight = card.room && !card.tight;
  const label = now.state === 'failed' ? say('loads.again') : card.download ? say('loads.fetch', { size: card.download }) : say('loads.load');
  return [failed, tight && !failed ? h('p.room', {}, reason(card.room)) : null, h('button.load', { type: 'button', onclick: () => load(card.key, card.key) }, label)];
}

function progress(node, now) {
  const stage = node.querySelector('.how-far');
  const bar = node.querySelector('progress');
  stage.textContent = [say(`loads.stage.${now.stage}`), reason(now.said)].filter(Boolean).join(' · ');
  if (now.stage === 'download') bar.value = now.share;
  else bar.removeAttribute('value');
}

/** The column of one that is not loaded: what it takes, and the button. */
export function waitingColumn(card) {
  const again = () => [h('p.how-far', {}, say('loads.loaded')), h('button', { type: 'button', onclick: () => window.inspector.go('loaded') }, say('loads.run'))];
  const limits = card.limits ? h('p.hint', {}, reason(card.limits)) : null;
  return h('div.unloaded', {}, costs(card), controls(card, again), limits, card.published === false ? h('p.hint', {}, say('loads.unpublished')) : null);
}
