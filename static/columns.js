// Verdicts, the pinned source, and a column for each compressor: marks, badges, links between words.

import { help } from './help.js';
import { h, integer, nameTag, number, reason, say, series, spoken } from './dom.js';
import { waitingColumn } from './loads.js';
import { fillMarked } from './marks.js';
import { focusOf, sourceMarks, stepper, tell, toldMarks, viewOf } from './meaning.js';

const KINDS = { '=': 'kept', '~': 'substituted', '-': 'dropped', '+': 'added', '?': 'pending' };
const SIGNS = { '~': '≠', '-': '−', '+': '+' };

// name, digits, unit, whether more is better (1), worse (-1) or neither (0)
const BADGES = [
  ['entities', 0, '', 1],
  ['numbers', 0, '', 1],
  ['role_f1', 1, '%', 1],
  ['bleu', 1, '', 1],
  ['chrf', 1, '', 1],
  ['rouge_l', 1, '', 1],
  ['exact_prefix', 1, '%', 1],
  ['token_accuracy', 1, '%', 1],
  ['erank', 2, '', 0],
  ['entropy', 3, ' bit', -1],
  ['seconds', 2, ' s', 0],
];

/** One sentence on a column: what changed in meaning, or while that is not known, in words. */
export function verdict(column) {
  if (column.error) return reason(column.error);
  const c = column.counts;
  if (column.status === 'stopped') return say('view.stopped');
  if (column.meaning) return column.meaning.verdict[spoken()];
  if (!c || column.status !== 'done') return say(`view.status.${column.status}`);
  const changed = c.substituted + c.dropped + c.added;
  if (!changed) return say('view.verdict.same', c);
  const parts = ['substituted', 'dropped', 'added'].filter((k) => c[k]).map((k) => say(`view.verdict.${k}`, { n: c[k] }));
  return `${say('view.verdict.kept', c)}, ${parts.join(', ')}.`;
}

const harm = (column) =>
  column.error ? Infinity : column.meaning ? 1 + column.meaning.harm : column.counts ? (column.counts.substituted + column.counts.dropped + column.counts.added) / Math.max(column.counts.words, 1) : -1;

export function verdicts(payload) {
  const order = payload.columns.map((column, index) => ({ column, index })).sort((a, b) => harm(b.column) - harm(a.column));
  return h(
    'ol.verdicts',
    { 'aria-label': say('view.verdicts') },
    order.map(({ column, index }) =>
      h(
        'li',
        { data: { status: column.status } },
        nameTag(column, index),
        h('span.sentence', {}, verdict(column)),
        bar(column),
      ),
    ),
  );
}

/** Shares of kept, substituted, dropped and added words; or progress while decoding. */
function bar(column) {
  if (column.status !== 'done' || !column.counts) {
    return column.error || ['stopped', 'unloaded'].includes(column.status) ? null : h('progress', { max: 1, value: column.progress, 'aria-label': say('view.progress') });
  }
  const c = column.counts;
  const total = Math.max(1, c.words + c.added);
  return h(
    'span.shares',
    { role: 'img', 'aria-label': say('view.words', c), title: say('view.words', c) },
    ['kept', 'substituted', 'dropped', 'added'].map((k) => (c[k] ? h(`span.${k}`, { style: { 'flex-grow': c[k] / total } }) : null)),
  );
}

