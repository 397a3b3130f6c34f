// Who carries each token: memory, the prior, both, or nobody; a name, a colour, a sign and a line each.

import { h, integer, percent, say } from './dom.js';

/** Names as in inspector/measures/carriers.py, in the order of the legend. */
export const CARRIERS = ['memory', 'shared', 'prior', 'lost', 'misled'];
const SIGNS = { memory: '●', shared: '◐', prior: '○', lost: '×', misled: '↯' };

const sign = (name) => h(`span.cell.c-${name}`, { 'aria-hidden': 'true' }, SIGNS[name]);

/** Paint a cell; what is lost or misleads has its sign before it, so that it is found without colour. */
export function carry(node, name) {
  if (!name) return node;
  node.classList.add(`c-${name}`);
  node.title = say(`carrier.${name}`);
  return node;
}

export function carrierLegend(unit) {
  const entry = (name) => h('li', {}, sign(name), ' ', h('strong', {}, say(`carrier.${name}`)), ' ', say(`carrier.${name}.what`));
  return h('div.carriers', {}, h('ul', { 'aria-label': say('measure.carrier.name') }, CARRIERS.map(entry)), unit === 'word' ? h('p.hint', {}, say('carrier.word')) : null);
}

/** A column's shares in words, with counts: what it comes to. */
export function carrierLine(carriers) {
  if (!carriers) return h('p.hint', {}, say('carrier.absent'));
  const all = Object.values(carriers.counts).reduce((sum, n) => sum + n, 0);
  const part = (name) => {
    const n = carriers.counts[name];
    return n ? h('span.share', { data: { carrier: name } }, sign(name), ' ', say(`carrier.share.${name}`, { share: percent(n / all), n: integer(n) })) : null;
  };
  return h('p.carried', {}, CARRIERS.map(part), h('span.hint', {}, say('carrier.of', { n: integer(all) })));
}
