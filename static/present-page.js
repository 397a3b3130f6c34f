// Present mode on this page: the stage of present.js with the gallery, one's own cases, or what the page shows.

import { h, kept, keyOf, reason, say } from './dom.js';
import { createStage } from './present.js';
import { createLobby, own, titleOf } from './present-list.js';
import { saveTalk } from './talk-file.js';

const STAGED = ['compare', 'pair', 'gallery']; // other pages are only large
const presenting = () => document.body.classList.contains('present');
const page = () => document.body.dataset.page;
const keyFor = ({ text, compressors }) => JSON.stringify([text, compressors, window.inspector.truncation]);
const textOf = ({ source }) => source.words.map(([gap, word]) => gap + word).join('') + source.tail;
const sameAs = (payload, { text, compressors }) => textOf(payload) === text && JSON.stringify(payload.columns.map((c) => c.name)) === JSON.stringify(compressors);
const moment = () => performance.timeOrigin + performance.now();

const results = new Map(); // payloads by text and compressors, as long as this page lives
const failures = new Map(); // sentences, by the same
let shipped = null; // the gallery's cases
let list = 'gallery';
let onPage = []; // what the compare page or two texts show, as a list of one
let warming = null; // { at, of, share, moment } while a warm-up runs
let stage = null;
let lobby = null;
let answer = null; // takes what the server says of a case
let follow = null; // takes what the compare page shows

const gallery = () =>
  (shipped ??= (window.INSPECTOR_CASES ? JSON.parse(window.INSPECTOR_CASES) : []).map((c) => ({ ...c, title: say(`gallery.${c.id}.title`), look: say(`gallery.${c.id}.look`) })));
const mine = () => own.cases.map((c) => ({ ...c, id: null, title: titleOf(c.text), look: null }));
const lists = [{ id: 'gallery', cases: gallery }, { id: 'own', cases: mine }, { id: 'page', cases: () => onPage }];
const cases = () => lists.find(({ id }) => id === list).cases();

/** A payload of which nothing is missing is kept. */
function keep(chosen, payload) {
  const wrong = !payload || payload.status !== 'done' ? (payload?.message ?? say('view.stopped')) : payload.columns.filter((c) => c.status !== 'done').map((c) => `${c.name}: ${reason(c.error) ?? say(`view.status.${c.status}`)}`)[0];
  if (wrong) failures.set(keyFor(chosen), wrong);
  else {
    failures.delete(keyFor(chosen));
    results.set(keyFor(chosen), payload);
    if (results.size > 60) results.delete(results.keys().next().value);
  }
}

/** The stage asks for a case: what was computed before is there at once, else the compare page runs it. */
function show(chosen, tell) {
  follow = null;
  const found = chosen.payload ?? results.get(keyFor(chosen));
  if (found) return tell(found);
  const now = window.inspector.shown;
  const under = now && now.status === 'running' && sameAs(now, chosen); // the page runs it already
  const before = (now?.run ?? 0) - (under ? 1 : 0);
  follow = (payload) => {
    const its = payload.run > before && textOf(payload) === chosen.text;
    if (its || (payload.status === 'error' && payload.message)) tell(payload);
    if (!its || payload.status !== 'done') return;
    keep(chosen, payload);
    follow = null; // cases passed over quickly may run once more behind the page's back
  };
  if (under) tell(now);
  else window.inspector.openCase(chosen);
}

function said(chosen, payload) {
  if (!payload) return say('present.computing');
  if (payload.stored) return say(`gallery.state.${payload.stored.state}`);
  return payload.status === 'running' ? say('present.computing') : null;
}

/** The place of what the page shows in one of the lists, or in a list of its own; -1 where it shows nothing. */
function fromPage() {
  const pair = page() === 'pair';
  const payload = page() === 'gallery' ? null : window.inspector.shownIn[page()];
  onPage = [];
  if (!payload?.columns?.length) return -1;
  const text = textOf(payload);
  const one = { id: null, text, compressors: payload.columns.map((c) => c.name), title: pair ? say('page.name.pair') : titleOf(text), look: null };
  for (const { id, cases: of } of pair ? [] : lists) {
    const at = of().findIndex((c) => keyFor(c) === keyFor(one));
    if (at < 0) continue;
    list = id;
    if (payload.status === 'done') keep(of()[at], payload);
    return at;
  }
  list = 'page';
  onPage = [payload.status === 'running' ? one : { ...one, payload }];
  return 0;
}

function address(on) {
  const changed = new URL(location.href);
  if (on) changed.searchParams.set('present', '1');
  else if (window.INSPECTOR_PRESENT) changed.searchParams.set('present', '0');
  else changed.searchParams.delete('present');
  history.replaceState(history.state, '', changed);
}

/** Begin: large, light, and on the stage where the page has something for it. */
function begin() {
  document.body.classList.add('present');
  document.body.classList.toggle('dark', new URLSearchParams(location.search).get('__theme') === 'dark');
  address(true);
  if (STAGED.includes(page())) raise(fromPage());
}

function raise(at) {
  if (page() === 'pair' && at < 0) return; // nothing there yet: the boxes stay
  document.activeElement?.blur();
  document.body.classList.add('staged');
  stage.open(-1);
  if (at >= 0) stage.open(at);
}

