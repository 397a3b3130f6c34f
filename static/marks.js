// A text with marks on ranges of its words. Ranges may overlap in any way: each keeps a line of its own below the words.

import { h } from './dom.js';
import { chip, chipLabel, dimensionOf } from './kinds.js';

const LINES = 3; // lines drawn below one another; further marks share the lowest
const SHORT = 16; // letters of a word that is kept on one line with what stands before it
const LONG = 14; // words from which a range has no tint: a whole sentence in colour hides what is in it

/** Give every range the topmost line that is free along it. */
function place(ranges) {
  const free = [];
  for (const range of ranges) {
    const line = free.findIndex((end) => end <= range.from);
    range.line = Math.min(line < 0 ? free.length : line, LINES - 1);
    free[line < 0 ? free.length : line] = range.to;
  }
}

const empty = (range) => !range || range[0] === range[1];

/** Nested spans for the marks over one stretch, lowest line outermost; returns [outermost, innermost]. */
function nest(cover, tell) {
  let outer = null;
  let inner = null;
  for (const mark of [...cover].sort((a, b) => b.line - a.line)) {
    const { item } = mark;
    const long = mark.to - mark.from > LONG;
    const node = h(`span.m.d-${dimensionOf(item)}.${item.severity}.c-${item.change}`, { data: { d: mark.ids.join(' ') }, style: { '--line': mark.line } });
    node.classList.toggle('long', long);
    node.classList.toggle('lone', empty(item.source) || empty(item.told)); // it has no counterpart in the other text
    if (inner) inner.append(node);
    outer ??= node;
    inner = node;
  }
  inner.dataset.tip = cover.map((mark) => chipLabel(mark.item, tell(mark.item))).join('\n');
  return [outer, inner];
}

/** The letter at the start of a mark; a button, since it leads to the row of the ledger. */
function head(mark, tell) {
  const label = chipLabel(mark.item, tell(mark.item));
  const node = h('span.head', { role: 'button', tabIndex: -1, data: { d: mark.ids.join(' '), tip: label, s: -1 }, 'aria-label': label });
  node.append(chip(mark.item.kind, dimensionOf(mark.item), mark.item.severity, mark.item.change), ...(mark.signs ?? []));
  return node;
}

/**
 * Fill `node` with words `[gap, word, source word]`, the tail, and marks.
 * A mark is { ids, item, from, to, signs }; where `from` is `to` it stands between words, for what is only in the other text.
 */
export function fillMarked(node, words, tail, marks, tell, before = () => null) {
  const ranges = marks.filter((m) => m.to > m.from).sort((a, b) => a.from - b.from || b.to - a.to);
  place(ranges);
  const points = grouped(marks.filter((m) => m.to <= m.from));
  let cover = [];
  let next = 0;
  let into = node;
  const open = (wanted) => {
    if (wanted.length === cover.length && wanted.every((mark, i) => mark === cover[i])) return into;
    cover = wanted;
    into = node;
    if (wanted.length) {
      const [outer, inner] = nest(wanted, tell);
      node.append(outer);
      into = inner;
    }
    return into;
  };
  const missing = (at) => (points.get(at) ?? []).map((mark) => h('span.missing', { data: { d: mark.ids.join(' ') } }, head(mark, tell)));
  let active = [];
  words.forEach(([gap, word, source], at) => {
    active = active.filter((mark) => mark.to > at);
    open(active).append(gap, ...missing(at), ...[before(source)].filter(Boolean));
    const starting = [];
    while (next < ranges.length && ranges[next].from <= at) starting.push(ranges[next++]);
    active = [...active, ...starting];
    const own = h('span.w', { data: { s: source }, tabIndex: -1 }, word);
    const heads = starting.map((mark) => head(mark, tell));
    // A letter stays with its word at the end of a line, unless the word alone might be too long for one.
    open(active).append(...(heads.length && word.length <= SHORT ? [h('span.joined', {}, heads, own)] : [...heads, own]));
  });
  node.append(...missing(words.length), tail);
  return node;
}

function grouped(marks) {
  const found = new Map();
  for (const mark of marks) found.set(mark.from, [...(found.get(mark.from) ?? []), mark]);
  return found;
}
