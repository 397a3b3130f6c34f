// Tables of the Studies page: the paper's shape with intervals, what was compared, correlations, published figures.

import { amount } from './curves.js';
import { h, integer, say } from './dom.js';
import { name, said, shown } from './studies-figures.js';

const DIMENSIONS = ['entity_list', 'role_binding', 'modifier_scope', 'coreference', 'predicate_exactness', 'relation_anchor', 'main_topic'];
const PLACES = ['name', 'parameters', 'ratio', 'truncate', 'texts'];
const SIGNS = { up: '↗', down: '↘', turns: '↕', open: '·' };
export const OUTCOMES = { shows: '▲', absent: '○', mixed: '◆', untold: '–' };

/** Measures of the table: dimensions by what a probe asked, or by divergences. */
function columns(payload, asked) {
  const other = asked ? DIMENSIONS : DIMENSIONS.map((d) => `${d}_accuracy`);
  return Object.keys(payload.heads).filter((m) => !other.includes(m) && payload.measures.includes(m));
}

export const hasAsked = (payload) => payload.measures.some((m) => m.endsWith('_accuracy') && DIMENSIONS.includes(m.replace('_accuracy', '')));

/** `state`: { sort, down } is kept by the page; `change` draws anew. */
export function paperTable(payload, part, ratios, state, change) {
  const measures = columns(payload, state.asked);
  const several = payload.truncations.length > 1;
  const places = PLACES.filter((p) => p !== 'truncate' || several);
  const rows = payload.configurations.map((c, k) => ({ c, k })).filter(({ c, k }) => ratios.has(c.ratio) && (part.texts[k] || measures.some((m) => part.values[m]?.[k])));
  const value = ({ c, k }) => (state.sort === 'texts' ? part.texts[k] : PLACES.includes(state.sort) ? c[state.sort] : part.values[state.sort]?.[k]?.[0]);
  if (state.sort) {
    rows.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === y) return a.k - b.k;
      if (x === null || x === undefined) return 1;
      if (y === null || y === undefined) return -1;
      return (x < y ? -1 : 1) * (state.down ? -1 : 1);
    });
  }
  const head = (key, text) => {
    const sorted = state.sort === key;
    const click = () => change({ sort: sorted && state.down ? null : key, down: sorted ? !state.down : false }, `[data-sort="${key}"]`);
    return h('th', { scope: 'col', 'aria-sort': sorted ? (state.down ? 'descending' : 'ascending') : 'none' }, h('button.st-sort', { type: 'button', data: { sort: key }, onclick: click }, text, h('span', { 'aria-hidden': 'true' }, sorted ? (state.down ? ' ↓' : ' ↑') : '')));
  };
  const cell = (measure, told) => {
    if (!told) return h('td', {}, '–');
    const [, low, high] = told;
    return h('td', { title: said(payload, measure, told) }, shown(payload, measure, told[0]), low === null ? null : h('small', {}, `${shown(payload, measure, low)}–${shown(payload, measure, high)}`));
  };
  const line = ({ c, k }) =>
    h('tr', {}, h('th', { scope: 'row' }, c.name), h('td', {}, c.parameters ? amount(c.parameters) : '–'), h('td', {}, `${c.ratio}×`), several ? h('td', {}, c.truncate ?? say('studies.whole')) : null, h('td', {}, integer(part.texts[k])), measures.map((m) => cell(m, part.values[m]?.[k])));
  const unit = (m) => (payload.shares.includes(m) ? ' %' : '');
  const title = (m) => (DIMENSIONS.includes(m.replace('_accuracy', '')) ? say(`dimension.${m.replace('_accuracy', '')}.short`) : name(m)) + unit(m);
  return h('table.st-paper', {}, h('caption', {}, say('studies.table.caption')), h('thead', {}, h('tr', {}, places.map((p) => head(p, say(`studies.head.${p}`))), measures.map((m) => head(m, title(m))))), h('tbody', {}, rows.map(line)));
}

