// Figures of the Studies page, as Plotly reads them: size or directions kept against a measure, and measures against each other.

import { amount, look, plain } from './curves.js';
import { say } from './dom.js';

export const CONFIG = {
  responsive: true,
  displaylogo: false,
  toImageButtonOptions: { format: 'svg', filename: 'study', scale: 2 },
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'sendDataToCloud'],
};

export const name = (measure) => say(`studies.measure.${measure}`);
const SCORES = ['bleu', 'rouge_l'];
const DASHES = ['solid', 'dash', 'dot', 'dashdot'];

/** A value as people read it: shares in percent. */
export function shown(payload, measure, value, signed = false) {
  if (value === null || value === undefined) return '–';
  const isShare = payload.shares.includes(measure);
  const digits = isShare || SCORES.includes(measure) ? 1 : 2;
  const number = (isShare ? 100 * value : value).toFixed(digits).replace('-', '−');
  return (signed && value > 0 ? '+' : '') + number;
}

/** `60.1 (58.2–62.0), n = 500` */
export function said(payload, measure, told) {
  if (!told) return '–';
  const [value, low, high, n] = told;
  const bounds = low === null ? '' : ` (${shown(payload, measure, low)}–${shown(payload, measure, high)})`;
  return `${shown(payload, measure, value)}${payload.shares.includes(measure) ? '%' : ''}${bounds}, n = ${n}`;
}

/** A compressor's name without its family's: what tells the sizes apart. */
export const short = (c) => (c.name.startsWith(`${c.family}-`) ? c.name.slice(c.family.length + 1) : c.name);

function frame(root) {
  const style = getComputedStyle(root);
  const colour = (variable) => style.getPropertyValue(variable).trim();
  const big = Boolean(root.closest('.present'));
  const size = big ? 20 : 12;
  const axis = { gridcolor: colour('--line'), linecolor: colour('--line'), zeroline: false, automargin: true };
  const layout = {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: colour('--ink'), family: style.fontFamily, size },
    margin: { l: 4.6 * size, r: size, t: 8, b: 8 },
    hovermode: 'closest',
    hoverlabel: { bgcolor: colour('--paper'), font: { color: colour('--ink'), size } },
    showlegend: false,
  };
  return { colour, size, width: big ? 4 : 2, axis, layout };
}

function bars(values, colour, width) {
  const known = values.map((v) => v && v[1] !== null);
  return {
    type: 'data',
    symmetric: false,
    array: values.map((v, i) => (known[i] ? v[2] - v[0] : 0)),
    arrayminus: values.map((v, i) => (known[i] ? v[0] - v[1] : 0)),
    color: colour,
    thickness: width / 1.6,
    width: 2 * width,
  };
}

/** One line or cloud of points. `points`: { x, told, words }. */
function trace(to, paint, points, measure, extra) {
  const at = look(paint);
  const colour = to.colour(at.colour);
  const values = points.map((p) => p.told);
  return {
    x: points.map((p) => p.x),
    y: values.map((v) => v[0]),
    error_y: bars(values, colour, to.width),
    text: points.map((p) => p.words),
    hovertemplate: '%{text}<extra></extra>',
    line: { color: colour, dash: at.dash, width: to.width },
    ...extra,
    marker: { symbol: at.marker, size: 4 + to.width * 2, color: colour, ...extra?.marker },
  };
}

const wordsOf = (payload, c, measure, told) =>
  plain(`${c.compressor}${c.truncate ? `, ${c.truncate}` : ''}`) + (c.parameters ? `<br>${say('studies.parameters', { n: amount(c.parameters) })}` : '') + `<br>${plain(name(measure))}: ${said(payload, measure, told)}`;

function yAxis(payload, to, measure) {
  const isShare = payload.shares.includes(measure);
  const less = payload.faithful[measure] === -1;
  return { ...to.axis, title: { text: plain(name(measure)) + (less ? `<br>${say('studies.less')}` : ''), standoff: 6 }, tickformat: isShare ? '.0%' : '', autorange: less ? 'reversed' : true };
}

/** Size of the compressor against a measure: a line a ratio (and family), options as points of their own. */
export function bySize(root, payload, part, measure, ratios, published) {
  const to = frame(root);
  const values = part.values[measure] ?? [];
  const drawn = payload.configurations.map((c, k) => ({ c, told: values[k] })).filter(({ c, told }) => told && c.truncate === null && c.parameters && ratios.has(c.ratio));
  const traces = [];
  const aside = (ratio) => 1 + 0.05 * (payload.ratios.indexOf(ratio) - (payload.ratios.length - 1) / 2); // so that intervals do not hide each other
  for (const ratio of payload.ratios) {
    const paint = payload.ratios.indexOf(ratio);
    const here = drawn.filter(({ c }) => c.ratio === ratio);
    const point = ({ c, told }) => ({ x: c.parameters * aside(ratio), told, words: wordsOf(payload, c, measure, told), c });
    for (const family of [...new Set(here.filter(({ c }) => c.member).map(({ c }) => c.family))]) {
      const points = here.filter(({ c }) => c.member && c.family === family).sort((a, b) => a.c.parameters - b.c.parameters).map(point);
      traces.push(trace(to, paint, points, measure, { mode: 'lines+markers', name: `${ratio}×` }));
    }
    const others = here.filter(({ c }) => !c.member).map(point);
    if (!others.length) continue;
    const open = { symbol: `${look(paint).marker}-open`, size: 6 + to.width * 2, line: { width: to.width } };
    traces.push(trace(to, paint, others, measure, { mode: 'markers', name: `${ratio}× +`, marker: open }));
  }
  const marks = published.filter((p) => p.parameters && p.measure === measure);
  if (marks.length) {
    const soft = to.colour('--soft');
    traces.push({
      x: marks.map((p) => p.parameters),
      y: marks.map((p) => p.value * (payload.shares.includes(measure) || p.scale === 100 ? 1 : 100)),
      mode: 'markers+text',
      name: say('studies.published.short'),
      text: marks.map((p) => `[${p.number}]`),
      textposition: 'top center',
      textfont: { color: soft, size: to.size },
      hovertemplate: marks.map((p) => `${plain(`[${p.number}] ${p.compressor}${p.ratio ? `, ${p.ratio}×` : ''}`)}<extra></extra>`),
      marker: { symbol: 'x-thin-open', size: 10 + to.width, color: soft, line: { color: soft, width: to.width } },
    });
  }
  const all = traces.flatMap((t) => t.x).map(Math.log10);
  const room = 0.06 * (Math.max(...all) - Math.min(...all)) || 0.3;
  const range = all.length ? [Math.min(...all) - room, Math.max(...all) + room] : undefined;
  const layout = { ...to.layout, xaxis: { ...to.axis, type: 'log', range, title: { text: say('studies.x.size'), standoff: 6 }, tickvals: ticks(range), ticktext: ticks(range)?.map(amount) }, yaxis: yAxis(payload, to, measure) };
  return { traces, layout };
}

