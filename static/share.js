// Links that bring a comparison back: text, compressors, truncation and view travel in the address's fragment, which a browser
// never sends to a server; a long text can be kept by the server, if the person asks for it.

import { h, integer, loadWords, say } from './dom.js';

const LONG = 1_500; // characters of a link from which on programs tend to cut it
const MOST = 1_000_000; // characters of a state, so that a small link cannot unfold without end
const DAYS = [1, 7, 30];
const VIEW = { view: ['meaning', 'words'], mode: ['entropy', 'surprisal', 'gain', 'carrier'], unit: ['token', 'word'] };

const PROBE = ['question', 'answers', 'others']; // what the Probe page asks of a text

const piped = (data, stream) => new Response(new Blob([data]).stream().pipeThrough(stream));

/** A state as letters, digits, - and _. */
export async function pack(state) {
  const bytes = new Uint8Array(await piped(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream('deflate-raw')).arrayBuffer());
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The state that `pack` made letters of, with nothing in it but what is expected; null for anything else. */
export async function unpack(letters) {
  try {
    const bytes = Uint8Array.from(atob(letters.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      if (text.length > MOST) return null;
    }
    return checked(JSON.parse(text + decoder.decode()));
  } catch {
    return null;
  }
}

function checked(state) {
  const { v, text, rewriting, probe, compressors, truncate, view } = state ?? {};
  const strings = Array.isArray(compressors) && compressors.every((name) => typeof name === 'string' && name.length < 400);
  if (v !== 1 || typeof text !== 'string' || !strings || compressors.length > 8) return null;
  const seen = Object.entries(VIEW).filter(([key, values]) => values.includes(view?.[key]));
  return {
    text,
    ...(typeof rewriting === 'string' ? { rewriting } : {}), // of two texts
    ...(probe ? { probe: Object.fromEntries(PROBE.map((name) => [name, typeof probe[name] === 'string' ? probe[name] : ''])) } : {}),
    compressors,
    truncate: typeof truncate === 'string' && /^\d{1,6}%?$/.test(truncate) ? truncate : null,
    view: Object.fromEntries(seen.map(([key]) => [key, view[key]])),
  };
}

function addressWith(fragment) {
  const address = new URL(location.href);
  address.searchParams.delete('tab');
  address.hash = fragment;
  return address.href;
}

let answer = null; // what the server said last: { id } or { error }, or { state } or { error }
window.inspector.linked = (told) => told?.moment && answer?.(told);
const ask = (button, asked) =>
  new Promise((resolve) => {
    const moment = performance.now();
    answer = (told) => told.moment === moment && resolve(told);
    window.inspector.linkAsked = () => ({ ...asked, moment, language: window.INSPECTOR_LANGUAGE });
    document.querySelector(button)?.click();
  });

/** The header's button, and its dialog. */
export function shareButton() {
  const dialog = h('dialog.share', { 'aria-label': say('share.title') });
  const button = h('button', { type: 'button', id: 'share', title: say('share.hint'), onclick: () => document.querySelector('#share-go')?.click() }, say('share.button'));
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  /** Called with the names that are chosen; the text is what stands in the box, submitted or not. */
  window.inspector.share = async (names) => {
    const { page } = document.body.dataset;
    const pair = page === 'pair';
    const { text: asked, compressors, ...probe } = (page === 'probe' && window.inspector.probeForm?.get()) || {};
    const inBox = (place) => document.querySelector(`${place} textarea`)?.value ?? '';
    const text = asked ?? inBox(pair ? '#pair-source' : '#source');
    const state = asked !== undefined ? { v: 1, text, probe, compressors } : pair
      ? { v: 1, text, rewriting: inBox('#pair-rewriting'), compressors: [] }
      : { v: 1, text, compressors: names ?? [], truncate: window.inspector.truncation, view: window.inspector.viewState?.get() ?? {} };
    const letters = await pack(state);
    draw(dialog, addressWith(`s=${letters}`), letters, text);
    dialog.showModal();
  };
  document.body.append(dialog);
  return button;
}

function draw(dialog, link, letters, text) {
  const field = h('input', { type: 'text', readOnly: true, value: link, 'aria-label': say('share.link'), onfocus: () => field.select() });
  const said = h('p.said', { role: 'status' });
  const copy = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = say('share.copied');
    } catch {
      said.textContent = say('share.select'); // no clipboard without https: the field is selected
    }
  };
  const days = h('select', { 'aria-label': say('share.days') }, DAYS.map((n) => h('option', { value: n }, say(n === 1 ? 'share.day' : 'share.for', { n }))));
  const keep = async () => {
    said.textContent = '…';
    const told = await ask('#link-keep', { letters, days: Number(days.value) });
    if (told.error) said.textContent = told.error;
    else {
      field.value = addressWith(`k=${told.id}`);
      await copy();
    }
  };
  const long = link.length > LONG;
  dialog.replaceChildren(
    h('h2', {}, say('share.title')),
    h('p', {}, say(text.trim() ? 'share.about' : 'share.empty')),
    h('div.line', {}, field, h('button', { type: 'button', onclick: copy }, say('share.copy'))),
    h('p', {}, say(long ? 'share.long' : 'share.short', { n: integer(link.length) })),
    h('div.line', {}, days, h('button', { type: 'button', onclick: keep }, say('share.keep'))),
    said,
    h('div.line', {}, h('button', { type: 'button', onclick: () => dialog.close() }, say('share.close'))),
  );
}

/** Open what the address asks for, once the page stands; what cannot be read is said in one line. */
export async function restore() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const [letters, id] = [asked.get('s'), asked.get('k')];
  if (letters === null && id === null) return;
  await loadWords(null);
  const tell = (sentence) => document.querySelector('#look')?.replaceChildren(sentence);
  const told = id === null ? { letters } : await ask('#link-open', { id });
  if (told.error) return tell(told.error);
  const state = await unpack(told.letters);
  if (!state) return tell(say('share.broken'));
  if (state.rewriting !== undefined) return openPair(state);
  if (state.probe) return openProbe(state);
  if (state.truncate) window.inspector.setTruncation?.(state.truncate);
  window.inspector.wantedView = state.view;
  if (state.text.trim() && state.compressors.length) window.inspector.openCase({ id: null, text: state.text, compressors: state.compressors });
  else {
    typeInto('#source', state.text);
  }
}

function typeInto(place, text) {
  const box = document.querySelector(`${place} textarea`);
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Two texts, on their page, compared at once. */
function openPair({ text, rewriting }) {
  window.inspector.turn('pair');
  typeInto('#pair-source', text);
  typeInto('#pair-rewriting', rewriting);
  if (text.trim() && rewriting.trim()) window.inspector.goPair();
}

/** A text and what is asked of it, on the Probe page, asked at once. */
async function openProbe({ text, compressors, probe }) {
  window.inspector.turn('probe');
  while (!window.inspector.probeForm) await new Promise((resolve) => setTimeout(resolve, 50)); // its module comes a moment later
  window.inspector.probeForm.open({ text, compressors, ...probe });
}