/** Every measure of faithfulness at every ratio: which way it goes with size, and what follows. */
export function matrix(payload, part, chosen, choose) {
  if (!part.cells.length) return null;
  const way = (row, k) => {
    const outcome = row.outcomes?.[k];
    const words = say(`studies.way.${row.ways[k]}`);
    return h('td', { data: { way: row.ways[k], outcome: outcome ?? '' } }, h('span', { 'aria-hidden': 'true' }, `${SIGNS[row.ways[k]]} `), words, outcome ? h('small', {}, `${OUTCOMES[outcome]} ${say(`studies.outcome.${outcome}`)}`) : null);
  };
  const line = (row) =>
    h('tr', { data: { measure: row.measure } }, h('th', { scope: 'row' }, row.measure === 'bleu' ? name('bleu') : h('button', { type: 'button', data: { choose: row.measure }, 'aria-pressed': String(row.measure === chosen), onclick: () => choose(row.measure) }, name(row.measure))), part.cells.map((_, k) => way(row, k)));
  return h('table.st-matrix', {}, h('caption', {}, say('studies.matrix.caption')), h('thead', {}, h('tr', {}, h('th', {}), part.cells.map((c) => h('th', { scope: 'col' }, c)))), h('tbody', {}, part.matrix.map(line)));
}

const small = (p) => (p === null ? '–' : p >= 0.001 ? p.toFixed(3) : p.toExponential(0));

/** The differences that the verdict rests on. */
export function comparisons(rows) {
  const line = (row) =>
    h('tr', {}, h('th', { scope: 'row' }, `${row.ratio}×`), h('td', {}, name(row.measure)), h('td', {}, `${row.smaller} → ${row.larger}`), h('td', {}, row.said), h('td', {}, row.interval ? say('studies.to', { low: row.interval[0], high: row.interval[1] }) : '–'), h('td', {}, integer(row.n)), h('td', {}, small(row.p)), h('td', {}, h(row.sign ? 'strong' : 'span', {}, small(row.p_holm))));
  const heads = ['ratio', 'measure', 'sizes', 'difference', 'interval', 'texts', 'p', 'holm'];
  return h('table', {}, h('caption', {}, say('studies.compared.caption')), h('thead', {}, h('tr', {}, heads.map((key) => h('th', { scope: 'col' }, say(`studies.head.${key}`))))), h('tbody', {}, rows.map(line)));
}

/** Correlations under a scatter: each ratio, and all of them with the ratio held fixed. */
export function relations(part, x, y) {
  const rows = part.relations.filter((r) => r.x === x && r.y === y);
  const ratios = [...new Set(rows.map((r) => r.ratio))];
  const cell = (row) => {
    if (!row) return h('td', {}, '–');
    if (row.value === null) return h('td', {}, row.n < row.needed ? say('studies.relation.few', { n: row.n, needed: row.needed }) : say('studies.relation.undefined', { n: row.n }));
    const value = row.value.toFixed(2).replace('-', '−');
    const bounds = row.low === null ? '' : ` (${say('studies.to', { low: row.low.toFixed(2).replace('-', '−'), high: row.high.toFixed(2).replace('-', '−') })})`;
    return h('td', {}, `${value}${bounds}, n = ${row.n}`);
  };
  const of = (ratio, held) => rows.find((r) => r.ratio === ratio && r.held === held);
  const line = (ratio) => h('tr', {}, h('th', { scope: 'row' }, ratio === null ? say('studies.relation.all') : `${ratio}×`), cell(of(ratio, null)), cell(of(ratio, 'tokens_trained')));
  return h('table.st-relations', {}, h('thead', {}, h('tr', {}, h('th', {}), h('th', { scope: 'col' }, say('studies.relation.plain')), h('th', { scope: 'col' }, say('studies.relation.tokens')))), h('tbody', {}, ratios.map(line)));
}

/** Published figures in words, with their sources; they stand beside ours and enter no figure of ours. */
export function publishedList(payload) {
  const line = (p) => {
    const values = { compressor: p.compressor, measure: p.what, value: p.value, scale: p.scale === 100 ? '0–100' : '0–1', data: p.data };
    return h('li', {}, `[${p.number}] ${say('studies.published.line', values)}${p.ratio ? `, ${p.ratio}×` : ''}. `, say(`studies.published.${p.hand}`), ` ${p.source}`, p.note ? ` (${p.note})` : '');
  };
  return h('div.st-published', {}, h('p.hint', {}, say('studies.published.hint')), h('ul', {}, payload.published.map((p, k) => line({ ...p, number: k + 1 }))));
}