function badgeRow(column, reference, isBaseline, pair) {
  const b = column.badges;
  const size = b.vectors
    ? [
        [b.ratio_requested && Math.abs(b.ratio - b.ratio_requested) > 0.05 ? `${number(b.ratio)}× (${b.ratio_requested}×)` : `${number(b.ratio)}×`, 'ratio'],
        [b.width ? `${integer(b.vectors)} × ${integer(b.width)}` : say('view.tokens', { n: integer(b.vectors) }), 'vectors'],
        [say('view.bits', { memory: integer(b.bits_memory), text: integer(b.bits_text) }), 'bits'],
      ]
    : [];
  const scores = BADGES.filter(([name]) => !pair || (name !== 'exact_prefix' && (b[name] ?? null) !== null)).map(([name, digits, unit, better]) => {
    const of = Array.isArray(b[name]); // [kept, all]
    const value = of && !b[name][1] ? null : b[name];
    const missing = value === null || value === undefined;
    const note = of && missing ? say('view.none.entities') : reason(column.notes[{ entropy: 'trace', erank: 'spectrum', entities: 'retention', numbers: 'retention', role_f1: 'retention' }[name] ?? name]);
    let shown = missing ? '–' : of ? `${value[0]}/${value[1]}` : `${number(value, digits)}${unit}`;
    let delta = null;
    if (!missing && reference && !isBaseline && reference[name] !== null && reference[name] !== undefined) {
      const change = of ? value[0] - reference[name][0] : value - reference[name];
      const sign = change > 0 ? '▲' : change < 0 ? '▼' : '=';
      const tone = better && change ? (change * better > 0 ? 'better' : 'worse') : 'even';
      delta = h(`span.delta.${tone}`, {}, ` ${sign}${number(Math.abs(change), digits)}`);
    }
    if (name === 'erank' && !missing) shown += ` / ${integer(b.rows)}`;
    return h('div.badge', { data: { name }, title: missing && note ? note : null }, h('dt', {}, say(`measure.${name}.name`), help(name, missing ? note : null)), h('dd', {}, shown, delta));
  });
  return h(
    'dl.badges',
    {},
    size.map(([text, name]) => h('div.badge.size', { data: { name } }, h('dt', {}, say(`measure.${name}.name`), help(name, name === 'vectors' ? reason(column.notes.memory) : null)), h('dd', {}, text))),
    scores,
  );
}

/** A word with its mark: a row of `marks` in inspector/views/compare.py. */
export function mark([kind, source, gap, text, was, letters]) {
  const word = h(`span.w.${KINDS[kind]}`, { data: { s: source, k: kind }, tabIndex: -1 });
  if (SIGNS[kind]) {
    const label = kind === '~' ? say('view.mark.substituted', { now: text, was }) : say(`view.mark.${KINDS[kind]}`, { word: text });
    word.setAttribute('role', 'mark');
    word.setAttribute('aria-label', label);
    word.dataset.tip = label;
    word.append(h('span.sign', { 'aria-hidden': 'true' }, SIGNS[kind]));
  }
  const parts = letters ? letters.map(([changed, part]) => (changed ? h('b', {}, part) : part)) : [text];
  word.append(h({ '-': 'del', '+': 'ins' }[kind] ?? 'span', {}, parts));
  return [document.createTextNode(gap), word];
}

/** Where a window of the source begins: a small number, once, at the first word at or after its beginning. */
function windowSigns(column) {
  const starts = column.windows.slice(1).map(([first, vectors], i) => [first, i + 2, vectors]);
  return (word) => {
    if (word < 0 || !starts.length || word < starts[0][0]) return null;
    const [, n, vectors] = starts.shift();
    const label = say('view.window', { n, vectors });
    return h('span.window', { data: { tip: label }, role: 'separator', 'aria-label': label }, String(n));
  };
}

function body(column, index, state, view) {
  const text = h('div.text', { dir: 'auto' });
  const failed = column.error ? h('p.failed', {}, reason(column.error)) : null;
  if (failed && !column.marks.length) return [failed];
  if (column.card) return [waitingColumn(column.card)];
  if (!column.marks.length) return [h('p.waiting', {}, say(`view.status.${column.status}`))];
  const sign = windowSigns(column);
  if (view === 'meaning' && column.meaning) {
    text.classList.add('meant');
    fillMarked(text, column.meaning.words, column.meaning.tail, toldMarks(column, index, state), tell, sign);
  } else {
    for (const row of column.marks) text.append(...[sign(row[1])].filter(Boolean), ...mark(row));
  }
  return [failed, text];
}

function sourceSection(payload, state, view, actions) {
  const source = h('div.text', { dir: 'auto' });
  if (view === 'meaning') source.classList.add('meant');
  const words = payload.source.words.map(([gap, word], index) => [gap, word, index]);
  fillMarked(source, words, payload.source.tail, view === 'meaning' ? sourceMarks(payload, state) : [], tell);
  const focus = focusOf(payload, state);
  const whose = view === 'meaning' && payload.columns.length > 1 ? h('span.hint', {}, say('view.marks'), ' ', focus === 'all' ? say('view.focus.all') : nameTag(payload.columns[focus], focus)) : null;
  return h('section.column.pinned', { 'aria-label': say('view.source') }, h('header', {}, h('h3', {}, say('view.source')), whose, payload.pair ? null : measures(state, actions)), source);
}

/** Columns show the measures that are read most, or all of them. */
const measures = (state, actions) =>
  h('button.measures', { type: 'button', 'aria-pressed': String(state.measures), title: say('view.measures.hint'), onclick: actions.measures }, say('view.measures'));

