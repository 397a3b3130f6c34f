// The ledger of differences in meaning: grouped by drift dimension, a row each, with both wordings and how sure it is.

import { entityList } from './entities.js';
import { help } from './help.js';
import { h, nameTag, percent, reason, say, series } from './dom.js';
import { chip, dimensionOf, DIMENSIONS, kindName } from './kinds.js';
import { focusOf } from './meaning.js';

const FIRST = 12; // rows of a group shown at first

const quote = (text) => (text === null || text === undefined ? h('span.absent', {}, say('view.ledger.absent')) : h('q', { dir: 'auto' }, text));

/** A probability that may be that of several words, so far below a percent. */
export function odds(p) {
  if (p >= 0.001) return percent(p);
  if (!p) return '0';
  const [digits, power] = p.toExponential(0).split('e');
  return `${digits}·10${[...String(Number(power))].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('')}`;
}

/** The same in one line, where the prior is not to blame: what came back against the source. */
const oddsLine = (found) =>
  h(
    'span.odds-line',
    {},
    h('span', {}, say('view.odds.order')),
    ['memory', 'prior', 'unigram'].map((who) => h('span', {}, `${say(`view.odds.${who}`)} ${odds(found[who][1])} : ${odds(found[who][0])}`)),
  );

/** Was it the prior? A badge, and the probabilities of both wordings in place. */
function overwriting(item) {
  if (item.overwriting === null && !item.odds) return null;
  return h(
    'div.overwriting',
    {},
    item.overwriting === null ? null : h(`span.badge-word.${item.overwriting ? 'yes' : 'no'}`, {}, say(item.overwriting ? 'view.overwritten' : 'view.not_overwritten')),
    item.odds && !item.overwriting ? oddsLine(item.odds) : null,
    item.odds && item.overwriting
      ? h(
          'table.odds',
          { 'aria-label': say('view.odds') },
          h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, say('view.odds')), h('th', { scope: 'col' }, quote(item.quotes[1])), h('th', { scope: 'col' }, quote(item.quotes[0])))),
          h(
            'tbody',
            {},
            ['memory', 'prior', 'unigram'].map((who) => {
              const [source, told] = item.odds[who];
              const cell = (p, likelier) => h('td', {}, likelier ? h('strong', {}, odds(p)) : odds(p));
              return h('tr', {}, h('th', { scope: 'row' }, say(`view.odds.${who}`)), cell(told, told > source), cell(source, source > told));
            }),
          ),
        )
      : null,
  );
}

function row({ id, column, index, item }, several, state, tell) {
  const dimension = dimensionOf(item);
  return h(
    'li',
    {},
    h(
      `div.row.d-${dimension}.${item.severity}`,
      { role: 'button', tabIndex: -1, data: { row: id }, 'aria-current': state.current === id ? 'true' : null },
      h(
        'div.facts',
        {},
        chip(item.kind, dimension, item.severity, item.change),
        h('strong', {}, kindName(item.kind)),
        h('span', {}, say(`change.${item.change}`)),
        h(`span.severity.${item.severity}`, {}, say(`severity.${item.severity}`)),
        h('span.sure', {}, say(`sure.${item.sure}`)),
        several ? nameTag(column, index) : null,
      ),
      h('p.sentence', { dir: 'auto' }, tell(item)),
      h('p.quotes', {}, h('span.from', {}, h('small', {}, say('view.ledger.source')), ' ', quote(item.quotes[0])), h('span.to', {}, h('small', {}, say('view.ledger.told')), ' ', quote(item.quotes[1]))),
      overwriting(item),
    ),
  );
}

/** `entries` are the visible ones, in the order of the ledger: see meaning.js. */
export function ledger(payload, entries, total, state, actions, tell) {
  const checked = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.meaning);
  if (!checked.length) return null;
  const focus = focusOf(payload, state);
  const judged = entries.some(({ item }) => item.overwriting !== null || item.odds);
  const several = entries.some((e) => e.index !== entries[0].index);
  const groups = [...Object.keys(DIMENSIONS), 'other'].map((dimension) => [dimension, entries.filter((e) => dimensionOf(e.item) === dimension)]).filter(([, found]) => found.length);
  const reasons = checked.filter(({ column }) => column.meaning.reason && column.meaning.items.some((i) => ['substituted', 'swapped'].includes(i.change) && i.overwriting === null));
  return h(
    'section.ledger',
    { 'aria-label': say('view.ledger') },
    h('header', {}, h('h2', {}, say('view.ledger'), h('span.count', {}, ` ${entries.length}`)), h('p.hint', {}, say('view.ledger.hint')), judged ? h('span.hint', {}, say('measure.overwriting.name'), help('overwriting')) : null),
    groups.length
      ? null
      : h(
          'p.empty',
          {},
          total ? say('view.ledger.hidden', { n: total }) : say('view.ledger.none'),
          total ? h('button.clear', { type: 'button', onclick: actions.clear }, say('view.ledger.clear')) : null,
        ),
    groups.map(([dimension, found]) => {
      const open = state.open.includes(dimension) || found.slice(FIRST).some((e) => e.id === state.current);
      const shown = open ? found : found.slice(0, FIRST);
      return h(
        'div.group',
        { data: { dimension } },
        h(
          'h3',
          {},
          say(`dimension.${dimension}`),
          checked.map(({ column, index }) => {
            const n = found.filter((e) => e.index === index).length;
            return n && checked.length > 1 ? h('span.tally', { style: { '--series': series(index).css }, title: column.name }, h('span.sign', { 'aria-hidden': 'true' }, series(index).sign), ` ${column.name} ${n}`) : null;
          }),
          checked.length > 1 ? null : h('span.count', {}, ` ${found.length}`),
        ),
        h('ol.rows', {}, shown.map((entry) => row(entry, several, state, tell))),
        shown.length < found.length ? h('button.more', { type: 'button', onclick: () => actions.more(dimension) }, say('view.ledger.more', { n: found.length - shown.length })) : null,
      );
    }),
    reasons.map(({ column, index }) => h('p.reason', {}, checked.length > 1 ? nameTag(column, index) : null, ' ', say('view.overwriting.reason'), help('overwriting'), ' ', reason(column.meaning.reason))),
    checked.filter(({ index }) => focus === 'all' || focus === index).map(({ column, index }) => entityList(column, index, checked.length > 1)),
    checked.slice(0, 1).map(({ column }) => h('p.hint', {}, column.meaning.pipeline ? say('view.pipeline', { pipeline: column.meaning.pipeline }) : say('view.pipeline.none'))),
  );
}
