// The five screens of a case on the stage: source, reconstruction, divergences, spectrum, entropy. No Gradio.

import { mark, verdict } from './columns.js';
import { h, integer, nameTag, number, percent, reason, say, visible } from './dom.js';
import { cells, scaleLegend } from './heatmap.js';
import { chip, dimensionOf, kindName } from './kinds.js';
import { odds } from './ledger.js';
import { fillMarked } from './marks.js';
import { entries, filters, tell, toldMarks } from './meaning.js';
import { config, figure } from './spectrum.js';

const SIZES = [64, 58, 53, 48, 44, 40, 36, 33, 30, 28, 26, 24, 22, 20]; // px; the largest at which a text fits its box
const WORDS = 12; // undecided words that n and N visit
const ENOUGH = 4; // serious differences that leave no room for minor ones
const SHOWN = 5; // candidates of a token

/** Names of the steps that a case has; two texts have no memory. */
export const stepsOf = (payload) => ['source', 'reconstruction', 'divergences', ...(payload?.pair ? [] : ['spectrum', 'entropy'])];

/** How many places `n` and `N` visit on a screen. */
export function ways(name, { payload, column }) {
  if (!payload?.columns.length) return 0;
  if (name === 'divergences') return found(payload, column).length;
  return name === 'entropy' ? undecided(payload, column).length : 0;
}

/** Draw a step into `body`. `now` is { payload, column, way }; `move(to)` goes to a place of the screen. */
export function drawStep(name, body, { chosen, now, move }) {
  const column = now.payload?.columns[now.column];
  const message = now.payload?.status === 'error' ? now.payload.message : null;
  if (name === 'source') {
    const text = h('div.text.scrolls', { dir: 'auto', tabIndex: 0 }, chosen.text);
    body.replaceChildren(...[chosen.look ? h('p.look', {}, chosen.look) : null, text].filter(Boolean));
    return fit(text);
  }
  if (message || !column) return body.replaceChildren(h(`p.${message ? 'message' : 'waiting'}`, {}, message ?? say('view.status.waiting')));
  if (column.error && name !== 'spectrum') return body.replaceChildren(h('p.message', {}, reason(column.error)));
  SCREENS[name](body, now.payload, column, now, move);
}

const SCREENS = { reconstruction, divergences, spectrum, entropy };

function fit(text, most = SIZES[0]) {
  const sizes = SIZES.filter((size) => size <= most);
  const least = sizes.findIndex((size) => {
    text.style.fontSize = `${size}px`;
    return text.scrollHeight <= text.clientHeight + 1;
  });
  if (least < 0) text.style.fontSize = '1em'; // it scrolls: then it need not be the smallest
}

/** What came back, as it reads; what is not decoded yet is an ellipsis. */
function reconstruction(body, payload, column) {
  if (!column.marks.length) return body.replaceChildren(h('p.waiting', {}, say(`view.status.${column.status}`)));
  const plain = column.meaning
    ? column.meaning.words.map(([gap, word]) => gap + word).join('') + column.meaning.tail
    : column.marks
        .filter(([kind], i, all) => kind !== '-' && (kind !== '?' || all[i - 1]?.[0] !== '?'))
        .map(([kind, , gap, word]) => (kind === '?' ? ' …' : gap + word))
        .join('');
  const text = h('div.text.scrolls', { dir: 'auto', tabIndex: 0 }, plain);
  body.replaceChildren(text);
  fit(text);
}

/** Serious differences alone, where there are enough of them: the verdict counts the others. */
function look(payload, index) {
  const serious = { ...filters(), focus: index, severities: ['serious'] };
  return entries(payload, serious).length >= ENOUGH ? serious : { ...serious, severities: ['serious', 'minor'] };
}

const found = (payload, index) => (payload.columns[index].meaning ? entries(payload, look(payload, index)) : []);

