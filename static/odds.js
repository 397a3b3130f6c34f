// Other words in the place of the source's own: how likely each is with memory, at every ratio, and without.

import { h, integer, nameTag, number, percent, reason, say, series } from './dom.js';
import { help } from './help.js';
import { family, panel, rowName } from './probe.js';

const LONGEST = 80; // letters of a selection that is taken for words

export function mount(element, props, watch, { names, lists }) {
  return panel(element, props, watch, 'odds', (tools) => build(tools, names, lists));
}

function build(tools, names, lists) {
  const field = (name) => h('input', { type: 'text', id: `odds-${name}`, placeholder: say(`odds.${name}.hint`), autocomplete: 'off', spellcheck: false });
  const [words, others] = [field('words'), field('others')];
  let typed = false; // what was typed gives way to a selection in the source, not to a token that is clicked
  words.addEventListener('input', () => (typed = words.value !== ''));
  const state = { told: null, place: -1 }; // -1: the mean
  const compressors = () => tools.payload().columns.map((c) => c.name).filter((name) => names.includes(rowName(name)));
  const score = () => tools.ask({ words: words.value, others: others.value, compressors: compressors() });
  [words, others].forEach((input) => input.addEventListener('keydown', (event) => event.key === 'Enter' && !event.isComposing && score()));
  const take = (text, selected = false) => {
    const marked = text.trim();
    if ((selected || !typed) && marked && marked.length <= LONGEST) words.value = marked;
  };
  follow(tools, take);
  const fill = (list) => {
    others.value = lists[list].join(', ');
    if (words.value) score();
  };
  const label = (input, name) => h('label', { for: input.id, htmlFor: input.id }, h('span', {}, say(`odds.${name}`)), input);
  const ready = h('div.lists', { role: 'group', 'aria-label': say('odds.lists') }, h('span', {}, say('odds.lists')), Object.keys(lists).map((list) => h('button', { type: 'button', data: { list }, onclick: () => fill(list) }, say(`odds.list.${list}`))));
  const redraw = () => tools.results.replaceChildren(...shown(tools.payload(), state, (place) => {
    state.place = place;
    redraw();
    tools.results.querySelector(`[data-place="${place}"]`)?.focus();
  }));
  return {
    head: [h('header', {}, h('h2', {}, say('odds.title')), help('odds')), h('p.hint', {}, say('odds.hint'))],
    controls: [label(words, 'words'), label(others, 'others'), h('button.go', { type: 'button', onclick: score }, say('odds.score')), ready],
    follow: () => compressors().length > 0,
    update(told) {
      if (!told.readings) return state.told ? redraw() : tools.results.replaceChildren(h('p.waiting', {}, say('view.stopped')));
      if (told.words !== state.told?.words || JSON.stringify(told.others) !== JSON.stringify(state.told?.others)) state.place = -1;
      state.told = told;
      return redraw();
    },
  };
}

/** What the reader marks becomes the words: a selection in the source or in the text box, or the token that is pinned. */
function follow(tools, take) {
  const inSource = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest('#compare-view .column.pinned .text');
  document.addEventListener('selectionchange', () => {
    const box = document.activeElement;
    if (box?.matches('#source textarea')) return take(box.value.slice(box.selectionStart, box.selectionEnd));
    const selection = document.getSelection();
    const text = selection.rangeCount && !selection.isCollapsed && inSource(selection.anchorNode);
    if (!text) return null;
    // Whole words, and none of the letters that mark differences among them.
    const chosen = [...text.querySelectorAll('.w[data-s]')].filter((word) => selection.containsNode(word, true)).map((word) => Number(word.dataset.s));
    return chosen.length ? take(between(tools.payload(), Math.min(...chosen), Math.max(...chosen)), true) : null;
  });
  document.addEventListener('click', (event) => {
    const token = event.target.closest?.('#compare-view :is(.cell, .column.pinned .w)');
    const at = Number(token?.dataset.s ?? -1);
    if (at >= 0 && document.getSelection().isCollapsed) take(between(tools.payload(), at, at));
  });
}

const between = (payload, first, last) =>
  payload.source.words.slice(first, last + 1).map(([gap, word], index) => (index ? gap : '') + word).join('');

function shown(payload, state, choose) {
  const { told, place } = state;
  if (!told.readings.length) return [h('p.waiting', {}, say('odds.running'))];
  const groups = new Map();
  told.readings.forEach((reading) => groups.set(family(reading.name), [...(groups.get(family(reading.name)) ?? []), reading]));
  const places = told.readings.find((reading) => reading.occurrences.length)?.occurrences ?? [];
  return [places.length > 1 ? chooser(told, places, place, choose) : null, ...[...groups].map(([name, readings]) => group(payload, told, name, readings, place))].filter(Boolean);
}

