// The Studies page: does a larger compressor keep less? Draws the payload of inspector/views/studies.py.

import { look } from './curves.js';
import { h, integer, loadWords, plotWords, say, spoken } from './dom.js';
import { help } from './help.js';
import { byDirections, bySize, CONFIG, name, scatter, truncated } from './studies-figures.js';
import { comparisons, hasAsked, matrix, OUTCOMES, paperTable, publishedList, relations } from './studies-table.js';
import { figureButtons, save } from './take.js';

const PAIRS = [
  ['effective_rank', ['knowledge', 'knowledge_likelihood', 'overwriting']],
  ['entropy_bits', ['drift_accuracy', 'drift']],
];
const own = (x) => (x === 'entropy_bits' ? 'entropy' : x); // as correlations call it: ranks know no unit

/** Mount into `element`; the study is asked for when the page is first seen. `bounds`: of a visitor's files. */
export async function mount(element, props, watch, bounds) {
  await loadWords(null);
  const root = h('div.cv.studies');
  element.replaceChildren(root);
  const state = { payload: null, error: null, busy: true, set: '', ratios: new Set(), measure: null, x: 'size', published: false, sort: null, down: false, asked: true };
  const plots = new Map();
  let seen = 0;
  let order = {};
  window.inspector.studies = () => ({ ...order, language: window.INSPECTOR_LANGUAGE });

  function ask(files) {
    order = files ? { files } : {};
    Object.assign(state, { busy: true, error: null });
    draw();
    document.querySelector('#studies-go').click();
  }

  function receive() {
    const told = JSON.parse(props.value?.json ?? 'null');
    if (!told || told.number === seen) return;
    seen = told.number;
    order = {};
    state.busy = false;
    state.error = told.error ? { own: told.own, said: told.error } : null;
    if (!told.error) {
      const kept = state.measure in told.faithful ? state.measure : null;
      Object.assign(state, { payload: told, set: '', ratios: new Set(told.ratios), measure: kept ?? Object.keys(told.faithful)[0] ?? null, x: 'size', sort: null, asked: hasAsked(told) });
    }
    draw();
  }

  const part = () => state.payload.parts[state.set];

  function set(change, focus) {
    Object.assign(state, change);
    draw();
    if (focus) root.querySelector(focus)?.focus();
  }

  const press = (key, pressed, text, change) => h('button', { type: 'button', data: { key }, 'aria-pressed': String(pressed), onclick: () => set(change(), `[data-key="${CSS.escape(key)}"]`) }, text);
  const group = (key, buttons) => h('div.choices', { role: 'group', 'aria-label': say(`studies.${key}`) }, h('span.label', {}, say(`studies.${key}`)), buttons);

  function toggled(ratio) {
    const next = new Set(state.ratios);
    if (!next.delete(ratio)) next.add(ratio);
    return next.size ? { ratios: next } : {}; // one stays
  }

  function bar(payload) {
    const sets = payload.sets.length > 1 ? group('sets', payload.sets.map((s) => press(`set-${s}`, s === state.set, s || say('studies.sets.all'), () => ({ set: s })))) : null;
    const ratios = group('ratios', payload.ratios.map((r, k) => {
      const button = press(`ratio-${r}`, state.ratios.has(r), '', () => toggled(r));
      button.classList.add('st-ratio');
      button.append(h('span.sign', { 'aria-hidden': 'true', style: { '--series': look(k).css } }, look(k).sign), ` ${r}×`);
      return button;
    }));
    const choice = h('select', { 'aria-label': say('studies.faithful'), onchange: (event) => set({ measure: event.target.value }, '.st-measure') }, Object.keys(payload.faithful).map((m) => h('option', { value: m, selected: m === state.measure }, name(m))));
    choice.classList.add('st-measure');
    const x = payload.truncations.length > 1 ? group('x', ['size', 'directions'].map((one) => press(`x-${one}`, one === state.x, say(`studies.x.${one}.short`), () => ({ x: one })))) : null;
    const published = payload.published.length && state.x === 'size' ? press('published', state.published, say('studies.published'), () => ({ published: !state.published })) : null;
    const status = h('span.hint', { role: 'status' });
    const exports = h('div.choices.figures', { role: 'group', 'aria-label': say('export.button') }, figureButtons(root, 'study', status), status);
    return h('div.bar', {}, sets, ratios, state.measure ? h('label.st-choice', {}, h('span.label', {}, say('studies.faithful')), ' ', choice) : null, x, published, exports);
  }

  function verdict() {
    const told = part().verdicts[state.measure];
    if (!told) return h('p.summary', { 'aria-live': 'polite' }, say('studies.told.nothing'));
    return h(
      'div.st-verdict',
      { data: { outcome: told.outcome } },
      h('p.summary', { 'aria-live': 'polite' }, h('span.st-sign', { 'aria-hidden': 'true' }, OUTCOMES[told.outcome]), ` ${told.said[spoken()]}`, help('paradox') ?? ''),
      told.items[spoken()].length ? h('ul.st-items', {}, told.items[spoken()].map((item) => h('li', {}, item))) : null,
      h('p.hint', {}, say('studies.rule')),
      ['not_overwriting', 'divergences'].includes(state.measure) ? h('p.hint.st-caution', {}, say('studies.caution')) : null,
    );
  }

  /** The panels in their order: key, title, and what draws each. */
  function panels() {
    const { payload } = state;
    const draws = state.x === 'size' ? (m) => bySize(root, payload, part(), m, state.ratios, state.published ? payload.published.map((p, k) => ({ ...p, number: k + 1 })) : []) : (m) => byDirections(root, payload, part(), m, state.ratios);
    const measures = ['bleu', state.measure].filter((m) => m && payload.measures.includes(m));
    const known = state.x === 'size' ? payload.measures : truncated(payload, part());
    const others = Object.keys(payload.faithful).filter((m) => known.includes(m)).map(name).join(', ');
    const none = say('studies.directions.none', { names: others || '–' });
    return measures.map((m, k) => (known.includes(m) ? { key: `size-${k}`, title: name(m), figure: () => draws(m) } : { key: `size-${k}`, title: name(m), none }));
  }

  function pairs() {
    const { payload } = state;
    return PAIRS.flatMap(([x, ys]) => {
      const y = ys.find((one) => payload.measures.includes(one));
      return y && payload.measures.includes(x) ? [{ key: `pair-${x}`, title: `${name(x)} ↔ ${name(y)}`, figure: () => scatter(root, payload, part(), x, y, state.ratios), below: relations(part(), own(x), y) }] : [];
    });
  }

  function place({ key, title, none, below }) {
    if (!plots.has(key)) plots.set(key, h('div.plot'));
    return h('section.panel', { data: { panel: key }, 'aria-label': title }, h('h2', {}, title), none ? h('p.hint', {}, none) : plots.get(key), below ? h('div.grid-scroll', {}, below) : null);
  }

  function tables(payload) {
    const change = (next, focus) => set(next, focus);
    const download = (kind, type) => h('button', { type: 'button', onclick: () => save(part()[kind], `study.${kind === 'csv' ? 'csv' : 'tex'}`, `${type};charset=utf-8`) }, kind === 'csv' ? 'CSV' : 'LaTeX');
    const asked = hasAsked(payload) ? group('dimensions', [true, false].map((one) => press(`asked-${one}`, one === state.asked, say(`studies.dimensions.${one ? 'asked' : 'divergences'}`), () => ({ asked: one })))) : null;
    const told = part().verdicts[state.measure];
    return [
      h('section.st-part', {}, h('header', {}, h('h2', {}, say('studies.matrix')), help('paradox') ?? ''), h('div.grid-scroll', {}, matrix(payload, part(), state.measure, (measure) => set({ measure }, `[data-choose="${measure}"]`)) ?? h('p.hint', {}, say('studies.told.nothing'))), told?.comparisons.length ? h('details.numbers', {}, h('summary', {}, say('studies.compared')), h('div.grid-scroll', {}, comparisons(told.comparisons))) : null),
      h('section.st-part', {}, h('header', {}, h('h2', {}, say('studies.table')), asked, h('div.choices', { role: 'group', 'aria-label': say('export.button') }, download('csv', 'text/csv'), download('latex', 'text/plain'))), h('div.grid-scroll', {}, paperTable(payload, part(), state.ratios, state, change))),
    ];
  }

  function facts(payload) {
    const counts = say('studies.counts', { inspections: integer(payload.inspections), failed: integer(payload.failed), questions: integer(payload.questions) });
    return h('p.hint.st-facts', {}, h('strong', {}, payload.title), ` · ${counts}`, payload.left_out ? ` · ${say('studies.sets.more', { n: payload.left_out })}` : '', payload.commands.map((one) => h('code', {}, one)));
  }

  function picker() {
    const input = h('input', { type: 'file', accept: '.parquet', multiple: true, hidden: true, 'aria-label': say('studies.own') });
    input.addEventListener('change', () => input.files.length && load([...input.files]));
    const back = state.payload?.own ? h('button', { type: 'button', onclick: () => ask(null) }, say('studies.back')) : null;
    const values = { most: integer(bounds.bytes / 1e6), rows: integer(bounds.rows), questions: integer(bounds.questions) };
    return h('p.picker', {}, h('button.own', { type: 'button', onclick: () => input.click() }, say('studies.own')), input, ' ', back, ' ', h('span.hint', {}, say('studies.own.hint', values)));
  }

  async function load(files) {
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size > bounds.bytes) return set({ error: { own: true, said: say('studies.own.large', { size: integer(Math.ceil(size / 1e6)), most: integer(bounds.bytes / 1e6) }) } });
    ask(await Promise.all(files.map(async (file) => ({ name: file.name, data: await base64(file) }))));
  }

  function base64(file) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
      reader.onerror = reject;
      reader.readAsDataURL(file);
    });
  }

  function draw() {
    const { payload, error, busy } = state;
    const open = [...root.querySelectorAll('details[open]')].map((d) => d.className);
    const message = error ? h(error.own ? 'p.message' : 'p.welcome', { role: error.own ? 'alert' : 'status' }, error.said) : null;
    const waiting = busy ? h('p.waiting', { role: 'status' }, say('studies.busy')) : null;
    const shown = payload ? [...panels(), ...pairs()] : [];
    const cut = payload ? panels().length : 0;
    root.replaceChildren(
      ...[
        h('p.hint.about', {}, say('studies.about'), ' ', say('studies.dimensions.what')),
        message,
        waiting,
        ...(payload
          ? [
              verdict(),
              bar(payload),
              h('div.curves', {}, shown.slice(0, cut).map(place)),
              state.published && state.x === 'size' ? publishedList(payload) : null,
              ...tables(payload),
              shown.length > cut ? h('section.st-part', {}, h('header', {}, h('h2', {}, say('studies.relations'))), h('p.hint', {}, say('studies.relations.hint')), h('div.curves', {}, shown.slice(cut).map(place))) : null,
              facts(payload),
            ]
          : []),
        picker(),
      ].filter(Boolean),
    );
    root.querySelectorAll('details').forEach((d) => (d.open = open.includes(d.className)));
    if (!window.Plotly || !root.clientWidth) return;
    for (const { key, figure } of shown.filter((one) => one.figure)) {
      const { traces, layout } = figure();
      window.Plotly.react(plots.get(key), traces, layout, { ...CONFIG, ...plotWords() });
    }
  }

  watch('value', receive);
  for (const kind of ['dragover', 'drop']) {
    root.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (kind === 'drop') load([...event.dataTransfer.files]);
    });
  }
  const again = () => state.payload && draw();
  if (!window.Plotly) document.querySelector('script[src*="plotly"]')?.addEventListener('load', again); // it is large, and may come later
  new MutationObserver(again).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  let width = 0;
  let asked = false;
  new ResizeObserver(() => {
    if (!root.clientWidth || root.clientWidth === width) return;
    width = root.clientWidth;
    if (!asked) ask(null);
    asked = true;
    again();
  }).observe(root);
  receive();
}
