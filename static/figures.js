// The figures of a section, as they are drawn, as one SVG on light paper.

const NS = 'http://www.w3.org/2000/svg';
const SIGNS = { circle: '●', square: '■', diamond: '◆', 'triangle-up': '▲' };
const COLOURS = ['paper', 'ink', 'soft', 'line', 's0', 's1', 's2', 's3'];
const [ONE, MANY] = [{ width: 960, height: 480 }, { width: 520, height: 320 }]; // px of a plot alone, and among others
const HEAD = 26; // px above a plot for its title

/** Plots of a section that have been drawn. */
export const plotsOf = (section) => [...(section?.querySelectorAll('.js-plotly-plot') ?? [])].filter((plot) => plot.data?.length && plot.offsetParent);

/** From the colours of the page, which may be dark, to those on paper; the same variables, so each has its like. */
function lightened(section) {
  const probe = document.createElement('div');
  probe.className = 'cv on-paper';
  section.append(probe);
  const [now, light] = [getComputedStyle(section), getComputedStyle(probe)];
  const pairs = COLOURS.map((name) => [now.getPropertyValue(`--${name}`).trim(), light.getPropertyValue(`--${name}`).trim()]);
  probe.remove();
  return new Map(pairs);
}

const exchanged = (value, colours) =>
  typeof value === 'string'
    ? (colours.get(value) ?? value)
    : Array.isArray(value)
      ? value.map((v) => exchanged(v, colours))
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, exchanged(v, colours)]))
        : value;

function node(tag, props, text = '') {
  const made = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  made.append(text);
  return made;
}

/** One plot as an SVG element of a size. */
async function drawn(plot, colours, size) {
  const description = exchanged(JSON.parse(JSON.stringify({ data: plot.data, layout: plot.layout })), colours);
  const layout = { ...description.layout, ...size, autosize: false, paper_bgcolor: '#ffffff', plot_bgcolor: '#ffffff' };
  const address = await window.Plotly.toImage({ data: description.data, layout }, { format: 'svg', ...size });
  const text = decodeURIComponent(address.slice(address.indexOf(',') + 1));
  return document.importNode(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement, true);
}

const titleOf = (plot) => plot.closest('figure, .panel')?.querySelector('h2, h4')?.firstChild?.textContent ?? '';

/** Names of the curves in a line, for plots that have no legend of their own. */
function legend(data, font, colours) {
  const line = node('text', { x: 16, y: 22, 'font-family': font, 'font-size': 14 });
  const named = data.filter((trace, i, all) => trace.name && trace.line && all.findIndex((other) => other.name === trace.name) === i);
  for (const trace of named) {
    const symbol = [trace.marker?.symbol].flat()[0]?.replace('-open', '');
    line.append(node('tspan', { fill: exchanged(trace.line.color, colours), 'font-weight': 600, dx: line.childNodes.length ? 22 : 0 }, `${SIGNS[symbol] ?? '●'} ${trace.name}`));
  }
  return line;
}

/** { svg, width, height } of plots of a section: text of an SVG, and its size in px. */
export async function sheet(section, plots) {
  const colours = lightened(section);
  const several = plots.length > 1;
  const size = several ? MANY : ONE;
  const across = several ? 2 : 1;
  const top = several ? 36 : 0;
  const step = size.height + (several ? HEAD : 0);
  const [width, height] = [size.width * across, top + step * Math.ceil(plots.length / across)];
  const font = getComputedStyle(section).fontFamily;
  const svg = node('svg', { xmlns: NS, width, height, viewBox: `0 0 ${width} ${height}` });
  svg.append(node('rect', { width, height, fill: '#ffffff' }));
  if (several) svg.append(legend(plots.flatMap((plot) => plot.data), font, colours));
  for (const [index, plot] of plots.entries()) {
    const [x, y] = [(index % across) * size.width, top + Math.floor(index / across) * step];
    const part = await drawn(plot, colours, size);
    part.setAttribute('x', x);
    part.setAttribute('y', y + (several ? HEAD : 0));
    if (several) svg.append(node('text', { x: x + 16, y: y + 18, 'font-family': font, 'font-size': 14, 'font-weight': 600, fill: '#1b1f24' }, titleOf(plot)));
    svg.append(part);
  }
  return { svg: new XMLSerializer().serializeToString(svg), width, height };
}
