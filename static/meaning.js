// What of the differences in meaning is shown: the reader's filters, and the bar that sets them.

import { h, nameTag, say, series, spoken } from './dom.js';
import { chip, dimensionOf, DIMENSIONS, kindName, SEVERITIES } from './kinds.js';

/** The sentence of a divergence in the page's language. */
export const tell = (item) => item.say[spoken()] ?? item.say.en;

/** Filters as they are when the page opens; acceptable rewording is no loss, and hidden. */
export const filters = () => ({ view: null, focus: null, cell: null, kinds: [], severities: ['serious', 'minor'], current: null, open: [] });

const checked = (payload) => payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.meaning);

/** meaning | words: as chosen; else meaning, where there is a difference in meaning to show. */
export function viewOf(payload, state) {
  const found = checked(payload);
  if (!found.length) return 'words';
  return state.view ?? (found.some(({ column }) => column.meaning.items.length) ? 'meaning' : 'words');
}

/** The column whose marks the source carries and whose rows the ledger lists: as chosen, or the worst; or 'all'. */
export function focusOf(payload, state) {
  const found = checked(payload);
  if (!found.length) return null;
  if (found.length === 1) return found[0].index;
  if (state.focus === 'all' || found.some(({ index }) => index === state.focus)) return state.focus;
  return found.reduce((worst, one) => (one.column.meaning.harm > worst.column.meaning.harm ? one : worst)).index;
}

const passes = (item, state) =>
  state.severities.includes(item.severity) && (!state.kinds.length || state.kinds.includes(item.kind)) && (state.cell?.dimension !== 'other' || dimensionOf(item) === 'other');

const within = (payload, state) => {
  const focus = focusOf(payload, state);
  return checked(payload).filter(({ index }) => focus === 'all' || index === focus);
};

const itemsOf = ({ column, index }) => column.meaning.items.map((item, at) => ({ id: `${index}:${at}`, column, index, item }));

/** Visible divergences in the order of the ledger: dimension, severity, then as found, most telling first. */
export function entries(payload, state) {
  const order = [...Object.keys(DIMENSIONS), 'other'];
  return within(payload, state)
    .flatMap(itemsOf)
    .filter(({ item }) => passes(item, state))
    .sort((a, b) => order.indexOf(dimensionOf(a.item)) - order.indexOf(dimensionOf(b.item)) || SEVERITIES.indexOf(a.item.severity) - SEVERITIES.indexOf(b.item.severity));
}

/** All that the focus holds, filters aside. */
export const total = (payload, state) => within(payload, state).flatMap(itemsOf).length;

/** Marks for the text of one column. */
export const toldMarks = (column, index, state) =>
  column.meaning.items
    .map((item, at) => ({ ids: [`${index}:${at}`], item, range: item.told }))
    .filter(({ item, range }) => range && passes(item, state))
    .map(({ ids, item, range }) => ({ ids, item, from: range[0], to: range[1] }));

/** Marks for the source; where all columns share it, equal marks are one, with the signs of their columns. */
export function sourceMarks(payload, state) {
  const focus = focusOf(payload, state);
  const found = new Map();
  for (const { id, index, item } of within(payload, state).flatMap(itemsOf)) {
    if (!item.source || !passes(item, state)) continue;
    const key = focus === 'all' ? JSON.stringify([item.source, item.kind, item.change]) : id;
    const mark = found.get(key) ?? { ids: [], item, from: item.source[0], to: item.source[1], columns: new Set() };
    mark.ids.push(id);
    mark.columns.add(index);
    if (SEVERITIES.indexOf(item.severity) < SEVERITIES.indexOf(mark.item.severity)) mark.item = item;
    found.set(key, mark);
  }
  const signs = (columns) => [...columns].map((i) => h('span.sign.of', { style: { '--series': series(i).css } }, series(i).sign));
  return [...found.values()].map((mark) => ({ ...mark, signs: focus === 'all' ? signs(mark.columns) : null }));
}

const toggle = (label, pressed, onclick, props = {}) => h('button', { type: 'button', 'aria-pressed': String(pressed), onclick, ...props }, label);

/** words | meaning. */
export const viewSwitch = (payload, state, actions) =>
  checked(payload).length
    ? h(
        'span.group.views',
        { role: 'group', 'aria-label': say('view.show') },
        ['meaning', 'words'].map((v) => toggle(say(`view.show.${v}`), viewOf(payload, state) === v, () => actions.view(v), { data: { view: v } })),
      )
    : null;

/** Steps with n and N; the counter says where. */
export const stepper = (actions) =>
  h(
    'span.jump',
    {},
    h('button.prev', { type: 'button', title: 'Shift+n', 'aria-label': say('view.previous'), onclick: () => actions.jump(-1) }, '‹ N'),
    h('output.where', { 'aria-live': 'polite' }, ''),
    h('button.next', { type: 'button', title: 'n', 'aria-label': say('view.next'), onclick: () => actions.jump(1) }, 'n ›'),
  );

/** The bar above the texts: whose differences, which kinds, how severe; a legend that filters. */
export function meaningBar(payload, state, actions) {
  const found = checked(payload);
  const focus = focusOf(payload, state);
  const items = within(payload, state).flatMap(itemsOf).map((e) => e.item);
  const seen = new Map();
  found.flatMap(itemsOf).forEach(({ item }) => seen.set(item.kind, dimensionOf(item)));
  const order = Object.values(DIMENSIONS).flat();
  const kinds = [...seen.keys()].sort((a, b) => (order.indexOf(a) + 99) % 99 - (order.indexOf(b) + 99) % 99);
  return [
    found.length > 1
      ? h(
          'span.group.focus',
          { role: 'group', 'aria-label': say('view.focus') },
          h('span.hint', {}, say('view.focus')),
          found.map(({ column, index }) => toggle(nameTag(column, index), focus === index, () => actions.focus(index), { data: { focus: index } })),
          toggle(say('view.focus.all'), focus === 'all', () => actions.focus('all'), { data: { focus: 'all' } }),
        )
      : null,
    h(
      'span.group.severities',
      { role: 'group', 'aria-label': say('view.severity') },
      SEVERITIES.map((s) => {
        const n = items.filter((item) => item.severity === s).length;
        return toggle([h(`span.line.${s}`, { 'aria-hidden': 'true' }), `${say(`severity.${s}`)} ${n}`], state.severities.includes(s), () => actions.severity(s), { data: { severity: s }, disabled: !n && s === 'acceptable' && !state.severities.includes(s) });
      }),
    ),
    kinds.length
      ? h(
          'span.group.kinds',
          { role: 'group', 'aria-label': say('view.kinds') },
          kinds.map((kind) => toggle([chip(kind, seen.get(kind)), kindName(kind)], state.kinds.includes(kind), () => actions.kind(kind), { data: { kind }, title: say('view.legend.hint') })),
        )
      : null,
  ];
}