function end() {
  document.body.classList.remove('present', 'staged');
  if (document.fullscreenElement) document.exitFullscreen();
  const theme = kept('theme');
  if (theme) document.body.classList.toggle('dark', theme === 'dark');
  address(false);
  const chosen = list === 'page' ? null : cases()[stage.at];
  follow = null;
  if (chosen && !(window.inspector.shown && sameAs(window.inspector.shown, chosen))) window.inspector.openCase(chosen); // the page goes on where the talk ended
  stage.open(-1);
}

/** Load and run all cases of the list; pressed again: stop. */
const warm = () => (warming ? cool() : compute(cases()));

function cool() {
  if (!warming) return;
  warming = null;
  answer?.(null);
  document.querySelector('#present-stop')?.click();
  lobby.draw();
}

/** Run cases one after another, but those whose result is here: each with its payload, or why it has none. Null where it was stopped. */
async function compute(all, tell = () => {}) {
  cool();
  const run = (warming = { at: 0, of: all.length, share: 0 });
  const made = [];
  for (const [at, chosen] of all.entries()) {
    Object.assign(run, { at, share: 0 });
    lobby.draw();
    tell({ at: at + 1, of: all.length, title: chosen.title });
    let payload = chosen.payload ?? results.get(keyFor(chosen));
    if (!payload) {
      payload = await ask(chosen, (share) => {
        run.share = share;
        if (warming === run) lobby.node.querySelector('progress').value = at + share;
      });
      if (warming !== run) return null;
      keep(chosen, payload);
    }
    made.push({ ...chosen, payload, why: failures.get(keyFor(chosen)) });
  }
  warming = null;
  lobby.draw();
  return made;
}

const ask = (chosen, progress) =>
  new Promise((resolve) => {
    const asked = moment();
    window.inspector.talkAsked = () => ({ moment: warming ? asked : moment(), language: window.INSPECTOR_LANGUAGE, truncate: window.inspector.truncation, case: chosen.id, text: chosen.text, compressors: chosen.compressors });
    answer = (told) => {
      if (!told) resolve(null);
      else if (told.moment !== asked) return;
      else if ('payload' in told) resolve(told.payload);
      else progress(told.progress);
    };
    document.querySelector('#present-go')?.click();
  });

/** The chosen compressors, from Gradio's list. */
function compressors(then) {
  window.inspector.talkNames = (names) => then(names ?? []);
  document.querySelector('#present-names')?.click();
}

function addToTalk(event) {
  const text = document.querySelector('#source textarea')?.value.trim() ?? '';
  const button = event.currentTarget;
  compressors((names) => {
    const now = window.inspector.shown;
    if (now?.status === 'done' && sameAs(now, { text, compressors: names })) keep({ text, compressors: names }, now);
    const added = text && names.length && names.length <= 4 && own.set([...own.cases, { text, compressors: names }]);
    document.querySelector('#look')?.replaceChildren(say(added ? 'present.added' : text && names.length ? 'present.own.full' : 'present.own.nothing', { n: own.cases.length }));
    button.blur();
  });
}

/** The header's two buttons; the stage stands beside the page. */
export function presentButtons() {
  const node = h('div');
  document.body.append(node);
  lobby = createLobby({
    lists,
    list: () => list,
    choose(id) {
      list = id;
      lobby.draw();
    },
    open: (at) => stage.open(at),
    ready: (one) => results.has(keyFor(one)),
    failed: (one) => failures.get(keyFor(one)),
    warm,
    warming: () => warming,
    compressors,
    save: () => saveTalk(list),
  });
  window.inspector.talk = { computed: (id, tell) => compute(lists.find((one) => one.id === id).cases(), tell), stop: cool };
  const shownLobby = () => (lobby.draw(), lobby.node);
  stage = createStage(node, { cases, show, said, lobby: shownLobby, ended: end });
  window.inspector.talkTold = (value) => value?.told && answer?.(JSON.parse(value.told));
  document.addEventListener('inspector:shown', shown);
  document.addEventListener('keydown', pressed);
  window.inspector.staged = stage;
  const button = (id, key, onclick) => h('button', { type: 'button', id, title: say(`${key}.hint`), onclick }, say(key));
  return [button('add-to-talk', 'present.add', addToTalk), button('present', 'page.present', () => (presenting() ? end() : begin()))];
}

/** The compare page shows something: for the case on the stage, or, asked for by a link, in place of the lobby. */
function shown() {
  const payload = window.inspector.shown;
  if (!payload) return;
  if (follow) return follow(payload);
  const asked = payload.status === 'running' && payload.columns.length && page() === 'compare';
  if (asked && presenting() && document.body.classList.contains('staged') && stage.at < 0) stage.open(fromPage());
}

/** p, but on the Annotate page, where it is a key of keys.json; Shift+P there too. */
function pressed(event) {
  const key = keyOf(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest?.('input, textarea, select, [contenteditable="true"], dialog')) return;
  if (key === 'Escape' && presenting()) return end();
  if (key !== 'P' && (key !== 'p' || page() === 'annotate')) return;
  event.preventDefault();
  if (presenting()) end();
  else begin();
}

/** A page opened in present mode begins at once; the server's own talk is warmed up at once. */
export function presentAtStart() {
  if (!presenting() || !STAGED.includes(page())) return;
  raise(fromPage());
  if (window.INSPECTOR_PRESENT && page() !== 'pair') warm();
}
