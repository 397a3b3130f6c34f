// One side of an item: plain text in which words are marked, by mouse, touch or keyboard. Offsets are code points.

import { h, say } from './dom.js';
import { letter } from './kinds.js';

// A word with what joins its parts (3.5, blue-banded), a letter of a script without spaces, white space, or another character.
const PIECE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}]+(?:[.,'’_:/@-][\p{L}\p{N}\p{M}]+)*|\s+|./gsu;

/** [{ text, start, end, word }] that make up the text; `word` false for white space. */
export function pieces(text) {
  let at = 0;
  return (text.match(PIECE) ?? []).map((part) => {
    const start = at;
    at += [...part].length;
    return { text: part, start, end: at, word: part.trim() !== '' };
  });
}

/** @param select called with a span { start, end, text } that was marked, or null */
export function createSide(side, select) {
  const body = h('div.words', { 'aria-label': say(`annotate.${side}`), role: 'group' });
  const node = h('section.side', { data: { side } }, h('h3', {}, say(`annotate.${side}`)), body);
  let parts = [];
  let spans = [];
  let anchor = null; // a word, from which Shift extends

  function fill(text) {
    parts = pieces(text);
    spans = parts.map((part, n) => h(part.word ? 'span.p.word' : 'span.p', { data: { n }, tabIndex: part.word ? -1 : null }, part.text));
    body.replaceChildren(...(spans.length ? spans : [h('span.empty', {}, '∅')]));
    const first = spans.find((s) => s.matches('.word'));
    if (first) first.tabIndex = 0;
    anchor = null;
  }

  function choose(from, to) {
    let [a, b] = from <= to ? [from, to] : [to, from];
    while (a < b && !parts[a].word) a += 1;
    while (b > a && !parts[b].word) b -= 1;
    if (!parts[a]?.word) return;
    select({ start: parts[a].start, end: parts[b].end, text: parts.slice(a, b + 1).map((p) => p.text).join('') });
  }

  const pieceOf = (target) => (target.nodeType === 1 ? target : target.parentElement)?.closest('.p');

  /** Mark what is selected in the browser's own way; was there anything? */
  function take() {
    const chosen = getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return false;
    const range = chosen.getRangeAt(0);
    const inside = spans.filter((s) => s.matches('.word') && range.intersectsNode(s) && covers(range, s));
    if (!inside.length) return false;
    chosen.removeAllRanges();
    anchor = Number(inside[0].dataset.n);
    choose(anchor, Number(inside.at(-1).dataset.n));
    return true;
  }

  // A finger drawn along the line selects, up and down it scrolls (touch-action in the style sheet).
  let from = null;
  const drag = (event) => {
    const to = from && event.pointerType !== 'mouse' ? pieceOf(document.elementFromPoint(event.clientX, event.clientY) ?? body) : null;
    if (!to || to === from || !body.contains(to)) return;
    const ends = from.compareDocumentPosition(to) & Node.DOCUMENT_POSITION_FOLLOWING ? [from, 0, to, to.childNodes.length] : [from, from.childNodes.length, to, 0];
    getSelection().setBaseAndExtent(...ends);
  };
  body.addEventListener('pointerdown', (event) => (from = pieceOf(event.target)));
  body.addEventListener('pointermove', drag);
  // A mouse's selection stands when its click arrives, and keys may follow at once; a finger's comes a moment after it is lifted.
  body.addEventListener('pointerup', (event) => event.pointerType !== 'mouse' && setTimeout(take));
  body.addEventListener('click', (event) => {
    if (take()) return;
    const piece = pieceOf(event.target);
    if (!piece?.matches('.word')) return;
    const n = Number(piece.dataset.n);
    const from = event.shiftKey && anchor !== null ? anchor : n;
    if (!event.shiftKey) anchor = n;
    choose(from, n);
    if (event.detail) piece.blur(); // arrows are for items again
  });
  // On a focused word: arrows walk, with Shift they extend, Space marks.
  body.addEventListener('keydown', (event) => {
    const piece = pieceOf(event.target);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!piece?.matches('.word') || event.ctrlKey || event.metaKey || event.altKey) return;
    const n = Number(piece.dataset.n);
    if (event.key === ' ') {
      anchor = n;
      choose(n, n);
    } else if (event.key === 'Escape') {
      piece.blur();
    } else if (by) {
      let to = n + by;
      while (parts[to] && !parts[to].word) to += by;
      if (parts[to]) {
        if (event.shiftKey && anchor === null) anchor = n;
        spans[n].tabIndex = -1;
        spans[to].tabIndex = 0;
        spans[to].focus();
        if (event.shiftKey) choose(anchor, to);
        else anchor = null;
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  /** Whether a range holds more of a word than its edge. */
  function covers(range, word) {
    const own = document.createRange();
    own.selectNodeContents(word);
    return range.compareBoundaryPoints(Range.END_TO_START, own) < 0 && range.compareBoundaryPoints(Range.START_TO_END, own) > 0;
  }

  /** Draw marks: [{ span, number, kind, dimension, severity, state, current }], and the selected span. */
  function mark(rows, pending) {
    spans.forEach((s) => {
      s.className = s.matches('.word') ? 'p word' : 'p';
      delete s.dataset.m;
    });
    const paint = (span, classes, label) => {
      if (!span) return;
      const inside = spans.filter((_, n) => parts[n].start < span.end && parts[n].end > span.start);
      inside.forEach((s) => s.classList.add(...classes));
      inside[0]?.classList.add('first');
      if (label && inside[0]) inside[0].dataset.m = [inside[0].dataset.m, label].filter(Boolean).join(' ');
    };
    for (const row of rows) {
      if (row.state === 'rejected' && !row.current) continue;
      paint(row.span, [row.state, `d-${row.dimension}`, row.state === 'kept' ? row.severity : '', ...(row.current ? ['here'] : [])].filter(Boolean), `${row.number}${letter(row.kind)}`);
    }
    paint(pending, ['pending'], null);
  }

  const reveal = () => {
    const there = body.querySelector('.here');
    if (!there) return;
    const [box, at] = [body.getBoundingClientRect(), there.getBoundingClientRect()];
    if (at.top < box.top || at.bottom > box.bottom) body.scrollTop += at.top - box.top - box.height / 3;
  };
  return { node, fill, mark, reveal };
}
