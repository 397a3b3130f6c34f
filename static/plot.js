// Draws a figure that was described for Plotly as SVG: lines, markers, levels, labels and a legend, which is what spectrum.js
// uses. For files that stand alone, where Plotly would be 5 MB; anything else in a description is left out.

const NS = 'http://www.w3.org/2000/svg';
const DASHES = { solid: null, dash: '9 5', dot: '2 4', dashdot: '9 4 2 4' };

/** An SVG element; strings become text, so no text is ever parsed. */
function s(tag, props = {}, ...children) {
  const node = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(props)) if (value !== null && value !== undefined) node.setAttribute(key, value);
  node.append(...children.filter((c) => c !== null));
  return node;
}

const stroke = ({ color, width = 2, dash = 'solid' } = {}) => ({ stroke: color, 'stroke-width': width, 'stroke-dasharray': DASHES[dash] ?? null });

/** A marker of Plotly's names around a point. */
function marker(symbol, x, y, size, fill) {
  const r = size / 2;
  if (symbol === 'square') return s('rect', { x: x - r, y: y - r, width: size, height: size, fill });
  const corners = { diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]], 'triangle-up': [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]] }[symbol];
  if (corners) return s('polygon', { points: corners.map(([a, b]) => `${x + a * r},${y + b * r}`).join(' '), fill });
  return s('circle', { cx: x, cy: y, r, fill });
}

/** Numbers at which an axis is labelled: steps of 1, 2 or 5. */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough) * power;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function formatted(value, format) {
  return format === '.0%' ? `${Math.round(100 * value)}%` : String(value).replace('-', '−');
}

/** Where the data of an axis lie; on a log axis in log10. */
function extent(axis, values) {
  if (axis.range) return axis.range;
  const all = values.map((v) => (axis.type === 'log' ? Math.log10(v) : v)).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.05 * (high - low || 1);
  return [low - room, high + room];
}

function scaled(axis, values, from, to) {
  const [low, high] = extent(axis, values);
  const at = (v) => from + ((v - low) / (high - low)) * (to - from);
  return { axis, low, high, at, of: (v) => at(axis.type === 'log' ? Math.log10(v) : v) };
}

function tickLabels(scale, length) {
  if (scale.axis.type !== 'log') return ticks(scale.low, scale.high, length / 70).map((v) => [scale.at(v), formatted(v, scale.axis.tickformat)]);
  const all = [1, 2, 5].flatMap((m) => Array.from({ length: 7 }, (_, p) => m * 10 ** p)).sort((a, b) => a - b);
  return all.filter((v) => Math.log10(v) >= scale.low && Math.log10(v) <= scale.high).map((v) => [scale.of(v), formatted(v)]);
}

