// Heatmap over the source's tokens, a block for each compressor on one common scale, and the pinned token's panel.

import { help } from './help.js';
import { h, integer, nameTag, number, percent, say, visible } from './dom.js';

// Steps of cividis (Nuñez, Anderton & Renslow 2018), light = low; text is black or white, at least 4.5:1 on each.
// The lowest step is left unpainted: most tokens are near zero, and the eye should go to those that are not.
const STEPS = ['transparent', '#e1cc55', '#c3b369', '#a59c74', '#8a8678', '#707173', '#575d6d', '#3b496c', '#123570'];
const INK = ['inherit', '#000', '#000', '#000', '#000', '#fff', '#fff', '#fff', '#fff'];
// Diverging for signed gain: vermillion (memory hurts), unpainted, blue (memory helps).
const SIGNED = ['#a63c00', '#d98a5f', '#f3d3c0', 'transparent', '#c9dcea', '#7fb2d6', '#2f86bd', '#0a5f96', '#063f66'];
const SIGNED_INK = ['#fff', '#000', '#000', 'inherit', '#000', '#000', '#000', '#fff', '#fff'];

function step(value, mode, scale) {
  if (value === null || value === undefined) return -1;
  if (mode !== 'gain') return Math.min(8, Math.floor((9 * value) / scale[mode]));
  if (Math.abs(value) < scale.gain / 16) return 3;
  return value < 0 ? Math.max(0, 2 + Math.ceil((3 * value) / scale.gain)) : Math.min(8, 4 + Math.floor((5 * value) / scale.gain));
}

const palette = (mode) => (mode === 'gain' ? [SIGNED, SIGNED_INK] : [STEPS, INK]);

function cells(payload, column, state) {
  const heat = column.heat;
  const tokens = payload.tokenisations[heat.tokens];
  const [colours, inks] = palette(state.mode);
  const flow = h('div.flow', { dir: 'auto' });
  const cell = (text, value, index, word) => {
    const at = step(value, state.mode, payload.scale);
    const node = h('span.cell', { data: { t: index, s: word }, tabIndex: -1 }, text);
    if (at >= 0) {
      node.style.background = colours[at];
      node.style.color = inks[at];
    }
    return node;
  };
  if (state.unit === 'word') {
    const first = new Map();
    tokens.forEach(([, , , word], index) => word >= 0 && !first.has(word) && first.set(word, index));
    const values = heat.words[state.mode];
    payload.source.words.forEach(([gap, word], index) => {
      if (gap.includes('\n')) flow.append(h('br'));
      flow.append(' ', cell(word, values[index], first.get(index) ?? 0, index));
    });
  } else {
    const values = heat[state.mode] ?? [];
    tokens.forEach(([, , text, word], index) => {
      flow.append(cell(visible(text), values[index], index, word));
      if (text.includes('\n')) flow.append(h('br'));
      else flow.append(h('wbr'));
    });
  }
  return flow;
}

function scaleLegend(payload, state) {
  const [colours, inks] = palette(state.mode);
  const top = payload.scale[state.mode];
  const labels = state.mode === 'gain' ? [`−${number(top)}`, '', '', '0', '', '', '', '', `≥ ${number(top)}`] : colours.map((_, i) => (i === 8 ? `≥ ${number((8 * top) / 9)}` : number((i * top) / 9)));
  return h(
    'div.scale',
    { 'aria-label': say('view.scale') },
    colours.map((c, i) => h('span', { style: { background: c, color: inks[i] } }, labels[i])),
    h('span.unit', {}, say('view.scale.note')),
  );
}

/** The heatmaps with their controls; `state` holds mode, unit and pin. */
export function heatmaps(payload, state, actions) {
  const ready = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.heat);
  const absent = payload.columns.filter((c) => !c.heat && c.notes.trace);
  if (!ready.length && !absent.length) return null;
  const choice = (group, value, label, helped) =>
    h('span.choice', {}, h('button', { type: 'button', 'aria-pressed': String(state[group] === value), onclick: () => actions.set(group, value) }, label), helped ? help(value) : null);
  return h(
    'section.heat',
    { 'aria-label': say('view.heat') },
    h(
      'header',
      {},
      h('h2', {}, say('view.heat')),
      h('div.choices', { role: 'group' }, ['entropy', 'surprisal', 'gain'].map((m) => choice('mode', m, say(`measure.${m}.name`), true))),
      h('div.choices', { role: 'group' }, ['token', 'word'].map((u) => choice('unit', u, say(`view.unit.${u}`)))),
    ),
    ready.length ? scaleLegend(payload, state) : null,
    h('p.hint', {}, say('view.heat.hint')),
    h('div.pin', { 'aria-live': 'polite' }),
    ready.map(({ column, index }) => h('div.block', { data: { column: index } }, h('h3', {}, nameTag(column, index)), cells(payload, column, state))),
    absent.map((c) => h('p.absent', {}, h('strong', {}, c.name), ' ', c.notes.trace)),
  );
}

