// One difference at a time: shown in both texts, in the ledger and in words; stepped through, and lit under the pointer.

import { h, nameTag, say } from './dom.js';
import { chip, dimensionOf } from './kinds.js';
import { entries, tell, viewOf } from './meaning.js';

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * @param root the view
 * @param state what the reader chose; `current` is the difference shown, as "column:number"
 * @param look { payload(), draw(), quiet() }: the payload, drawing anew, and keeping linked scrolling out of the way
 */
export function createSelection(root, state, look) {
  const said = h('p.said', { 'aria-live': 'polite' });
  const bar = h('div.current'); // stays in sight while the texts and the ledger scroll

  const all = () => entries(look.payload(), state);
  const marksOf = (id, where = root) => [...where.querySelectorAll(`.texts [data-d~="${id}"]`)];
  const rowOf = (id) => root.querySelector(`.ledger [data-row="${id}"]`);

  /** Sentence and counter above the texts, and what is highlighted, as `state.current` has it. */
  function refresh() {
    const found = all();
    const at = found.findIndex((e) => e.id === state.current);
    if (at < 0) state.current = null;
    const entry = found[at];
    root.querySelectorAll('.chosen').forEach((n) => n.classList.remove('chosen'));
    root.querySelectorAll('.ledger [aria-current]').forEach((n) => n.removeAttribute('aria-current'));
    if (viewOf(look.payload(), state) === 'meaning') {
      const where = root.querySelector('.where');
      if (where) where.textContent = found.length ? `${at + 1} / ${found.length}` : say('view.none');
    }
    if (!entry) {
      said.replaceChildren(found.length ? say('view.ledger.step') : '');
      return;
    }
    marksOf(entry.id).forEach((n) => n.classList.add('chosen'));
    rowOf(entry.id)?.setAttribute('aria-current', 'true');
    const { item, column, index } = entry;
    const parts = [chip(item.kind, dimensionOf(item), item.severity, item.change), h('span.sentence', { dir: 'auto' }, tell(item))];
    if (look.payload().columns.length > 1) parts.unshift(nameTag(column, index));
    said.replaceChildren(...parts);
  }

  /** Scroll a text inside its box until a mark stands in its middle third. */
  function reveal(mark) {
    const box = mark?.closest('.text');
    if (!box) return;
    const [at, frame] = [mark.getBoundingClientRect(), box.getBoundingClientRect()];
    if (at.top < frame.top + 10 || at.bottom > frame.bottom - 10) box.scrollTop += at.top - frame.top - frame.height / 3;
  }

  /** Show a difference. `to` is where the reader goes: 'text', 'row', or null to stay where she is. */
  function select(id, to) {
    state.current = id;
    if (to === 'text' && viewOf(look.payload(), state) !== 'meaning') state.view = 'meaning';
    look.draw();
    const behavior = still() ? 'auto' : 'smooth';
    if (to === 'row') {
      const row = rowOf(id);
      row?.focus({ preventScroll: true });
      row?.scrollIntoView({ block: 'center', behavior });
    } else if (to === 'text') {
      look.quiet();
      const [column] = id.split(':');
      const own = root.querySelector(`.texts [data-column="${column}"]`);
      const heads = marksOf(id).filter((n) => n.matches('.head'));
      heads.forEach(reveal);
      const there = heads.find((n) => own?.contains(n)) ?? heads[0];
      if (!there) return;
      const scroller = root.querySelector('.texts');
      const section = there.closest('.column');
      const pinned = root.querySelector('.column.pinned');
      if (!section.matches('.pinned') && scroller.scrollWidth > scroller.clientWidth) {
        const covered = getComputedStyle(pinned).position === 'sticky' ? pinned.offsetWidth + 10 : 0;
        scroller.scrollTo({ left: section.offsetLeft - scroller.offsetLeft - covered, behavior });
      }
      there.focus({ preventScroll: true });
      const box = there.getBoundingClientRect();
      // Not scrollIntoView: that would end the sideways scroll above.
      if (box.top < 120 || box.bottom > innerHeight - 60) scrollBy({ top: box.top - innerHeight / 2, behavior });
    }
  }

  function jump(by) {
    const found = all();
    if (!found.length) return;
    const at = found.findIndex((e) => e.id === state.current);
    select(found[(at + by + found.length + (at < 0 && by < 0 ? 1 : 0)) % found.length].id, 'text');
  }

  /** Differences that a place in a text belongs to, the narrowest first. */
  function marked(node) {
    const found = [];
    for (let at = node?.closest?.('[data-d]'); at; at = at.parentElement.closest('[data-d]')) found.push(...at.dataset.d.split(' '));
    return found;
  }

  /** Light up what belongs to a mark or a row. */
  function light(target) {
    root.querySelectorAll('.near').forEach((n) => n.classList.remove('near'));
    const ids = [...marked(target), target?.closest?.('[data-row]')?.dataset.row].filter(Boolean);
    for (const id of ids) [...marksOf(id), rowOf(id)].forEach((n) => n?.classList.add('near'));
  }

  /** The difference that a mark leads to: the current one where it is among several, else the first that is listed. */
  function pick(ids) {
    const listed = all().map((e) => e.id);
    return ids.find((id) => id === state.current) ?? ids.find((id) => listed.includes(id)) ?? ids[0];
  }

  root.addEventListener('click', (event) => {
    const row = event.target.closest('[data-row]');
    const ids = marked(event.target);
    if (row) {
      if (String(getSelection()) === '') select(row.dataset.row, 'text');
    } else if (ids.length) choose(pick(ids), null);
  });

  /** A mark in a column that the ledger does not list makes the ledger list it. */
  function choose(id, to) {
    const column = Number(id.split(':')[0]);
    if (!all().some((e) => e.id === id)) state.focus = column;
    select(id, to);
  }

  root.addEventListener('keydown', (event) => {
    const row = event.target.closest?.('[data-row]');
    const head = event.target.closest?.('.head');
    if (event.key === 'Enter' || event.key === ' ') {
      if (row) select(row.dataset.row, 'text');
      else if (head) choose(pick(head.dataset.d.split(' ')), 'row');
      else return;
    } else if (row && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const rows = [...root.querySelectorAll('[data-row]')];
      rows[rows.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  return { bar: (steps) => (bar.replaceChildren(said, steps), bar), refresh, jump, light };
}
