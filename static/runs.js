// Words and numbers of the Training page: what the curves do, run by run, and the same as a table.

import { amount, PANELS, title } from './curves.js';
import { h, integer, number, reason, say, spoken } from './dom.js';

const ROWS = 40; // of a run in the table, at most

/** How many of the runs shown go as the paper's do; runs with too few points count on neither side. */
export function summary(runs, ratio) {
  const shapes = runs.map((run) => run.shape[ratio]).filter(Boolean);
  const falls = runs.map((run) => run.fell[ratio]).filter((fell) => fell !== null && fell !== undefined);
  const parts = [];
  if (shapes.length) parts.push(say('training.summary.erank', { ratio, n: shapes.filter((s) => s === 'rise_fall').length, all: shapes.length }));
  if (falls.length) parts.push(say('training.summary.entropy', { n: falls.filter(Boolean).length, all: falls.length }));
  return parts.length ? parts.join(' ') : say('training.summary.few', { ratio });
}

/** A paragraph for each run: what its curves do, what it started from, and what it cost. */
export function each(runs, ratio, actions) {
  if (!runs.length) return null;
  return h('section.each', {}, h('h2', {}, say('training.each')), h('p.hint', {}, say('training.replay.hint')), runs.map((run) => about(run, ratio, actions)));
}

function about(run, ratio, { replay, remove }) {
  const said = run.said[ratio]?.[spoken()] ?? [];
  const tokens = amount(run.tokens.at(-1) ?? 0);
  const rows = run.rows[ratio];
  return h(
    'article',
    { data: { run: run.name } },
    h('h3', {}, title(run), run.own ? h('button', { type: 'button', onclick: () => remove(run) }, say('training.own.remove')) : null),
    said.map((sentence) => h('p.said', {}, sentence)),
    h('p', {}, h('strong', {}, say('training.start')), ' ', reason(run.start) ?? say('training.start.unsaid')),
    h(
      'p.hint',
      {},
      run.parameters ? say('training.facts', { tokens, parameters: amount(run.parameters) }) : say('training.facts.unsaid', { tokens }),
      run.machine ? ` · ${say('training.machine')}: ${reason(run.machine)}` : null,
      run.columns[`erank_batch_${ratio}`] ? ` · ${rows ? say('training.rows', { rows: integer(rows) }) : say('training.rows.unsaid')}` : null,
    ),
    run.command ? h('p.hint', {}, `${say('training.command')}: `, h('code', {}, run.command)) : null,
    checkpoints(run, ratio, replay),
  );
}

function checkpoints(run, ratio, replay) {
  if (!run.checkpoints.length) return null;
  const one = (c) => {
    const values = { address: c.address, tokens: amount(c.tokens) };
    if (!c.at[ratio]) return h('li.hint', {}, say('training.replay.absent', values));
    return h('li', {}, h('button', { type: 'button', data: { replay: c.address }, onclick: () => replay(c.at[ratio]) }, `★ ${say('training.replay.one', values)}`));
  };
  const all = run.all[ratio];
  const every = all && h('li', {}, h('button', { type: 'button', data: { replay: 'all' }, onclick: () => replay(all) }, `★★ ${say('training.replay.all')}`));
  return h('ul.checkpoints', { 'aria-label': say('training.replay') }, run.checkpoints.map(one), every);
}

/** Rows of a long log evenly spaced, the first and the last among them. */
export function thinned(count) {
  if (count <= ROWS) return [...Array(count).keys()];
  return Array.from({ length: ROWS }, (_, i) => Math.round((i * (count - 1)) / (ROWS - 1)));
}

export function numbers(runs, ratio) {
  const panels = PANELS.filter((panel) => runs.some((run) => run.columns[panel.column(ratio)]));
  if (!panels.length) return null;
  const value = (panel, v) => (v === null || v === undefined ? '–' : panel.format.endsWith('%') ? `${number(100 * v, 1)}%` : number(v, 2));
  const heads = [say('training.x'), ...panels.map((p) => say(`training.${p.name}`) + (p.unit ? ` (${say(`training.${p.unit}`)})` : ''))];
  const tables = runs.map((run) => {
    const kept = thinned(run.tokens.length);
    const few = kept.length < run.tokens.length ? h('span.hint', {}, ' ', say('training.table.thinned', { shown: kept.length, all: run.tokens.length })) : null;
    const line = (i) => h('tr', {}, h('th', { scope: 'row' }, integer(run.tokens[i])), panels.map((p) => h('td', {}, value(p, run.columns[p.column(ratio)]?.[i]))));
    return h('table', {}, h('caption', {}, title(run), ` ${ratio}×`, few), h('thead', {}, h('tr', {}, heads.map((t) => h('th', { scope: 'col' }, t)))), h('tbody', {}, kept.map(line)));
  });
  return h('details.numbers', {}, h('summary', {}, say('training.table')), h('div.grid-scroll', {}, tables));
}