function divergences(body, payload, column, now, move) {
  const told = h('p.verdict', {}, verdict(column));
  const text = h('div.text.scrolls', { dir: 'auto', tabIndex: 0 });
  if (!column.meaning) {
    for (const row of column.marks) text.append(...mark(row));
    return body.replaceChildren(told, text);
  }
  const rows = found(payload, now.column);
  const current = rows[Math.min(now.way, rows.length - 1)];
  text.classList.add('meant');
  fillMarked(text, column.meaning.words, column.meaning.tail, toldMarks(column, now.column, look(payload, now.column)), tell);
  text.querySelectorAll('[data-tip]').forEach((n) => delete n.dataset.tip); // the list beside says it
  const list = h('ol.found.scrolls', { tabIndex: 0, 'aria-label': say('view.ledger') }, rows.map((entry, at) => row(entry, at, rows.length, entry === current, move)));
  const kept = [...body.querySelectorAll('.scrolls')].map((box) => box.scrollTop);
  body.replaceChildren(told, h('div.beside', {}, text, rows.length ? list : h('p.found', {}, say('view.ledger.none'))));
  fit(text, 33);
  [text, list].forEach((box, i) => (box.scrollTop = kept[i] ?? 0));
  text.addEventListener('click', (event) => {
    const ids = event.target.closest?.('[data-d]')?.dataset.d.split(' ') ?? [];
    const to = rows.findIndex((entry) => ids.includes(entry.id));
    if (to >= 0) move(to);
  });
  if (!current) return;
  const marks = [...text.querySelectorAll(`[data-d~="${current.id}"]`)];
  marks.forEach((n) => n.classList.add('chosen'));
  into(text, marks[0]);
  into(list, list.children[rows.indexOf(current)], true);
}

/** Scroll a box until a part of it can be seen whole, or stands at the top. */
function into(box, part, top = false) {
  if (!part) return;
  const [at, frame] = [part.getBoundingClientRect(), box.getBoundingClientRect()];
  if (top) box.scrollTop += at.top - frame.top - 2;
  else if (at.top < frame.top || at.bottom > frame.bottom) box.scrollTop += at.top - frame.top - frame.height / 3;
}

function row({ item }, at, of, current, move) {
  const quote = (text) => (text === null || text === undefined ? h('span', {}, say('view.ledger.absent')) : h('q', { dir: 'auto' }, text));
  const told = tell(item);
  const repeated = item.quotes.every((text) => text === null || text === undefined || told.includes(text));
  const line = (name, text) => [h('dt', {}, say(`view.ledger.${name}`)), h('dd', {}, quote(text))];
  return h(
    `li.d-${dimensionOf(item)}.${item.severity}`,
    { 'aria-current': current ? 'true' : null, onclick: () => move(at) },
    h('p.facts', {}, chip(item.kind, dimensionOf(item), item.severity, item.change), h('strong', {}, kindName(item.kind)), ` ${say(`severity.${item.severity}`)}, ${say(`sure.${item.sure}`)}`, h('span.of', {}, `${at + 1}/${of}`)),
    h('p', { dir: 'auto' }, told),
    repeated ? null : h('dl', {}, line('source', item.quotes[0]), line('told', item.quotes[1])),
    item.overwriting
      ? h('p.overwritten', {}, h('strong', {}, say('view.overwritten')), ...(item.odds ? ['memory', 'prior'].map((who) => h('span', {}, `${say(`view.odds.${who}`)} ${odds(item.odds[who][1])} : ${odds(item.odds[who][0])}`)) : []))
      : null,
  );
}

function spectrum(body, payload) {
  const with_ = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.spectrum);
  const notes = payload.columns.filter((c) => !c.spectrum && c.notes.spectrum).map((c) => h('li', {}, h('strong', {}, c.name), ' ', reason(c.notes.spectrum)));
  const numbers = with_.map(({ column, index }) =>
    h('li', {}, nameTag(column, index), ' ', say('present.spectrum', { erank: number(column.spectrum.erank), rows: integer(column.spectrum.rows), k: integer(column.spectrum.k['90']) })),
  );
  const plot = h('div.plot', { role: 'img', 'aria-label': say('measure.spectrum.name') });
  const waiting = !with_.length && !notes.length ? h('p.waiting', {}, say('view.status.waiting')) : null;
  body.replaceChildren(...[h('p.about', {}, say('present.spectrum.about')), with_.length ? plot : null, waiting, h('ul.numbers', {}, numbers, notes)].filter(Boolean));
  if (with_.length) plotted(plot, payload);
}