function ticks(range) {
  if (!range) return undefined;
  const steps = range[1] - range[0] > 2.2 ? [1] : [1, 2, 5];
  const all = Array.from({ length: 14 }, (_, p) => steps.map((m) => m * 10 ** p)).flat();
  return all.filter((v) => Math.log10(v) >= range[0] && Math.log10(v) <= range[1]);
}

/** Measures that some truncated memory has a value of. */
export const truncated = (payload, part) => payload.measures.filter((m) => payload.configurations.some((c, k) => c.truncate !== null && part.values[m]?.[k]));

/** Directions kept against a measure, a line a compressor and ratio, in the ratio's colour, named where it ends. */
export function byDirections(root, payload, part, measure, ratios) {
  const to = frame(root);
  const values = part.values[measure] ?? [];
  const rank = (t) => (t === null ? 1e9 : t.endsWith('%') ? 1e6 + Number.parseFloat(t) : Number(t));
  const order = [...payload.truncations].sort((a, b) => rank(a) - rank(b));
  const label = (t) => (t === null ? say('studies.whole') : t);
  const lines = [...new Map(payload.configurations.filter((c) => ratios.has(c.ratio)).map((c) => [c.compressor, c])).values()];
  const traces = [];
  let drawn = 0;
  for (const one of lines) {
    const points = order.map((t) => ({ t, k: payload.configurations.findIndex((c) => c.compressor === one.compressor && c.truncate === t) })).filter(({ k }) => k >= 0 && values[k]).map(({ t, k }) => ({ x: label(t), told: values[k], words: wordsOf(payload, payload.configurations[k], measure, values[k]) }));
    if (points.length < 2) continue;
    const names = points.map((_, k) => (k === points.length - 1 ? `\u00a0\u00a0${plain(one.compressor)}` : ''));
    const line = trace(to, payload.ratios.indexOf(one.ratio), points, measure, { mode: 'lines+markers', name: plain(one.compressor) });
    line.line.dash = DASHES[drawn++ % DASHES.length];
    traces.push(line, { x: line.x, y: line.y, mode: 'text', text: names, textposition: 'middle right', hoverinfo: 'skip', textfont: { color: line.line.color, size: to.size }, name: '', cliponaxis: false });
  }
  const layout = { ...to.layout, xaxis: { ...to.axis, type: 'category', categoryorder: 'array', categoryarray: order.map(label), title: { text: say('studies.x.directions'), standoff: 6 } }, yaxis: yAxis(payload, to, measure) };
  return { traces, layout: { ...layout, margin: { ...layout.margin, r: 8 * to.size } } };
}

/** One measure against another, a point a compressor and ratio. */
export function scatter(root, payload, part, x, y, ratios) {
  const to = frame(root);
  const [xs, ys] = [part.values[x] ?? [], part.values[y] ?? []];
  const traces = [];
  for (const ratio of payload.ratios.filter((r) => ratios.has(r))) {
    const paint = payload.ratios.indexOf(ratio);
    const points = payload.configurations.map((c, k) => ({ c, a: xs[k], b: ys[k] })).filter(({ c, a, b }) => a && b && c.ratio === ratio && c.truncate === null);
    if (!points.length) continue;
    const cloud = trace(to, paint, points.map(({ c, a, b }) => ({ x: a[0], told: b, words: `${plain(c.compressor)}<br>${plain(name(x))}: ${said(payload, x, a)}<br>${plain(name(y))}: ${said(payload, y, b)}` })), y, { mode: 'markers', name: `${ratio}×` });
    cloud.error_x = bars(points.map(({ a }) => a), to.colour(look(paint).colour), to.width);
    traces.push(cloud, {
      x: cloud.x, y: cloud.y, mode: 'text', text: points.map(({ c }) => plain(short(c))), textposition: 'top right', hoverinfo: 'skip',
      textfont: { color: to.colour('--soft'), size: to.size }, name: '', showlegend: false,
    });
  }
  return { traces, layout: { ...to.layout, xaxis: { ...to.axis, title: { text: plain(name(x)), standoff: 6 } }, yaxis: yAxis(payload, to, y) } };
}