function figure(node, traces, layout) {
  const [width, height] = [node.clientWidth || 800, node.clientHeight || 420];
  const { margin, font } = layout;
  const box = { l: Math.max(margin.l, 4.8 * font.size), r: width - margin.r, t: margin.t, b: height - margin.b };
  const down = (share) => box.b - share * (box.b - box.t); // Plotly counts domains from below
  const rows = Object.keys(layout).filter((key) => /^yaxis\d*$/.test(key));
  const idOf = (key) => key.replace('axis', ''); // yaxis2 → y2
  const x = scaled(layout.xaxis, traces.flatMap((t) => t.x), box.l, box.r);
  const y = Object.fromEntries(
    rows.map((key) => {
      const [from, to] = layout[key].domain ?? [0, 1];
      return [idOf(key), scaled(layout[key], traces.filter((t) => (t.yaxis ?? 'y') === idOf(key)).flatMap((t) => t.y), down(from), down(to))];
    }),
  );
  const svg = s('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': font.family, 'font-size': font.size, fill: font.color, role: 'img' });
  const text = (at, down, words, more = {}) => s('text', { x: at, y: down, 'dominant-baseline': 'central', ...more }, words);
  for (const scale of Object.values(y)) {
    const [low, high] = [scale.at(scale.low), scale.at(scale.high)];
    const line = { stroke: scale.axis.gridcolor, 'stroke-width': 1 };
    for (const [place, words] of tickLabels(scale, 1.6 * (low - high))) svg.append(s('line', { x1: box.l, x2: box.r, y1: place, y2: place, ...line }), text(box.l - 7, place, words, { 'text-anchor': 'end' }));
    svg.append(text(0, 0, scale.axis.title?.text ?? '', { 'text-anchor': 'middle', 'font-size': scale.axis.title?.font?.size, transform: `translate(${font.size * 0.9} ${(low + high) / 2}) rotate(-90)` }));
    for (const [place] of tickLabels(x, box.r - box.l)) svg.append(s('line', { x1: place, x2: place, y1: low, y2: high, ...line }));
  }
  for (const [place, words] of tickLabels(x, box.r - box.l)) svg.append(text(place, box.b + font.size * 0.9, words, { 'text-anchor': 'middle' }));
  svg.append(text((box.l + box.r) / 2, box.b + font.size * 2.4, layout.xaxis.title?.text ?? '', { 'text-anchor': 'middle', 'font-size': layout.xaxis.title?.font?.size }));
  const across = (ref, v) => (ref === 'paper' ? box.l + v * (box.r - box.l) : x.of(v));
  const along = (ref, v) => (ref === 'paper' ? down(v) : y[ref ?? 'y'].of(v));
  for (const shape of layout.shapes ?? []) {
    svg.append(s('line', { x1: across(shape.xref, shape.x0), x2: across(shape.xref, shape.x1), y1: along(shape.yref, shape.y0), y2: along(shape.yref, shape.y1), ...stroke(shape.line) }));
  }
  for (const trace of traces) {
    const scale = y[trace.yaxis ?? 'y'];
    const points = trace.x.map((v, i) => [x.of(v), scale.of(trace.y[i])]);
    const group = s('g', { opacity: trace.opacity }, s('polyline', { points: points.map((p) => p.map((v) => v.toFixed(1)).join()).join(' '), fill: 'none', ...stroke(trace.line) }));
    if (trace.mode.includes('markers')) group.append(...points.map(([a, b]) => marker(trace.marker.symbol, a, b, trace.marker.size, trace.line.color)));
    svg.append(group);
  }
  for (const note of layout.annotations ?? []) {
    const size = note.font?.size ?? font.size;
    const lines = note.text.split('<br>');
    const at = note.xref === 'paper' ? across('paper', note.x) : x.at(note.x); // on a log axis in log10 already
    const middle = along(note.yref, note.y) - (note.yshift ?? 0) + (note.yanchor === 'bottom' ? -size * 0.7 : 0);
    const anchor = { left: 'start', right: 'end' }[note.xanchor] ?? 'middle';
    lines.forEach((words, i) => svg.append(text(at + (anchor === 'start' ? 4 : 0), middle + (i - (lines.length - 1) / 2) * size * 1.3, words, { 'text-anchor': anchor, 'font-size': size, fill: note.font?.color })));
  }
  let at = box.l;
  let row = height - font.size * 0.9;
  const named = layout.showlegend === false ? [] : traces.filter((t) => t.showlegend !== false);
  for (const trace of named) {
    const length = 34 + trace.name.length * font.size * 0.62;
    if (at > box.l && at + length > width) [at, row] = [box.l, row - font.size * 1.6];
    svg.append(s('line', { x1: at, x2: at + 26, y1: row, y2: row, ...stroke(trace.line) }), marker(trace.marker.symbol, at + 13, row, trace.marker.size, trace.line.color), text(at + 32, row, trace.name));
    at += length + 18;
  }
  return { svg, x, box };
}

/** Values of every curve at the place under the pointer, as words. */
function reading(traces, layout, place) {
  const value = (t, i) => (i < 0 ? null : formatted(layout[`yaxis${(t.yaxis ?? 'y').slice(1)}`].tickformat ? Math.round(1000 * t.y[i]) / 10 : Number(t.y[i].toFixed(2))));
  const lines = [...new Set(traces.map((t) => t.name))].map((name) => {
    const own = traces.filter((t) => t.name === name && t.opacity === undefined);
    const values = own.map((t) => [t, value(t, t.x.indexOf(place))]).filter(([, v]) => v !== null);
    return values.length ? `${name}: ${values.map(([t, v]) => (t.yaxis === 'y2' ? `${v}%` : v)).join(', ')}` : null;
  });
  return [`i = ${place}`, ...lines.filter(Boolean)].join('\n');
}

/** As `Plotly.react`: draw into `node`, anew when its width changes; values under the pointer stand beside it. */
export function react(node, traces, layout) {
  const read = document.createElement('div');
  read.className = 'read';
  read.hidden = true;
  let drawn = null;
  const draw = () => {
    drawn = figure(node, traces, layout);
    node.replaceChildren(drawn.svg, read);
  };
  draw();
  if (layout.hovermode === false) return;
  node.onpointermove = (event) => {
    const at = event.clientX - node.getBoundingClientRect().left;
    const places = [...new Set(traces.flatMap((t) => t.x))];
    const nearest = places.reduce((best, v) => (Math.abs(drawn.x.of(v) - at) < Math.abs(drawn.x.of(best) - at) ? v : best), places[0]);
    read.hidden = at < drawn.box.l || at > drawn.box.r;
    read.textContent = reading(traces, layout, nearest);
    read.style.left = `${Math.min(drawn.x.of(nearest) + 12, node.clientWidth - read.offsetWidth - 4)}px`;
  };
  node.onpointerleave = () => (read.hidden = true);
  node.resized?.disconnect();
  let width = node.clientWidth;
  node.resized = new ResizeObserver(() => node.clientWidth !== width && ((width = node.clientWidth), draw()));
  node.resized.observe(node);
}
