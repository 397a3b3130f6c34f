// Heatmap over the source's tokens, a block for each compressor on one common scale, and the pinned token's panel.

import { carrierLegend, carrierLine, carry } from './carriers.js';
import { help } from './help.js';
import { h, integer, nameTag, number, percent, reason, say, visible } from './dom.js';

// Steps of cividis (Nuñez, Anderton & Renslow 2018), light = low; text is black or white, at least 4.5:1 on each.
// The lowest step is left unpainted: most tokens are near zero, and the eye should go to those that are not.
const STEPS = ['transparent', '#e1cc55', '#c3b369', '#a59c74', '#8a8678', '#707173', '#575d6d', '#3b496c', '#123570'];
const INK = ['inherit', '#000', '#000', '#000', '#000', '#fff', '#fff', '#fff', '#fff'];
// Diverging for signed gain: vermillion (memory hurts), unpainted, blue (memory helps).
const SIGNED = ['#a63c00', '#d98a5f', '#f3d3c0', 'transparent', '#c9dcea', '#7fb2d6', '#2f86bd', '#0a5f96', '#063f66'];
const SIGNED_INK = ['#fff', '#000', '#000', 'inherit', '#000', '#000', '#000', '#fff', '#fff'];

/** A token inside a character carries the whole character's span: what an earlier token showed is not shown again. */
function part(tokens, index) {
  const [start, , text] = tokens[index];
  const shown = index ? tokens[index - 1][1] - start : 0;
  return shown > 0 ? [...text].slice(shown).join('') : text;
}

function step(value, mode, scale) {
  if (value === null || value === undefined) return -1;
  if (mode !== 'gain') return Math.min(8, Math.floor((9 * value) / scale[mode]));
  if (Math.abs(value) < scale.gain / 16) return 3;
  return value < 0 ? Math.max(0, 2 + Math.ceil((3 * value) / scale.gain)) : Math.min(8, 4 + Math.floor((5 * value) / scale.gain));
}

const ROWS = 9; // candidates shown; more only where a column's own first choice would be missing

const palette = (mode) => (mode === 'gain' ? [SIGNED, SIGNED_INK] : [STEPS, INK]);

/** A block's cells; `state` holds mode and unit. */
export function cells(payload, column, state) {
  const heat = column.heat;
  const tokens = payload.tokenisations[heat.tokens];
  const [colours, inks] = palette(state.mode);
  const flow = h('div.flow', { dir: 'auto' });
  const named = state.mode === 'carrier';
  const cell = (text, value, index, word) => {
    const node = h('span.cell', { data: { t: index, s: word }, tabIndex: -1 }, text);
    if (named) return carry(node, value);
    const at = step(value, state.mode, scaleOf(payload, state));
    if (at >= 0) {
      node.style.background = colours[at];
      node.style.color = inks[at];
    }
    return node;
  };
  if (state.unit === 'word') {
    const first = new Map();
    tokens.forEach(([, , , word], index) => word >= 0 && !first.has(word) && first.set(word, index));
    const values = (named ? heat.carriers?.words : heat.words[state.mode]) ?? [];
    payload.source.words.forEach(([gap, word], index) => {
      flow.append(gap.includes('\n') ? h('br') : gap && ' ', cell(word, values[index], first.get(index) ?? 0, index));
    });
  } else {
    const values = (named ? heat.carriers?.tokens : heat[state.mode]) ?? [];
    tokens.forEach(([, , text, word], index) => {
      flow.append(cell(visible(part(tokens, index) || '·'), values[index], index, word));
      if (text.includes('\n')) flow.append(h('br'));
      else flow.append(h('wbr'));
    });
  }
  return flow;
}

const scaleOf = (payload, state) => (state.unit === 'word' ? payload.word_scale : payload.scale);

export function scaleLegend(payload, state) {
  const [colours, inks] = palette(state.mode);
  const top = scaleOf(payload, state)[state.mode];
  const labels = state.mode === 'gain' ? [`−${number(top)}`, '', '', '0', '', '', '', '', `≥ ${number(top)}`] : colours.map((_, i) => (i === 8 ? `≥ ${number((8 * top) / 9)}` : number((i * top) / 9)));
  return h(
    'div.scale',
    { 'aria-label': say('view.scale') },
    colours.map((c, i) => h('span', { style: { background: c, color: inks[i] } }, labels[i])),
    h('span.unit', {}, say('view.scale.note'), state.unit === 'word' ? `; ${say('view.unit.note')}` : null),
  );
}

/** The heatmaps with their controls; `state` holds mode, unit and pin. */
export function heatmaps(payload, state, actions) {
  const ready = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.heat);
  const absent = payload.columns.filter((c) => !c.heat && c.notes.trace);
  if (!ready.length && !absent.length) return null;
  const choice = (group, value, label, helped) =>
    h('span.choice', {}, h('button', { type: 'button', data: { choice: value }, 'aria-pressed': String(state[group] === value), onclick: () => actions.set(group, value) }, label), helped ? help(value) : null);
  return h(
    'section.heat',
    { 'aria-label': say('view.heat') },
    h(
      'header',
      {},
      h('h2', {}, say('view.heat')),
      h('div.choices', { role: 'group' }, ['entropy', 'surprisal', 'gain', 'carrier'].map((m) => choice('mode', m, say(`measure.${m}.name`), true))),
      h('div.choices', { role: 'group' }, ['token', 'word'].map((u) => choice('unit', u, say(`view.unit.${u}`)))),
    ),
    !ready.length ? null : state.mode === 'carrier' ? carrierLegend(state.unit) : scaleLegend(payload, state),
    h('p.hint', {}, say('view.heat.hint')),
    h('div.pin', { 'aria-live': 'polite' }),
    ready.map(({ column, index }) => h('div.block', { data: { column: index } }, h('h3', {}, nameTag(column, index)), state.mode === 'carrier' ? carrierLine(column.heat.carriers) : null, cells(payload, column, state))),
    absent.map((c) => h('p.absent', {}, h('strong', {}, c.name), ' ', reason(c.notes.trace))),
  );
}