/** How much of the memory was read, where it was truncated. */
function truncated(column) {
  const t = column.truncation;
  if (t) return h('p.truncated', {}, say('view.truncated', { kept: integer(t.kept), of: integer(t.of), energy: number(t.energy, t.energy > 99 && t.energy < 100 ? 1 : 0) }), help('truncation'));
  return column.notes.truncation ? h('p.truncated.absent', {}, say('view.truncated.none')) : null;
}

/** What a public compressor's card says to whoever reads the reconstruction, and how its self-test went. */
function told(column) {
  const { limits, self_test: test } = column.notes;
  if (!limits && !test) return null;
  return h('p.limits-told', {}, reason(limits) ?? say('measure.self_test.name'), test ? help('self_test', reason(test)) : null);
}

function section(column, index, { reference, chosen, alone, pair }, state, view, actions) {
  return h(
    'section.column',
    { data: { column: index, status: column.status }, style: { '--series': series(index).css }, 'aria-label': column.name },
    h(
      'header',
      {},
      h('h3', {}, nameTag(column, index)),
      h(
        'span.acts',
        {},
        alone || column.card
          ? null
          : h(
              'button.baseline',
              { type: 'button', 'aria-pressed': String(chosen), title: say('view.baseline.hint'), onclick: () => actions.baseline(index) },
              say('view.baseline'),
            ),
        h('button.flag', { type: 'button', title: say('annotate.flag.hint'), onclick: () => window.inspector.flag?.(index, pair ? 'pair' : 'compare') }, say('annotate.do.flag')),
      ),
    ),
    truncated(column),
    told(column),
    column.card ? null : badgeRow(column, reference, chosen, pair),
    body(column, index, state, view),
  );
}

/** Put `next` in the place of `old`; scroll and focus stay where the reader has them. */
function swap(old, next) {
  const top = old.querySelector('.text')?.scrollTop ?? 0;
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const like = ['.w', '.head'].find((kind) => held?.matches(kind)) ?? 'button';
  const at = held ? [...old.querySelectorAll(like)].indexOf(held) : -1;
  old.replaceWith(next);
  const text = next.querySelector('.text');
  if (text) text.scrollTop = top;
  if (at >= 0) next.querySelectorAll(like)[at]?.focus({ preventScroll: true });
}

/** Source and columns, in one element for the whole life of the view; an update touches only the columns that changed. */
export function createTexts(actions) {
  const node = h('div.texts');
  let drawn = [];

  function place(at, key, make) {
    if (drawn[at] === key) return;
    const old = node.children[at];
    if (old) swap(old, make());
    else node.append(make());
    drawn[at] = key;
  }

  /** `state` keeps what the reader chose: kinds of difference, the baseline. */
  function update(payload, state) {
    node.dataset.only = state.only.join(' ');
    node.classList.toggle('few', !payload.pair && !state.measures);
    const view = viewOf(payload, state);
    const shown = view === 'meaning' ? [state.kinds, state.severities, state.cell?.dimension] : null;
    const marked = shown && [shown, focusOf(payload, state), payload.columns.map((c) => c.meaning?.items)];
    place(0, JSON.stringify([spoken(), payload.source, state.measures, marked]), () => sourceSection(payload, state, view, actions));
    payload.columns.forEach((column, index) => {
      const chosen = state.baseline === index;
      const reference = state.baseline === null ? null : payload.columns[state.baseline]?.badges;
      const look = { reference, chosen, alone: payload.columns.length < 2, pair: payload.pair };
      const key = JSON.stringify([spoken(), look, shown, { ...column, heat: null, spectrum: null, progress: 0 }]);
      place(index + 1, key, () => section(column, index, look, state, view, actions));
    });
    while (node.children.length > payload.columns.length + 1) node.lastChild.remove();
    drawn = drawn.slice(0, node.children.length);
  }

  return { node, update };
}

/** The legend of the word marks, which filters. */
export function legend(state, actions) {
  const entry = (kind) =>
    h(
      `button.key.${KINDS[kind]}`,
      { type: 'button', 'aria-pressed': String(state.only.includes(KINDS[kind])), title: say('view.legend.hint'), onclick: () => actions.filter(KINDS[kind]) },
      SIGNS[kind] ? h('span.sign', { 'aria-hidden': 'true' }, SIGNS[kind]) : null,
      h({ '-': 'del', '+': 'ins' }[kind] ?? 'span', {}, say(`view.kind.${KINDS[kind]}`)),
    );
  return [entry('='), entry('~'), entry('-'), entry('+'), stepper(actions)];
}