/** Column's token that covers the pinned one's code points, whatever its tokenizer. */
function tokenAt(payload, column, [start, end]) {
  const tokens = payload.tokenisations[column.heat.tokens];
  const exact = tokens.findIndex((t) => t[0] === start && t[1] === end);
  return exact >= 0 ? exact : tokens.findIndex((t) => t[0] < end && t[1] > start);
}

function listAt(rows, actual, index, columnProbability) {
  const found = new Map(rows[index]);
  const least = rows[index].length ? rows[index][rows[index].length - 1][1] : 1;
  if (!found.has(actual)) found.set(actual, columnProbability);
  return { found, least };
}

/** Alternatives for one token: a row for each candidate, a column for each compressor and the prior, bars to one scale. */
export function pinPanel(payload, state) {
  if (!state.pin) return h('p.empty', {}, say('view.pin.empty'));
  const ready = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.heat);
  const home = payload.columns[state.pin.column]?.heat ? payload.columns[state.pin.column] : ready[0]?.column;
  if (!home) return null;
  const token = payload.tokenisations[home.heat.tokens][state.pin.token];
  if (!token) return null;
  const sides = ready.map(({ column, index }) => {
    const at = tokenAt(payload, column, token);
    const actual = payload.tokenisations[column.heat.tokens][at][2];
    const heat = column.heat;
    const numbers = { entropy: heat.entropy[at], surprisal: heat.surprisal[at], gain: heat.gain?.[at] ?? null, rank: heat.rank[at] };
    return { head: nameTag(column, index), actual, numbers, ...listAt(heat.alternatives, actual, at, 2 ** -heat.surprisal[at]) };
  });
  const withPrior = home.heat.prior;
  if (withPrior) {
    const at = state.pin.token;
    const numbers = { entropy: withPrior.entropy[at], surprisal: withPrior.surprisal[at], gain: null, rank: null };
    const head = h('span.name.prior', {}, h('span.sign', { 'aria-hidden': 'true' }, '○'), say('measure.prior.name'), help('prior'));
    sides.push({ head, actual: token[2], numbers, ...listAt(withPrior.alternatives, token[2], at, 2 ** -withPrior.surprisal[at]) });
  }
  const best = new Map();
  sides.forEach((s, i) => s.found.forEach((p, text) => best.set(text, Math.max(best.get(text) ?? 0, i === sides.length - 1 && withPrior ? p * 0.5 : p))));
  const order = [...best.entries()].sort((a, b) => b[1] - a[1]).map(([text]) => text);
  const rows = [token[2], ...order.filter((text) => text !== token[2])].slice(0, 8);
  return h(
    'div.pin-panel',
    {},
    h('h3', {}, say('view.pin.title'), ' ', h('mark', {}, visible(token[2])), h('span.before', {}, say('view.pin.after', { text: before(payload, home, state.pin.token) }))),
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
              { className: text === token[2] ? 'actual' : '' },
              h('th', { scope: 'row' }, visible(text), text === token[2] ? h('small', {}, say('view.pin.source')) : null),
              sides.map((s) => {
                const p = s.found.get(text);
                const shown = p === undefined ? `<${percent(s.least).replace('<', '')}` : percent(p);
                return h('td', {}, h('span.bar', { style: { '--p': p ?? 0 } }), h('span.p', { className: p === undefined ? 'p bound' : 'p' }, shown));
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
  );
}

const before = (payload, column, token) => {
  const tokens = payload.tokenisations[column.heat.tokens];
  return tokens
    .slice(Math.max(0, token - 10), token)
    .map((t) => t[2])
    .join('');
};
