// A talk in one file: the gallery's stored results, or a list of one's own as it was computed here. The server makes what is around
// own cases; the browser puts them in, so that they are kept nowhere else.

import { h, say } from './dom.js';
import { own } from './present-list.js';
import { ask, button, doing, file, save } from './take.js';

const EMPTY = '"slides": []'; // as `talk_frame` in inspector/views/export_html.py writes it, before any text
const NAME = 'my-talk.html';

/** The frame with its slides. Nothing in them can end the script they stand in. */
function filled(frame, slides) {
  const at = frame.indexOf(EMPTY);
  if (at < 0) throw new Error('the frame of a talk has no place for slides');
  const json = JSON.stringify(slides).replace(/[<\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${frame.slice(0, at)}"slides": ${json}${frame.slice(at + EMPTY.length)}`;
}

/** Compute what is missing of a list of present mode, then save all of it; resolves to what to say. */
export async function saveTalk(list, tell) {
  const made = await window.inspector.talk.computed(list, tell);
  if (!made) return say('export.talk.stopped');
  const missing = made.filter(({ why }) => why).map(({ title, why }) => `${title} (${why.replace(/[.。]$/, '')})`);
  const lacks = missing.length ? ` ${say('export.talk.missing', { n: missing.length, of: made.length, list: missing.join('; ') })}` : '';
  if (missing.length === made.length) return say('export.talk.nothing') + lacks;
  const told = await ask({ kind: 'talk', own: true });
  if (told.error) return told.error;
  const slides = made.filter(({ why }) => !why).map(({ id, title, look, payload }) => ({ id, title, look, live: true, payload: { ...payload, stored: null } }));
  save(filled(told.text, slides), NAME, 'text/html;charset=utf-8');
  return say('export.saved', { name: NAME }) + lacks;
}

/** Two buttons: the gallery, and one's own list; `said` tells how it goes. */
export function talkButtons(said) {
  const stop = button(say('page.stop'), () => window.inspector.talk.stop());
  const tell = (now) => said.replaceChildren(say('present.warming', now), ' ', stop);
  const made = (id, label, hint, work, props) => Object.assign(button(label, doing(said, work, 'export.failed'), say('export.talk')), { title: say(hint), ...props, className: `talk-${id}` });
  const n = own.cases.length;
  return [
    made('gallery', say('present.list.gallery'), 'export.talk.hint', file('talk')),
    made('own', `${say('present.list.own')} ${n}`, n ? 'export.talk.own.hint' : 'present.own.empty', () => saveTalk('own', tell), { disabled: !n }),
  ];
}

/** The same with its own line, for the Gallery page. */
export function talkLine() {
  const said = h('span.hint', { role: 'status' });
  const buttons = h('span.buttons');
  const draw = () => buttons.replaceChildren(...talkButtons(said));
  draw();
  document.addEventListener('inspector:list', draw);
  return h('p.take', {}, h('span', {}, say('export.talk')), buttons, said);
}
