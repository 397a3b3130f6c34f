// The Gallery page: draws the cards of inspector/views/gallery.py; a card opens on the compare page.

import { h, has, loadWords, say } from './dom.js';
import { talkLine } from './talk-file.js';

/** Mount into `element`; the cards are asked for when the page is first seen. */
export async function mount(element, props, watch) {
  await loadWords(null);
  const root = h('div.cv.gallery');
  element.replaceChildren(root);
  let cards = [];

  const title = (card) => say(`gallery.${card.id}.title`);

  /** Open the case at a place of the list, and say on the compare page what to look at, with ways to the next and the last. */
  function open(index) {
    const card = cards[(index + cards.length) % cards.length];
    window.inspector.openCase(card);
    const step = (by, sign, key) => h('button', { type: 'button', 'aria-label': say(key), title: say(key), onclick: () => open(cards.indexOf(card) + by) }, sign);
    document.querySelector('#look')?.replaceChildren(
      h('strong', {}, title(card)),
      ' ',
      say(`gallery.${card.id}.look`),
      h('span.steps', {}, step(-1, '‹', 'gallery.previous'), ` ${cards.indexOf(card) + 1} / ${cards.length} `, step(1, '›', 'gallery.next')),
    );
  }

  /** A stretch with the words around it; `words` says which of it are the source's. */
  function line(name, parts, words) {
    const [before, stretch, after] = parts;
    const gap = /^[\s.,;:!?)]/.test(after) || !after ? '' : ' ';
    return [
      h('dt', {}, say(`gallery.${name}`)),
      h('dd', {}, h('span.around', {}, `… ${before} `), h('span.stretch', {}, (words ?? [[stretch, true]]).flatMap(([text, same]) => [text.match(/^\s*/)[0], h(same ? 'span' : 'span.now', {}, text.trimStart())]), stretch ? null : '∅'), h('span.around', {}, `${gap}${after} …`)),
    ];
  }

  function draw(card, index) {
    const lines = card.before ? h('dl.lines', {}, ...line('before', card.before), ...line('after', card.after, card.words)) : null;
    const button = h('button', { type: 'button', disabled: !card.ready, onclick: () => open(index) }, say('gallery.open'));
    return h(
      'li.card',
      { data: { case: card.id } },
      h('h3', {}, title(card)),
      h('p.look', {}, say(`gallery.${card.id}.look`)),
      lines,
      card.fails === false ? h('p', {}, say('gallery.no_longer')) : null,
      has(`gallery.${card.id}.note`) ? h('p.note', {}, say(`gallery.${card.id}.note`)) : null,
      h('div.foot', {}, button, h('span.name', {}, card.compressor), card.ready ? null : h('span', {}, say('gallery.absent'))),
    );
  }

  function receive() {
    cards = JSON.parse(props.value?.json ?? 'null') ?? [];
    root.replaceChildren(h('p.about', {}, say('gallery.about')), talkLine(), h('ol.cards', {}, cards.map(draw)));
  }

  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting) || cards.length) return;
    document.querySelector('#gallery-go')?.click();
  });
  seen.observe(element);
  watch('value', receive);
}