/** The pinned token: which list of tokens, and which of them; null where the payload has it no more. */
export function pinned(payload, pin) {
  const ready = payload.columns.filter((c) => c.heat);
  const home = payload.columns[pin.column]?.heat ?? ready[0]?.heat;
  const token = home && payload.tokenisations[home.tokens][pin.token];
  return token ? { list: home.tokens, index: pin.token, token } : null;
}

/** Tokens of a list that stand where the pinned one stands: itself, or by code points where the tokenizer differs. */
export function tokensAt(payload, list, pin) {
  if (list === pin.list) return [pin.index];
  const [start, end] = pin.token;
  return payload.tokenisations[list].flatMap((t, i) => (t[0] < end && t[1] > start ? [i] : []));
}

function listAt(rows, actual, index, columnProbability) {
  const found = new Map(); // tokens that look alike, such as pieces of a character, count together
  rows[index].forEach(([text, p]) => found.set(text, (found.get(text) ?? 0) + p));
  const least = rows[index].length ? rows[index][rows[index].length - 1][1] : 1;
  if (!found.has(actual)) found.set(actual, columnProbability);
  return { found, least };
}

/** Alternatives for one token: a row for each candidate, a column for each compressor and the prior, bars to one scale. */
export function pinPanel(payload, state) {
  if (!state.pin) return h('p.empty', {}, say('view.pin.empty'));
  const pin = pinned(payload, state.pin);
  if (!pin) return null;
  const actual = pin.token[2];
  const side = (head, source, gain, rank, prior) => {
    const [at] = tokensAt(payload, source.tokens, pin);
    if (at === undefined) return null;
    const own = payload.tokenisations[source.tokens][at][2];
    const numbers = { entropy: source.entropy[at], surprisal: source.surprisal[at], gain: gain?.[at] ?? null, rank: rank?.[at] };
    return { head, prior, own, numbers, ...listAt(source.alternatives, own, at, 2 ** -source.surprisal[at]) };
  };
  const ready = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.heat);
  const priors = [...new Set(ready.map(({ column }) => column.heat.prior))].filter((p) => p !== null);
  const sides = [
    ...ready.map(({ column, index }) => side(nameTag(column, index), column.heat, column.heat.gain, column.heat.rank, false)),
    ...priors.map((p) => side(priorTag(ready, p, priors.length > 1), payload.priors[p], null, null, true)),
  ].filter(Boolean);
  const best = new Map();
  sides.forEach((s) => s.found.forEach((p, text) => best.set(text, Math.max(best.get(text) ?? 0, s.prior ? p * 0.5 : p))));
  const order = [...best.entries()].sort((a, b) => b[1] - a[1]).map(([text]) => text);
  const kept = new Set([actual, ...sides.flatMap((s) => [s.own, [...s.found].sort((a, b) => b[1] - a[1])[0][0]])]);
  order.forEach((text) => kept.size < ROWS && kept.add(text));
  const rows = [actual, ...order.filter((text) => text !== actual && kept.has(text))];
  return h(
    'div.pin-panel',
    {},
    h('h3', {}, say('view.pin.title'), ' ', h('mark', {}, visible(actual)), h('span.before', {}, say('view.pin.after', { text: before(payload.tokenisations[pin.list], pin.index) }))),
    h(
      'div.grid-scroll',
      {},
      h(
        'table.alternatives',
        {},
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, say('view.pin.candidate')), sides.map((s) => h('th', { scope: 'col' }, s.head)))),
        h(
          'tbody',
          {},
          rows.map((text) =>
            h(
              'tr',
              { className: text === actual ? 'actual' : '' },
              h('th', { scope: 'row' }, visible(text), text === actual ? h('small', {}, say('view.pin.source')) : null),
              sides.map((s) => {
                const p = s.found.get(text);
                const shown = p === undefined ? `<${percent(s.least).replace('<', '')}` : percent(p);
                return h('td', { className: text === s.own ? 'own' : '' }, h('span.bar', { style: { '--p': p ?? 0 } }), h('span.p', { className: p === undefined ? 'p bound' : 'p' }, shown));
              }),
            ),
          ),
        ),
        h(
          'tfoot',
          {},
          ['rank', 'surprisal', 'entropy', 'gain'].map((name) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, say(`measure.${name}.name`), help(name)),
              sides.map((s) => h('td', {}, name === 'rank' ? integer(s.numbers.rank) : s.numbers[name] === null ? '–' : `${number(s.numbers[name], 2)} bit`)),
            ),
          ),
        ),
      ),
    ),
    order.length > rows.length ? h('p.hint', {}, say('view.pin.more', { n: order.length - rows.length })) : null,
  );
}

const before = (tokens, index) => {
  const from = Math.max(0, index - 10);
  return Array.from({ length: index - from }, (_, i) => part(tokens, from + i)).join('');
};

/** Head of a prior's column; where decoders differ, it names the compressors whose prior it is. */
function priorTag(ready, prior, several) {
  const names = ready.filter(({ column }) => column.heat.prior === prior).map(({ column }) => column.name);
  const name = say('measure.prior.name') + (several ? ` (${names.join(', ')})` : '');
  return h('span.name.prior', {}, h('span.sign', { 'aria-hidden': 'true' }, '○'), name, help('prior'));
}