function chooser(told, places, place, choose) {
  const button = (index, content) => h('button', { type: 'button', data: { place: index }, 'aria-pressed': String(index === place), onclick: () => choose(index) }, content);
  return h('div.places', { role: 'group', 'aria-label': say('odds.places') }, button(-1, say('odds.mean', { n: places.length })), places.map(({ around }, index) => button(index, [`${index + 1}  `, h('bdi', {}, `…${around[0]}`, h('b', {}, told.words), `${around[1]}…`)])));
}

const rowsOf = (reading, place) => (place < 0 && reading.occurrences.length !== 1 ? reading.mean : (reading.occurrences[Math.max(place, 0)]?.candidates ?? []));

function group(payload, told, name, readings, place) {
  const index = Math.max(0, payload.columns.findIndex((column) => family(column.name) === name));
  const scored = readings.map((reading) => ({ reading, rows: new Map(rowsOf(reading, place).map((row) => [row.words, row])) })).filter(({ rows }) => rows.size);
  const notes = Object.assign({}, ...readings.flatMap((r) => [r.reasons, ...(place < 0 ? r.occurrences : r.occurrences.slice(place, place + 1)).map((o) => o.reasons)]));
  const candidates = [told.words, ...told.others];
  const apart = (word) => readings.some((r) => r.occurrences.some((o) => o.candidates.find((c) => c.words === word)?.comparable === false));
  const title = h('h3', {}, nameTag({ name }, index));
  const why = Object.entries(notes).map(([name, told]) => h('p.hint', {}, name === 'tied' ? '* ' : '', reason(told)));
  if (!scored.length) return h('div.family', {}, title, why);
  const prior = scored[0].rows;
  const heads = [h('th', { scope: 'col' }, say('odds.candidate')), ...scored.map(({ reading }) => h('th', { scope: 'col' }, `${integer(reading.ratio)}×`)), h('th', { scope: 'col' }, h('span.sign', { 'aria-hidden': 'true' }, '○'), ' ', say('odds.prior'))];
  const bar = (share, kind) => h(`td.odd.${kind}`, {}, h('span.bar', { style: { '--p': share ?? 0 } }), h('span.p', {}, share === null || share === undefined ? '–' : percent(share)));
  return h(
    'div.family',
    { style: { '--series': series(index).css } },
    title,
    h('div.grid-scroll', {}, h('table.odds-table', {}, h('thead', {}, h('tr', {}, heads)), h('tbody', {}, candidates.map((word) =>
      h('tr', { className: word === told.words ? 'actual' : '' },
        h('th', { scope: 'row' }, h('bdi', {}, word), apart(word) ? h('span.star', { title: reason(notes.tied) }, '*') : null, word === told.words ? h('small', {}, ` ${say('view.pin.source')}`) : null),
        scored.map(({ rows }) => bar(rows.get(word)?.memory_share, rows.get(word) && apart(word) ? 'memory.loose' : 'memory')),
        bar(prior.get(word)?.prior_share, 'prior')),
    )))),
    why,
    numbers(candidates, scored, prior, place),
  );
}

/** The same in nats: sums, means of a token, and to the end of the window where one place is shown. */
function numbers(candidates, scored, prior, place) {
  const whole = [...prior.values()].some((row) => row.tokens !== null && row.tokens !== undefined);
  const sides = [...scored.map(({ reading, rows }) => [`${integer(reading.ratio)}×`, rows, 'memory']), [say('odds.prior'), prior, 'prior']];
  const kinds = [['', 'odds.nats'], ['_per_token', 'odds.nats.token'], ...(whole ? [['_full', 'odds.nats.full']] : [])];
  return h('details.numbers', {}, h('summary', {}, say('odds.numbers')), h('div.grid-scroll', {}, h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, say('odds.candidate')), whole ? h('th', { scope: 'col' }, say('odds.tokens')) : null, kinds.flatMap(([, key]) => sides.map(([name]) => h('th', { scope: 'col' }, h('small', {}, say(key)), h('br'), name))))),
    h('tbody', {}, candidates.map((word) => h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, word)), whole ? h('td', {}, integer(prior.get(word)?.tokens)) : null, kinds.flatMap(([suffix]) => sides.map(([, rows, side]) => h('td.nats', {}, number(rows.get(word)?.[side + suffix], 2))))))),
  )));
}
