// A little Markdown as elements made from text: headings, lists, paragraphs, code, bold, italics. Links stay text, HTML stays text.

import { h } from './dom.js';

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b/g;

function inline(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, bold2, italic, italic2] = match;
    found.push(text.slice(at, match.index));
    found.push(code ? h('code', {}, code) : bold ?? bold2 ? h('strong', {}, bold ?? bold2) : h('em', {}, italic ?? italic2));
    at = match.index + whole.length;
  }
  return [...found, text.slice(at)].filter((part) => part !== '');
}

/** Elements for a Markdown text. */
export function markdown(text) {
  const made = [];
  let list = null;
  let lines = [];
  const paragraph = () => {
    if (lines.length) made.push(h('p', {}, inline(lines.join(' '))));
    lines = [];
  };
  const source = text.replace(/\r\n?/g, '\n').split('\n');
  for (let n = 0; n < source.length; n += 1) {
    const line = source[n];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^\s*(?:([-*+])|\d+[.)])\s+(.*)$/.exec(line);
    if (/^```/.test(line)) {
      paragraph();
      const end = source.findIndex((one, m) => m > n && /^```/.test(one));
      made.push(h('pre', {}, source.slice(n + 1, end < 0 ? undefined : end).join('\n')));
      n = end < 0 ? source.length : end;
      list = null;
    } else if (heading) {
      paragraph();
      made.push(h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])));
      list = null;
    } else if (item) {
      paragraph();
      const tag = item[1] ? 'ul' : 'ol';
      if (list?.tagName.toLowerCase() !== tag) made.push((list = h(tag)));
      list.append(h('li', {}, inline(item[2])));
    } else if (!line.trim()) {
      paragraph();
      list = null;
    } else if (list && /^\s/.test(line)) list.lastChild.append(' ', ...inline(line.trim()));
    else {
      list = null;
      lines.push(line.trim());
    }
  }
  paragraph();
  return made;
}
