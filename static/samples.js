// Reconstructions drawn several times: which divergences come back, how often, and every telling to be read.

import { mark } from './columns.js';
import { h, number, percent, reason, say } from './dom.js';
import { help } from './help.js';
import { chip, dimensionOf, kindName } from './kinds.js';
import { panel, rowName } from './probe.js';

const LONGEST = [72, 48]; // letters shown in the table of the source's words, and of what came back
const FEW = 12; // rows of the table before it is unfolded

export function mount(element, props, watch, { names, samples }) {
  return panel(element, props, watch, 'samples', (tools) => build(tools, names, samples));
}

function build(tools, names, count) {
  const which = h('select', { id: 'samples-compressor' });
  const temperature = h('input', { type: 'range', id: 'samples-temperature', min: '0.1', max: '2', step: '0.1', value: '1' });
  const value = h('output', { for: temperature.id }, number(1));
  temperature.addEventListener('input', () => (value.textContent = number(Number(temperature.value))));
  const state = { made: null, telling: 0, all: false };
  const draw = () => tools.ask({ compressor: which.value, temperature: Number(temperature.value), seed: 0 });
  const redraw = (focus) => {
    tools.results.replaceChildren(...shown(state, redraw));
    if (focus) tools.results.querySelector(focus)?.focus();
  };
  return {
    head: [h('header', {}, h('h2', {}, say('samples.title')), help('samples')), h('p.hint', {}, say('samples.hint'))],
    controls: [
      h('label', { htmlFor: which.id }, h('span', {}, say('samples.compressor')), which),
      h('label.slider', { htmlFor: temperature.id }, h('span', {}, say('samples.temperature')), h('span', {}, temperature, value)),
      h('button.go', { type: 'button', onclick: draw }, say('samples.draw', { n: count })),
    ],
    follow(payload) {
      const able = payload.columns.map((c) => c.name).filter((name) => names.includes(rowName(name)));
      const known = [...which.options].map((o) => o.value);
      if (JSON.stringify(known) !== JSON.stringify(able)) {
        const before = which.value;
        which.replaceChildren(...able.map((name) => h('option', { value: name }, name)));
        which.value = able.includes(before) ? before : able[0];
      }
      return able.length > 0;
    },
    update(told) {
      if (told.made) Object.assign(state, { made: told.made, telling: 0, all: false });
      if (state.made) redraw();
      else tools.results.replaceChildren(h('p.waiting', {}, say(told.status === 'stopped' ? 'view.stopped' : 'samples.running')));
    },
  };
}

function shown(state, redraw) {
  const { made } = state;
  const drawn = made.tellings.length - 1;
  const rows = made.recurring.filter((r) => r.severity !== 'acceptable');
  const always = rows.filter((r) => r.severity === 'serious' && r.samples === drawn).length;
  const sentence = say('samples.sentence', { name: made.compressor, n: drawn, t: number(made.temperature), agreement: percent(made.agreement ?? 1), always });
  return [h('p.sentence', {}, sentence), rows.length ? table(rows, drawn, state, redraw) : h('p.hint', {}, say('samples.none')), made.note ? h('p.hint', {}, reason(made.note)) : null, tellings(state, redraw)].filter(Boolean);
}

function table(rows, drawn, state, redraw) {
  const seen = state.all ? rows : rows.slice(0, FEW);
  const short = (text, most) => h('bdi', [...text].length > most ? { title: text } : {}, [...text].length > most ? `${[...text].slice(0, most).join('')}…` : text);
  const nothing = () => h('i', {}, say('view.ledger.absent'));
  const row = (r) => {
    const dimension = dimensionOf(r);
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, h(`span.d-${dimension}`, {}, chip(r.kind, dimension, r.severity)), h('span.kind-name', {}, kindName(r.kind)), ' ', r.words ? short(r.words, LONGEST[0]) : nothing()),
      h('td.odd', {}, h('span.bar', { style: { '--p': r.frequency } }), h('span.p', {}, `${r.samples} / ${drawn}`)),
      h('td', {}, r.greedy ? say('samples.greedy.yes') : '–'),
      h('td.variants', {}, r.variants.map(([text, n]) => h('span.variant', {}, text ? short(text, LONGEST[1]) : nothing(), n > 1 ? h('small', {}, ` ×${n}`) : null))),
    );
  };
  const more = () => {
    state.all = true;
    redraw();
  };
  return h(
    'div',
    {},
    h('div.grid-scroll', {}, h('table.recurring', {}, h('thead', {}, h('tr', {}, ['what', 'often', 'greedy', 'variants'].map((c) => h('th', { scope: 'col' }, say(`samples.${c}`))))), h('tbody', {}, seen.map(row)))),
    seen.length < rows.length ? h('button.more', { type: 'button', onclick: more }, say('view.ledger.more', { n: rows.length - seen.length })) : null,
  );
}

/** One telling at a time, with its marks and what it changes. */
function tellings(state, redraw) {
  const { made } = state;
  const told = made.tellings[state.telling];
  const choose = (index) => {
    state.telling = index;
    redraw(`[data-telling="${index}"]`);
  };
  const button = ({ serious, minor }, index) => {
    const name = index ? say('samples.telling', { n: index }) : say('samples.greedy');
    const tally = say('samples.tally', { serious, minor });
    return h('button', { type: 'button', data: { telling: index }, 'aria-pressed': String(index === state.telling), title: tally, 'aria-label': `${name}: ${tally}` }, name, h('small', {}, ` ${serious}`));
  };
  const buttons = made.tellings.map(button);
  buttons.forEach((node, index) => node.addEventListener('click', () => choose(index)));
  const text = h('div.text', { dir: 'auto' }, told.marks.flatMap(mark));
  const sentences = told.sentences.map(([kind, dimension, severity, change, said]) => {
    const shape = dimensionOf({ dimension });
    return h('li', {}, h(`span.d-${shape}`, {}, chip(kind, shape, severity, change)), ' ', h('bdi', {}, said));
  });
  return h('div.tellings', {}, h('div.places', { role: 'group', 'aria-label': say('samples.read') }, h('span', {}, say('samples.read')), buttons), h('div.telling', {}, text, sentences.length ? h('ul', {}, sentences) : null));
}
