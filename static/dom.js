// Small helpers: elements made without markup, words in two languages, numbers as people read them.

/** Element `tag.class` with properties and children; strings become text nodes, so no text is ever parsed. */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'data') Object.assign(node.dataset, value);
    else if (key === 'style') for (const [p, v] of Object.entries(value)) node.style.setProperty(p, v);
    else if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && !key.startsWith('aria')) node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** What this browser keeps between visits; null where it keeps nothing, or storage is switched off. */
export function kept(key) {
  try {
    return localStorage.getItem(`inspector-${key}`);
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(`inspector-${key}`, value);
  } catch {
    /* storage is switched off: the choice lasts as long as the page */
  }
}

let table = null;
let language = 'en';

/** Load words.json once, or what a file that stands alone brings along; `asked` is 'en', 'ko' or null to follow the page. */
export async function loadWords(asked) {
  table ??= window.INSPECTOR_WORDS ?? await fetch(new URL('words.json', import.meta.url)).then((r) => r.json());
  const wanted = asked || window.INSPECTOR_LANGUAGE || navigator.language || 'en';
  language = wanted.startsWith('ko') ? 'ko' : 'en';
  return language;
}

/** Words for a key, with {name} replaced; the key itself where none are written. */
export function say(key, values = {}) {
  const text = table?.[language]?.[key] ?? table?.en?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** What inspector/views/reasons.py made of one of the engine's sentences, in the page's language; one that is in it already stays. */
export const reason = (told) => told?.[language] ?? told ?? null;

/** A library's own words, which are the English of the keys `group.…`, each with what the page's language has for it. */
export const theirWords = (group) => Object.fromEntries(Object.keys(table.en).filter((key) => key.startsWith(`${group}.`)).map((key) => [table.en[key], say(key)]));

/** Plotly's, as its configuration takes another language. */
export const plotWords = () => (language === 'en' ? {} : { locale: language, locales: { [language]: { dictionary: theirWords('plot'), format: {} } } });

/** The language that `say` speaks. */
export const spoken = () => language;

export const has = (key) => Boolean(table?.en?.[key]);

export const number = (value, digits = 1) =>
  value === null || value === undefined
    ? '–'
    : (Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const integer = (value) => (value === null || value === undefined ? '–' : value.toLocaleString(language));

/** A probability: percent with one digit, and `<` where only a bound is known. */
export const percent = (p) => (p >= 0.9995 ? '100%' : p >= 0.1 ? `${(100 * p).toFixed(0)}%` : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : '<0.1%');

/** The letter pressed, a capital one with Shift whatever Caps Lock says, and with a Hangul keyboard too; or the key's name. */
export function keyOf({ key = '', code = '', shiftKey }) {
  const letter = /^[a-z]$/i.test(key) ? key : key.length === 1 && key > '~' && /^Key[A-Z]$/.test(code) ? code[3] : null;
  return letter ? (shiftKey ? letter.toUpperCase() : letter.toLowerCase()) : key;
}

/** Text of a token with its white space made visible. */
export const visible = (text) => (text === '' ? '∅' : text.replace(/ /g, '␣').replace(/\n/g, '¶').replace(/\t/g, '⇥').replace(/\0/g, '␀'));

/** Colour, dash and marker of the n-th compressor: never colour alone. */
export const SERIES = [
  { css: 'var(--s0)', dash: 'solid', marker: 'circle', sign: '●' },
  { css: 'var(--s1)', dash: 'dash', marker: 'square', sign: '■' },
  { css: 'var(--s2)', dash: 'dot', marker: 'diamond', sign: '◆' },
  { css: 'var(--s3)', dash: 'dashdot', marker: 'triangle-up', sign: '▲' },
];
export const series = (index) => SERIES[index % SERIES.length];

/** Compressor's sign and name, as it stands in every part of the view. */
export const nameTag = (column, index) =>
  h('span.name', { style: { '--series': series(index).css } }, h('span.sign', { 'aria-hidden': 'true' }, series(index).sign), column.name);
