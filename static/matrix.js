// Compressor × drift dimension: how many differences in meaning, so that two compressors compare at a glance.

import { help } from './help.js';
import { h, nameTag, say } from './dom.js';
import { chip, DIMENSIONS, dimensionOf, kindName, letter } from './kinds.js';

const count = (items, severity) => items.filter((item) => item.severity === severity).length;

/** Big in its dimension's shape: serious; small after a plus: minor. Letters below tell kinds apart where there are several. */
function field(column, index, dimension, state, actions) {
  if (!column.meaning) return h('td', {}, h('span.field.zero', {}, '…'));
  const items = column.meaning.items.filter((item) => item.severity !== 'acceptable' && (!dimension || dimensionOf(item) === dimension));
  const [serious, minor] = [count(items, 'serious'), count(items, 'minor')];
  const kinds = dimension ? (DIMENSIONS[dimension] ?? []) : [];
  const split = kinds.length > 1 && items.length ? kinds.map((k) => [letter(k), items.filter((i) => i.kind === k).length]).filter(([, n]) => n) : [];
  const name = dimension ? say(`dimension.${dimension}`) : say('view.matrix.all');
  return h(
    'td',
    {},
    h(
      `button.field.d-${dimension ?? 'all'}`,
      {
        type: 'button',
        data: { field: `${index}:${dimension ?? ''}` },
        'aria-pressed': String(Boolean(state.cell) && state.cell.column === index && state.cell.dimension === dimension),
        'aria-label': say('view.matrix.cell', { name: column.name, dimension: name, serious, minor }),
        onclick: () => actions.cell(index, dimension),
      },
      serious ? h('span.shape', {}, String(serious)) : h('span.zero', {}, minor ? '' : '·'),
      minor ? h('span.minor', {}, `+${minor}`) : null,
      split.length ? h('small.split', {}, split.map(([l, n]) => `${l}${n}`).join(' ')) : null,
    ),
  );
}

/** The matrix, or null where no column has been checked; while a run lasts, the others keep their rows, so that nothing below moves. */
export function matrix(payload, state, actions) {
  const waits = (column) => payload.status === 'running' && !column.meaning && !column.error;
  const rows = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.meaning || waits(column));
  if (!rows.length) return null;
  const used = rows.some(({ column }) => column.meaning?.items.some((item) => dimensionOf(item) === 'other'));
  const dimensions = [...Object.keys(DIMENSIONS), ...(used ? ['other'] : [])];
  const harm = ({ column }) => column.meaning?.harm ?? -1;
  rows.sort((a, b) => harm(b) - harm(a));
  return h(
    'section.matrix',
    { 'aria-label': say('view.matrix') },
    h(
      'div.grid-scroll',
      {},
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, say(payload.pair ? 'view.matrix.text' : 'view.matrix.compressor'), help('matrix')),
            dimensions.map((dimension) => {
              const kinds = DIMENSIONS[dimension] ?? [];
              const label = kinds.map((k) => `${letter(k)} ${kindName(k)}`).join(', ');
              return h(
                'th.dimension',
                { scope: 'col', title: `${say(`dimension.${dimension}`)}: ${label}` },
                h('span.chips', {}, kinds.map((kind) => chip(kind, dimension))),
                h('span.label', {}, say(`dimension.${dimension}.short`)),
              );
            }),
            h('th', { scope: 'col' }, say('view.matrix.all')),
          ),
        ),
        h(
          'tbody',
          {},
          rows.map(({ column, index }) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, nameTag(column, index)),
              dimensions.map((dimension) => field(column, index, dimension, state, actions)),
              field(column, index, null, state, actions),
            ),
          ),
        ),
      ),
    ),
    h('p.hint', {}, say('view.matrix.hint')),
  );
}