/** Draw the figure, as soon as Plotly is there: it may load after the page; without it the numbers stand alone. */
function plotted(plot, payload, tries = 200) {
  if (!plot.isConnected || !tries) return;
  if (!window.Plotly) return setTimeout(() => plotted(plot, payload, tries - 1), 100);
  const { traces, layout } = figure(plot, payload, false);
  const small = plot.clientWidth < 600; // the panels' titles stand in their empty corners: beside them there is no room
  const titled = (axis) => ({ ...axis, title: { ...axis.title, font: { size: 20 } } });
  const inside = (axis, at) => ({ xref: 'paper', x: 1, xanchor: 'right', yref: 'paper', y: at, yanchor: 'middle', text: axis.title.text, showarrow: false, font: { size: 20 } });
  const rows = small ? { yaxis: { ...layout.yaxis, title: {} }, yaxis2: { ...layout.yaxis2, title: {} } } : { yaxis: titled(layout.yaxis), yaxis2: titled(layout.yaxis2) };
  const annotations = small ? [...layout.annotations, inside(layout.yaxis, 0.92), inside(layout.yaxis2, 0.07)] : layout.annotations;
  const shown = { ...layout, ...rows, annotations, xaxis: titled(layout.xaxis), margin: { ...layout.margin, b: 70 }, hovermode: false, showlegend: false };
  window.Plotly.newPlot(plot, traces, shown, { ...config, staticPlot: true, responsive: false });
}

/** Tokens in which the decoder is least decided, one a word, most of all first. */
function undecided(payload, index) {
  const heat = payload.columns[index].heat;
  if (!heat) return [];
  const words = new Map();
  payload.tokenisations[heat.tokens].forEach(([, , , word], t) => {
    if (word >= 0 && (!words.has(word) || heat.entropy[t] > heat.entropy[words.get(word)])) words.set(word, t);
  });
  return [...words.values()].sort((a, b) => heat.entropy[b] - heat.entropy[a]).slice(0, WORDS);
}

function entropy(body, payload, column, now, move) {
  const heat = column.heat;
  if (!heat) return body.replaceChildren(h('p.message.note', {}, reason(column.notes.trace) ?? say(`view.status.${column.status}`)));
  const state = { mode: 'entropy', unit: 'word' };
  const flow = cells(payload, column, state);
  flow.classList.add('scrolls');
  const places = undecided(payload, now.column);
  const token = now.way < 0 ? -1 - now.way : places[now.way]; // a word that was clicked is not among them
  const word = payload.tokenisations[heat.tokens][token]?.[3];
  const scroll = body.querySelector('.flow')?.scrollTop ?? 0;
  body.replaceChildren(h('p.about', {}, say('present.entropy.about')), scaleLegend(payload, state), flow, said(payload, column, token));
  fit(flow, 44);
  flow.scrollTop = scroll;
  flow.querySelectorAll('.cell').forEach((cell) => cell.removeAttribute('tabindex'));
  const here = flow.querySelector(`[data-s="${word}"]`);
  here?.classList.add('pinned-token');
  into(flow, here);
  flow.addEventListener('click', (event) => {
    const at = Number(event.target.closest?.('.cell')?.dataset.s ?? -1);
    const all = payload.tokenisations[heat.tokens].flatMap(([, , , w], t) => (w === at ? [t] : []));
    if (!all.length) return;
    const most = all.reduce((a, b) => (heat.entropy[b] > heat.entropy[a] ? b : a));
    const among = places.indexOf(most);
    move(among >= 0 ? among : -1 - most);
  });
}

/** What would have been said at a token: by memory, and by the prior. */
function said(payload, column, token) {
  const { heat } = column;
  const own = payload.tokenisations[heat.tokens][token];
  if (!own) return '';
  const prior = payload.priors[heat.prior];
  const line = (name, bits, rows) => [
    h('dt', {}, say(`present.said.${name}`), ` ${number(bits)} bit`),
    h('dd', {}, rows.slice(0, SHOWN).map(([text, p]) => h(text === own[2] ? 'span.own' : 'span', {}, h('b', {}, visible(text)), ` ${percent(p)}`))),
  ];
  return h(
    'section.candidates',
    {},
    h('p', {}, say('present.said'), ' ', h('mark', {}, visible(own[2])), ` ${say('present.said.rank', { rank: integer(heat.rank[token]) })}`),
    h('dl', {}, line('memory', heat.entropy[token], heat.alternatives[token]), prior ? line('prior', prior.entropy[token], prior.alternatives[token]) : null),
  );
}
