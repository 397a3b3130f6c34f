// One panel of the Training page: lines by run over tokens seen, with the checkpoints as stars.

import { h, reason, say, SERIES } from './dom.js';

const number = (digits) => ({ format: `.${digits}~f`, unit: '' });
const BITS = { format: '.2f', unit: 'bits' };
const SHARE = { format: '.1%', unit: '' };

/** The panels, each with the column it draws at a ratio. */
export const PANELS = [
  { name: 'erank_batch', column: (ratio) => `erank_batch_${ratio}`, ...number(2) },
  { name: 'entropy', column: (ratio) => `entropy_${ratio}`, ...BITS },
  { name: 'loss', column: (ratio) => `loss_${ratio}`, ...BITS },
  { name: 'accuracy', column: (ratio) => `accuracy_${ratio}`, ...SHARE },
  { name: 'overwriting', column: (ratio) => `overwriting_${ratio}`, ...SHARE },
  { name: 'prior', column: () => 'loss_prior', ...BITS },
];

/** Colour, dash and marker of the n-th run: 16 that differ, each in at least two of the three. */
export const look = (n) => {
  const turn = SERIES[(n + Math.floor(n / 4)) % 4];
  return { ...turn, css: SERIES[n % 4].css, colour: `--s${n % 4}` };
};

/** A run's sign and title. */
export const title = (run) =>
  h('span.name', { style: { '--series': look(run.look).css } }, h('span.sign', { 'aria-hidden': 'true' }, look(run.look).sign), reason(run.title) ?? run.name, run.own ? h('small', {}, ` ${say('training.own.yours')}`) : null);

/** Tokens and parameters as people say them: 250 k, 1.2 M. */
export const amount = (count) => {
  const [size, unit] = [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']].find(([least]) => count >= least) ?? [1, ''];
  return `${Number((count / size).toPrecision(3))}${unit}`;
};

/** Plotly reads a little markup in labels; text of a file is none. */
export const plain = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/%\{/g, '%&#123;');

/** What a star says under the pointer. */
function starSaid(checkpoint, ratio) {
  const values = { address: plain(checkpoint.address), tokens: amount(checkpoint.tokens) };
  return checkpoint.at[ratio] ? `★ ${say('training.replay.one', values)}; ${say('training.replay.click')}` : `☆ ${say('training.replay.absent', values)}`;
}

/** Value of a curve at a number of tokens, on the line between the points around it; null outside. */
function between(xs, ys, x) {
  let last = null;
  for (let i = 0; i < xs.length; i += 1) {
    if (ys[i] === null) continue;
    if (xs[i] === x) return ys[i];
    if (xs[i] > x) return last === null ? null : ys[last] + ((ys[i] - ys[last]) * (x - xs[last])) / (xs[i] - xs[last]);
    last = i;
  }
  return null;
}

/** From the first to the last of the runs' points, the same for every panel; in log10 on a log axis, where 0 has no place. */
function span(runs, xLog) {
  const all = runs.flatMap((run) => (xLog ? run.tokens.filter((t) => t > 0).map(Math.log10) : run.tokens));
  if (!all.length) return undefined;
  const [first, last] = all.reduce(([a, b], t) => [Math.min(a, t), Math.max(b, t)], [Infinity, -Infinity]);
  const room = 0.03 * (last - first) || 0.5;
  return [first - room, last + room];
}

export function figure(root, panel, runs, { ratio, xLog, range }) {
  const style = getComputedStyle(root);
  const colour = (name) => style.getPropertyValue(name).trim();
  const big = Boolean(root.closest('.present'));
  const size = big ? 20 : 12;
  const width = big ? 5 : 2;
  const traces = [];
  for (const run of runs) {
    const y = run.columns[panel.column(ratio)];
    if (!y) continue;
    const measured = y.filter((v) => v !== null);
    const { dash, marker, colour: paint } = look(run.look);
    const name = plain(reason(run.title) ?? run.name);
    const unit = panel.unit ? ` ${say(`training.${panel.unit}`)}` : '';
    traces.push({
      x: run.tokens,
      y,
      name,
      mode: measured.length > 60 ? 'lines' : 'lines+markers',
      connectgaps: measured.length < 0.75 * y.length, // measured now and then: what is not a gap is then the exception
      line: { color: colour(paint), dash, width },
      marker: { symbol: marker, size: 3 + width * 1.5 },
      hovertemplate: `%{y:${panel.format}}${unit}`,
    });
    const stars = run.checkpoints.map((c) => ({ ...c, y: between(run.tokens, y, c.tokens) })).filter((c) => c.y !== null);
    if (!stars.length) continue;
    traces.push({
      x: stars.map((c) => c.tokens),
      y: stars.map((c) => c.y),
      customdata: stars,
      name: '',
      mode: 'markers',
      marker: {
        symbol: stars.map((c) => (c.at[ratio] ? 'star' : 'star-open')),
        size: big ? 24 : 15,
        color: colour(paint),
        line: { color: colour('--paper'), width: 1.5 },
      },
      hovertemplate: stars.map((c) => `${starSaid(c, ratio)}<extra></extra>`),
    });
  }
  const axis = { gridcolor: colour('--line'), linecolor: colour('--line'), zeroline: false };
  const layout = {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: colour('--ink'), family: style.fontFamily, size },
    margin: { l: 5 * size, r: size, t: 8, b: 8 },
    hovermode: 'x unified',
    hoverlabel: { bgcolor: colour('--paper'), font: { color: colour('--ink'), size } },
    showlegend: false,
    xaxis: { ...axis, title: { text: say('training.x') }, type: xLog ? 'log' : 'linear', tickformat: '~s', hoverformat: '.3s', nticks: 6, range: range ?? span(runs, xLog), automargin: true },
    yaxis: { ...axis, fixedrange: true, tickformat: panel.format === SHARE.format ? '.0%' : '', title: panel.unit ? { text: say(`training.${panel.unit}`), standoff: 4 } : undefined },
  };
  return { traces, layout };
}

export const CONFIG = {
  responsive: true,
  displaylogo: false,
  toImageButtonOptions: { format: 'svg', filename: 'training', scale: 2 },
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'sendDataToCloud'],
};

/** The checkpoint whose star is under the pointer, or undefined: a unified hover names points from all over the column. */
export function at(plot, points, event) {
  const box = plot.getBoundingClientRect();
  const away = ({ xaxis, yaxis, x, y }) =>
    Math.hypot(xaxis.d2p(x) + xaxis._offset - (event.clientX - box.left), yaxis.d2p(y) + yaxis._offset - (event.clientY - box.top));
  const stars = points.filter((p) => p.customdata?.address).map((p) => [away(p), p.customdata]);
  stars.sort((a, b) => a[0] - b[0]);
  return stars[0]?.[0] <= 20 ? stars[0][1] : undefined;
}
