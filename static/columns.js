// Verdicts, the pinned source, and a column for each compressor: marks, badges, links between words.

import { help } from './help.js';
import { h, integer, nameTag, number, say, series, spoken } from './dom.js';

const KINDS = { '=': 'kept', '~': 'substituted', '-': 'dropped', '+': 'added', '?': 'pending' };
const SIGNS = { '~': '≠', '-': '−', '+': '+' };

// name, digits, unit, whether more is better (1), worse (-1) or neither (0)
const BADGES = [
  ['bleu', 1, '', 1],
  ['chrf', 1, '', 1],
  ['rouge_l', 1, '', 1],
  ['exact_prefix', 1, '%', 1],
  ['token_accuracy', 1, '%', 1],
  ['erank', 2, '', 0],
  ['entropy', 3, ' bit', -1],
  ['seconds', 2, ' s', 0],
];

/** One sentence on a column, from its counts. */
function verdict(column) {
  if (column.error) return column.error;
  const c = column.counts;
  if (column.status === 'stopped') return say('view.stopped');
  if (!c || column.status !== 'done') return say(`view.status.${column.status}`);
  const changed = c.substituted + c.dropped + c.added;
  if (!changed) return say('view.verdict.same', c);
  const parts = ['substituted', 'dropped', 'added'].filter((k) => c[k]).map((k) => say(`view.verdict.${k}`, { n: c[k] }));
  return `${say('view.verdict.kept', c)}, ${parts.join(', ')}.`;
}

const harm = (column) =>
  column.error ? Infinity : column.counts ? (column.counts.substituted + column.counts.dropped + column.counts.added) / Math.max(column.counts.words, 1) : -1;

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
    return column.error || column.status === 'stopped' ? null : h('progress', { max: 1, value: column.progress, 'aria-label': say('view.progress') });
  }
  const c = column.counts;
  const total = Math.max(1, c.words + c.added);
  return h(
    'span.shares',
    { 'aria-hidden': 'true' },
    ['kept', 'substituted', 'dropped', 'added'].map((k) => (c[k] ? h(`span.${k}`, { style: { 'flex-grow': c[k] / total } }) : null)),
  );
}

function badgeRow(column, reference, isBaseline) {
  const b = column.badges;
  const size = b.vectors
    ? [
        [b.ratio_requested && Math.abs(b.ratio - b.ratio_requested) > 0.05 ? `${number(b.ratio)}× (${b.ratio_requested}×)` : `${number(b.ratio)}×`, 'ratio'],
        [b.width ? `${integer(b.vectors)} × ${integer(b.width)}` : say('view.tokens', { n: integer(b.vectors) }), 'vectors'],
        [say('view.bits', { memory: integer(b.bits_memory), text: integer(b.bits_text) }), 'bits'],
      ]
    : [];
  const scores = BADGES.map(([name, digits, unit, better]) => {
    const value = b[name];
    const missing = value === null || value === undefined;
    const note = column.notes[{ entropy: 'trace', erank: 'spectrum' }[name] ?? name];
    let shown = missing ? '–' : `${number(value, digits)}${unit}`;
    let delta = null;
    if (!missing && reference && !isBaseline && reference[name] !== null && reference[name] !== undefined) {
      const change = value - reference[name];
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
    size.map(([text, name]) => h('div.badge.size', { data: { name } }, h('dt', {}, say(`measure.${name}.name`), help(name)), h('dd', {}, text))),
    scores,
  );
}

function mark([kind, source, gap, text, was, letters]) {
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

function body(column) {
  const starts = new Map(column.windows.slice(1).map(([first, vectors], i) => [first, [i + 2, vectors]]));
  const text = h('div.text', { dir: 'auto' });
  if (column.error) return h('p.failed', {}, column.error);
  if (!column.marks.length) return h('p.waiting', {}, say(`view.status.${column.status}`));
  for (const row of column.marks) {
    const begins = starts.get(row[1]);
    if (begins) {
      const label = say('view.window', { n: begins[0], vectors: begins[1] });
      text.append(h('span.window', { data: { tip: label }, role: 'separator', 'aria-label': label }, String(begins[0])));
      starts.delete(row[1]);
    }
    text.append(...mark(row));
  }
  return text;
}

function sourceSection(payload) {
  const source = h('div.text', { dir: 'auto' });
  payload.source.words.forEach(([gap, word], index) => source.append(gap, h('span.w.source', { data: { s: index }, tabIndex: -1 }, word)));
  source.append(payload.source.tail);
  return h('section.column.pinned', { 'aria-label': say('view.source') }, h('header', {}, h('h3', {}, say('view.source'))), source);
}

function section(column, index, { reference, chosen, alone }, actions) {
  return h(
    'section.column',
    { data: { column: index, status: column.status }, style: { '--series': series(index).css }, 'aria-label': column.name },
    h(
      'header',
      {},
      h('h3', {}, nameTag(column, index)),
      alone
        ? null
        : h(
            'button.baseline',
            { type: 'button', 'aria-pressed': String(chosen), title: say('view.baseline.hint'), onclick: () => actions.baseline(index) },
            say('view.baseline'),
          ),
    ),
    badgeRow(column, reference, chosen),
    body(column),
  );
}

/** Put `next` in the place of `old`; scroll and focus stay where the reader has them. */
function swap(old, next) {
  const top = old.querySelector('.text')?.scrollTop ?? 0;
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const like = held?.matches('.w') ? '.w' : 'button';
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
    place(0, JSON.stringify([spoken(), payload.source]), () => sourceSection(payload));
    payload.columns.forEach((column, index) => {
      const chosen = state.baseline === index;
      const reference = state.baseline === null ? null : payload.columns[state.baseline]?.badges;
      const look = { reference, chosen, alone: payload.columns.length < 2 };
      const key = JSON.stringify([spoken(), look, { ...column, heat: null, spectrum: null, progress: 0 }]);
      place(index + 1, key, () => section(column, index, look, actions));
    });
    while (node.children.length > payload.columns.length + 1) node.lastChild.remove();
    drawn = drawn.slice(0, node.children.length);
  }

  return { node, update };
}

export function legend(state, actions) {
  const entry = (kind) =>
    h(
      `button.key.${KINDS[kind]}`,
      { type: 'button', 'aria-pressed': String(state.only.includes(KINDS[kind])), title: say('view.legend.hint'), onclick: () => actions.filter(KINDS[kind]) },
      SIGNS[kind] ? h('span.sign', { 'aria-hidden': 'true' }, SIGNS[kind]) : null,
      h({ '-': 'del', '+': 'ins' }[kind] ?? 'span', {}, say(`view.kind.${KINDS[kind]}`)),
    );
  return h(
    'div.legend',
    { role: 'toolbar', 'aria-label': say('view.legend') },
    entry('='),
    entry('~'),
    entry('-'),
    entry('+'),
    h(
      'span.jump',
      {},
      h('button.prev', { type: 'button', title: 'p', 'aria-label': say('view.previous'), onclick: () => actions.jump(-1) }, '‹ p'),
      h('output.where', { 'aria-live': 'polite' }, ''),
      h('button.next', { type: 'button', title: 'n', 'aria-label': say('view.next'), onclick: () => actions.jump(1) }, 'n ›'),
    ),
  );
}
